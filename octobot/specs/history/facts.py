"""What an upstream had at the time of a recorded bump, derived from the specs before and after.

A backtest answers the lookups of a bump from these facts.  In a distro's history they are read from
the spec after the bump: the commits and digests that it pins, each with its source.  What the
recorded bump dropped is taken as no longer needed: an override that is gone was satisfied, one that
stayed was not, and a cherry-pick that is gone was contained.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from octobot.specs.bump.overrides import is_override, listed_deps, module_roots
from octobot.specs.bump.pins import DIGESTS
from octobot.specs.bump.prune import picked_commits
from octobot.specs.read.nodes import Map
from octobot.specs.read.sources import PipelineStep, Target, main_checkout, steps, target_of
from octobot.specs.read.substitution import Scope, evaluate, own_scope

ANYWHERE = "*"
"""The directory of a `go.mod` table that means every directory."""
_LOWER = "v0.0.0"
"""Lower than any override."""


@dataclass(frozen=True, slots=True)
class Facts:
    """The answers to the lookups of a bump."""

    commits: Mapping[Target, str] = field(default_factory=dict)
    digests: Mapping[tuple[str, str], str] = field(default_factory=dict)
    """By address and algorithm."""
    gomods: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Module path to version, by the module's directory in the repository, or for ANYWHERE."""
    contained: frozenset[str] | None = None
    """The cherry-picked commits that the new version contains; None: not known."""


def facts_of(before: Map, after: Map) -> Facts:
    """Read the facts of a recorded bump; sources with unknown templates are missing."""
    known = own_scope(after)
    commits: dict[Target, str] = {}
    digests: dict[tuple[str, str], str] = {}
    for step in steps(after):
        for here, _ in step.scopes(known):
            # Where two steps disagree about one source, the main pipeline decides.
            for target, commit in _commit(step, here):
                commits.setdefault(target, commit)
            for uri, algorithm, digest in _digests(step, here):
                digests.setdefault((uri, algorithm), digest)
    return Facts(commits, digests, _gomods(before, after), _contained(before, after))


def _commit(step: PipelineStep, known: Scope) -> Iterator[tuple[Target, str]]:
    if step.uses == "git-checkout":
        target = target_of(step.inputs, known)
        commit = evaluate(step.inputs.text("expected-commit"), known)
        if isinstance(target, Target) and isinstance(commit, str) and commit:
            yield target, commit


def _digests(step: PipelineStep, known: Scope) -> Iterator[tuple[str, str, str]]:
    uri = evaluate(step.inputs.text("uri"), known)
    if step.uses == "fetch" and isinstance(uri, str):
        for name, algorithm in DIGESTS.items():
            digest = evaluate(step.inputs.text(name), known)
            if isinstance(digest, str) and digest:
                yield uri, algorithm, digest


def _gomods(before: Map, after: Map) -> dict[str, dict[str, str]]:
    kept = {(root, entry.partition("@")[0]) for root, entry in _overrides(before, after)}
    found: dict[str, dict[str, str]] = {}
    for root, entry in _overrides(before, before):
        module, _, version = entry.partition("@")
        stays = (root, module) in kept
        found.setdefault(root, {})[module] = _LOWER if stays else version
    return found


def _overrides(before: Map, spec: Map) -> Iterator[tuple[str, str]]:
    """Yield (directory, `module@version`); the directories are those of the spec before."""
    known = own_scope(before)
    main = main_checkout(spec, known)
    destination = main.inputs.text("destination") if main else ""
    for step in steps(spec):
        if is_override(step):
            for root in module_roots(step, known, destination):
                yield from ((root, entry) for entry in listed_deps(step))


def _contained(before: Map, after: Map) -> frozenset[str]:
    old, new = (
        {each for step in steps(spec) for each in picked_commits(step)} for spec in (before, after)
    )
    return frozenset(old - new)
