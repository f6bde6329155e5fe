"""One `git-checkout`: which ref of which repository it takes, at a given version."""

from dataclasses import dataclass

from octobot.specs.read.nodes import Map
from octobot.specs.read.substitution import Scope, Unknown, derives_from_version, evaluate


@dataclass(frozen=True, slots=True)
class Target:
    """What a checkout takes, evaluated."""

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
    """Tell whether the checkout takes a branch's head, not a tag or a branch per version."""
    return not inputs.text("tag") and not derives_from_version(inputs.text("branch"), known)


def tied_to_version(inputs: Map, known: Scope) -> bool:
    """Tell whether repository or ref derive from the version."""
    named = (inputs.text("repository"), inputs.text("tag") or inputs.text("branch"))
    return any(derives_from_version(template, known) for template in named)
