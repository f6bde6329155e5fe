"""Steps that raise the versions of the upstream's dependencies, and which `go.mod` they are about.

`go/bump` and `bump` run in each directory that `modroot` lists, one a line, below the step's own
`working-directory` (the distro's pipelines/bump.yaml); the repository may lie in a `destination`.
"""

import posixpath

from octobot.specs.read.sources import PipelineStep
from octobot.specs.read.substitution import Scope, Unknown, evaluate

ONLY_FOR_DEPS = frozenset(
    {
        "deps",
        "go-version",
        "language",
        "modroot",
        "show-diff",
        "skip-initial-tidy",
        "tidy",
        "tidy-compat",
        "work",
    }
)
"""Inputs that mean nothing without `deps`."""
MOST_ROOTS = 64
"""Directories of one step; the one step of the distro that has more (182) keeps what it has."""


def is_override(step: PipelineStep) -> bool:
    """Return whether a step raises the versions of the upstream's dependencies."""
    return step.uses in ("bump", "go/bump") and step.part != "test"


def listed_deps(step: PipelineStep) -> list[str]:
    """Return the entries `module@version` of the step."""
    return step.inputs.text("deps").split()


def module_roots(step: PipelineStep, known: Scope, destination: str) -> tuple[str, ...]:
    """Return the directories of the step's modules within the repository.

    Empty (nothing is known of the step) when one of them is outside the repository or cannot be
    evaluated, or when there are too many.
    """
    modroot = evaluate(step.inputs.text("modroot"), known)
    below = evaluate(step.node.text("working-directory"), known)
    within = evaluate(destination, known)
    if isinstance(modroot, Unknown) or isinstance(below, Unknown) or isinstance(within, Unknown):
        return ()
    lines = [line.strip() for line in modroot.splitlines() if line.strip()] or ["."]
    roots = [_inside(posixpath.join(below, line), within) for line in lines]
    if len(roots) > MOST_ROOTS or any(root.startswith(("..", "/")) for root in roots):
        return ()
    return tuple(dict.fromkeys(roots))


def _inside(directory: str, destination: str) -> str:
    where = posixpath.normpath(directory)
    if destination and not where.startswith("/"):
        return posixpath.relpath(where, posixpath.normpath(destination))
    return where
