"""Where a spec's sources come from: the checkouts and fetches of all its pipelines.

Pipelines nest, subpackages and tests have them too, and a subpackage with a `range:` is repeated
for each item of its data.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from octobot.specs.read.nodes import Map, Node, Path, Scalar
from octobot.specs.read.substitution import Scope, Unknown, derives_from_version, evaluate, names_in

_ARCHITECTURE = re.compile(r"""\s*\$\{\{ *build\.arch *\}\}\s*==\s*(['"])(\w+)\1\s*""")
_ONE_NAME = re.compile(r"\$\{\{ *([A-Za-z0-9._-]+) *\}\}")
MOST_REPEATED = 4000
"""Steps of ranged subpackages, each as often as it is repeated; the distro has at most 224.  A
thousand items times a thousand steps fit into a file that looks harmless."""


@dataclass(frozen=True, slots=True)
class PipelineStep:
    """One step of a pipeline."""

    node: Map
    path: Path
    uses: str
    part: str
    """`pipeline`, `subpackages` or `test`: the key of the spec that contains it."""
    items: tuple[Path, Map] | None = None
    """For a ranged subpackage: the path of its data's items, and the items."""
    arch: str = ""
    """The architecture that an `if:` restricts it to."""

    @property
    def inputs(self) -> Map:
        """The step's `with:`."""
        return self.node.map("with") or Map(0, self.node.line)

    def scopes(self, known: Scope) -> Iterator[tuple[Scope, str]]:
        """Yield the scope of each repetition, with its range key (empty without a range)."""
        known = known.with_names({"build.arch": self.arch} if self.arch else {})
        if self.items is None:
            yield known, ""
            return
        items = self.items[1]
        for key in items.entries:
            yield known.with_names({"range.key": key, "range.value": items.text(key)}), key


@dataclass(frozen=True, slots=True)
class Holder:
    """The scalar whose text is a pin: the field itself, or the var or data item behind it."""

    scalar: Scalar
    path: Path


def steps(spec: Map) -> Iterator[PipelineStep]:
    """Yield every step, in the order of main pipeline, subpackages, tests."""
    yield from _steps(spec, ("pipeline",), "pipeline")
    for index, subpackage in enumerate(spec.items("subpackages")):
        if isinstance(subpackage, Map):
            yield from _of_subpackage(spec, subpackage, ("subpackages", index))
    test = spec.map("test")
    if test is not None:
        yield from _steps(test, ("test", "pipeline"), "test")


def repeats_too_much(spec: Map) -> bool:
    """Return whether ranges repeat the spec's steps more often than any real spec."""
    ranged = (step.items[1] for step in steps(spec) if step.items is not None)
    return bool(spec.items("data")) and sum(len(items.entries) for items in ranged) > MOST_REPEATED


def first_checkout(spec: Map) -> PipelineStep | None:
    """Find the first `git-checkout` of the main pipeline: the one that `git:` watches."""
    return next(_checkouts(spec), None)


def main_checkout(spec: Map, known: Scope) -> PipelineStep | None:
    """Return the checkout that changes with the version; without one the first checkout."""
    tied = (step for step in _checkouts(spec) if tied_to_version(step.inputs, known))
    return next(tied, first_checkout(spec))


def holder(spec: Map, step: PipelineStep, field: str, key: str) -> Holder | None:
    """Find what to rewrite so that this input changes; None when it is not one literal text.

    `key` is the range key of the repetition.
    """
    scalar = step.inputs.scalar(field)
    if scalar is None:
        return None
    if "${{" not in scalar.text:
        return Holder(scalar, (*step.path, "with", field))
    whole = _ONE_NAME.fullmatch(scalar.text)
    return _behind(spec, step, whole.group(1), key) if whole else None


def transformed_vars(spec: Map) -> frozenset[str]:
    """Return the names of vars that a var-transform computes."""
    rules = spec.items("var-transforms")
    return frozenset(rule.text("to") for rule in rules if isinstance(rule, Map))


def _behind(spec: Map, step: PipelineStep, name: str, key: str) -> Holder | None:
    if name == "range.value" and step.items is not None:
        path, items = step.items
        scalar = items.scalar(key)
        return Holder(scalar, (*path, key)) if scalar is not None else None
    room, _, var = name.partition(".")
    held = spec.map("vars")
    scalar = held.scalar(var) if room == "vars" and held is not None else None
    if scalar is None or var in transformed_vars(spec) or any(names_in(scalar.text)):
        return None
    return Holder(scalar, ("vars", var))


def _checkouts(spec: Map) -> Iterator[PipelineStep]:
    return (s for s in _steps(spec, ("pipeline",), "pipeline") if s.uses == "git-checkout")


def _of_subpackage(spec: Map, subpackage: Map, path: Path) -> Iterator[PipelineStep]:
    items = items_of(spec, subpackage.text("range")) if subpackage.text("range") else None
    yield from _steps(subpackage, (*path, "pipeline"), "subpackages", items)
    test = subpackage.map("test")
    if test is not None:
        yield from _steps(test, (*path, "test", "pipeline"), "test", items)


def items_of(spec: Map, name: str) -> tuple[Path, Map]:
    """Return the items of the data that a `range:` names, with their path; empty without any."""
    for index, data in enumerate(spec.items("data")):
        if isinstance(data, Map) and data.text("name") == name:
            return ("data", index, "items"), data.map("items") or Map(0, data.line)
    return ("data",), Map(0, 1)


def _steps(
    parent: Map, path: Path, part: str, items: tuple[Path, Map] | None = None, arch: str = ""
) -> Iterator[PipelineStep]:
    for index, node in enumerate(parent.items("pipeline")):
        if not isinstance(node, Map):
            continue
        here: Path = (*path, index)
        only = _architecture(node) or arch
        yield PipelineStep(node, here, node.text("uses"), part, items, only)
        if "pipeline" in node.entries:
            yield from _steps(node, (*here, "pipeline"), part, items, only)


def _architecture(node: Map) -> str:
    condition: Node | None = node.entries.get("if")
    if not isinstance(condition, Scalar):
        return ""
    found = _ARCHITECTURE.fullmatch(condition.text)
    return found.group(2) if found else ""


@dataclass(frozen=True, slots=True)
class Target:
    """The repository and ref of a checkout, evaluated."""

    repository: str
    ref: str
    """`refs/tags/NAME`, `refs/heads/NAME` or `HEAD`."""


def target_of(inputs: Map, known: Scope) -> Target | Unknown:
    """Evaluate the repository and the ref; a tag wins over a branch."""
    repository = evaluate(inputs.text("repository"), known)
    tag = evaluate(inputs.text("tag"), known)
    branch = evaluate(inputs.text("branch"), known)
    for part in (repository, tag, branch):
        if isinstance(part, Unknown):
            return part
    if tag:
        return Target(str(repository), f"refs/tags/{tag}")
    return Target(str(repository), f"refs/heads/{branch}" if branch else "HEAD")


def follows_branch(inputs: Map, known: Scope) -> bool:
    """Return whether the checkout takes a branch's head, not a tag or a branch per version."""
    return not inputs.text("tag") and not derives_from_version(inputs.text("branch"), known)


def tied_to_version(inputs: Map, known: Scope) -> bool:
    """Return whether repository or ref derive from the version."""
    named = (inputs.text("repository"), inputs.text("tag") or inputs.text("branch"))
    return any(derives_from_version(template, known) for template in named)
