"""The new values of a spec's pins: each checkout's own commit, each file's own digest.

A pin is asked for when what it pins changes with the version, or when it follows a branch.  What
does not change must stay: a moved tag or a file with other content is an alarm (MELANGE.md, 2.3,
2.4 and 2.8; the closed bot copied one repository's commit into another's checkout 11 times, and
followed 225 moved tags in a year).
"""

from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from typing import Literal

from octobot.model.bump import Answer, Ask
from octobot.model.ids import Sha
from octobot.model.reasons import Reason, ReasonCode, Where
from octobot.model.release import Candidate, Release
from octobot.specs.bump.lookups import Lookups
from octobot.specs.read.nodes import Map, Path, Scalar
from octobot.specs.read.package import identity
from octobot.specs.read.parsing import LONGEST_DETAIL, edit_tree
from octobot.specs.read.sources import (
    Holder,
    PipelineStep,
    Target,
    first_checkout,
    follows_branch,
    holder,
    steps,
    target_of,
    tied_to_version,
)
from octobot.specs.read.substitution import Scope, Unknown, derives_from_version, evaluate, scope

DIGESTS: dict[str, Literal["sha256", "sha512"]] = {
    "expected-sha256": "sha256",
    "expected-sha512": "sha512",
}


@dataclass(frozen=True, slots=True)
class Job:
    """One bump: the spec, and what is known of it at both versions."""

    path: str
    spec: Map
    target: Candidate
    before: Scope
    after: Scope
    again: bool
    """The version stays: only a branch may have moved."""
    accepted: frozenset[Sha] = frozenset()
    """Commits that a person accepted for tags that were seen at other ones."""

    def refuse(self, code: ReasonCode, line: int, detail: str) -> Reason:
        """Say why there is no bump, and where in the spec."""
        return Reason(code, detail[:LONGEST_DETAIL], Where(self.path, line))


@dataclass(slots=True)
class Pins:
    """The new values of the pins."""

    values: dict[Path, tuple[Scalar, str]] = field(default_factory=dict)
    """New values by the path of the scalar that holds the pin; also those that stay the same."""
    main: Target | None = None
    """The source that the version belongs to: the first checkout that changes with it."""
    destination: str = ""
    """Where that checkout puts its files."""
    followed: bool = False
    """The spec follows a branch."""
    fixed: bool = False
    """The spec's sources do not depend on its version."""
    left: list[tuple[Target, Scalar]] = field(default_factory=list)
    """Branches that have left the pinned commit while the version stays."""

    @property
    def changed(self) -> bool:
        """Return whether any pin gets another value."""
        return any(scalar.text != value for scalar, value in self.values.values())


Finding = Generator[Ask, Answer, Reason | None]


def find_pins(job: Job, lookups: Lookups) -> Generator[Ask, Answer, Pins | Reason]:
    """Look up every pin that the bump changes; the first that cannot be resolved is a Reason."""
    pins = Pins()
    every = tuple(steps(job.spec))
    followed = _followed(job, every)
    for step in every:
        if step.uses == "git-checkout" and "expected-commit" in step.inputs.entries:
            problem = yield from _of_checkout(
                job, step, pins, lookups, followed=step.path == followed
            )
        elif step.uses == "fetch":
            problem = yield from _of_fetch(job, step, pins, lookups)
        else:
            continue
        if problem is not None:
            return problem
    main = [step for step in every if step.part == "pipeline"]
    pins.fixed = any(_pinned(step) for step in main) and not any(_moves(job, s) for s in main)
    return pins


def _pinned(step: PipelineStep) -> bool:
    return any(name in step.inputs.entries for name in ("expected-commit", *DIGESTS))


def _moves(job: Job, step: PipelineStep) -> bool:
    """Return whether a source changes with the new version."""
    if step.uses == "git-checkout":
        return target_of(step.inputs, job.before) != target_of(step.inputs, job.after)
    uri = step.inputs.text("uri")
    return step.uses == "fetch" and evaluate(uri, job.before) != evaluate(uri, job.after)


def _followed(job: Job, every: tuple[PipelineStep, ...]) -> Path | None:
    """Find the checkout whose branch is the package's source: the first, if no source is tied."""
    first = first_checkout(job.spec)
    if first is None or not follows_branch(first.inputs, job.after):
        return None
    main = (step for step in every if step.part == "pipeline")
    return None if any(_tied(step, job.after) for step in main) else first.path


def _tied(step: PipelineStep, known: Scope) -> bool:
    if step.uses == "git-checkout":
        return tied_to_version(step.inputs, known)
    return step.uses == "fetch" and derives_from_version(step.inputs.text("uri"), known)


def _repetitions(job: Job, step: PipelineStep) -> Iterator[tuple[Scope, Scope, str]]:
    for (before, key), (after, _) in zip(
        step.scopes(job.before), step.scopes(job.after), strict=True
    ):
        yield before, after, key


def _of_checkout(
    job: Job, step: PipelineStep, pins: Pins, lookups: Lookups, *, followed: bool
) -> Finding:
    for before, after, key in _repetitions(job, step):
        tied = tied_to_version(step.inputs, after)
        if not tied and not followed:
            continue
        target = target_of(step.inputs, after)
        if isinstance(target, Unknown):
            return job.refuse(ReasonCode.UNKNOWN_TEMPLATE, step.node.line, str(target))
        if not (job.again or followed) and target == target_of(step.inputs, before):
            continue
        held = holder(job.spec, step, "expected-commit", key)
        if held is None:
            return _unheld(job, step, "expected-commit")
        problem = yield from _resolve(job, target, held, pins, lookups)
        if problem is not None:
            return problem
        if step.part == "pipeline" and pins.main is None:
            pins.main, pins.followed = target, followed
            pins.destination = step.inputs.text("destination")
    return None


def _remedy(repository: str) -> str:
    """Return what to change in an address that octobot does not fetch from."""
    if repository.startswith("https://"):
        return ""
    return ": only https addresses are asked, write https:// in the spec"


def _resolve(job: Job, target: Target, held: Holder, pins: Pins, lookups: Lookups) -> Finding:
    commit = yield from lookups.commit(target.repository, target.ref)
    line = held.scalar.line
    if commit is None:
        detail = f"{target.ref} of {target.repository} names no commit{_remedy(target.repository)}"
        return job.refuse(ReasonCode.PIN_UNRESOLVED, line, detail)
    known = Sha(held.scalar.text) if job.again else _announced(job, target)
    moved = known not in (None, commit) and commit not in job.accepted
    if target.ref.startswith("refs/tags/") and moved:
        detail = f"{target.ref} of {target.repository} is now {commit}, not {known}"
        return job.refuse(ReasonCode.TAG_MOVED, line, detail)
    if job.again and moved:
        pins.left.append((target, held.scalar))
    return _hold(job, held, commit, pins)


def _announced(job: Job, target: Target) -> Sha | None:
    """Return the commit that the datasource saw for this tag, if it read this repository."""
    release = job.target.release
    block = job.spec.map("update") or Map(0, 1)
    github = block.map("github") or Map(0, 1)
    identifier = evaluate(github.text("identifier"), job.after)
    here = target.repository.lower().rstrip("/").removesuffix(".git")
    if target.ref != f"refs/tags/{release.name}" or isinstance(identifier, Unknown):
        return None
    return release.commit if here == f"https://github.com/{identifier.lower()}" else None


def _of_fetch(job: Job, step: PipelineStep, pins: Pins, lookups: Lookups) -> Finding:
    template = step.inputs.text("uri")
    for before, after, key in _repetitions(job, step):
        uri = evaluate(template, after)
        if isinstance(uri, Unknown):
            if derives_from_version(template, after):
                return job.refuse(ReasonCode.UNKNOWN_TEMPLATE, step.node.line, str(uri))
            continue
        stays = uri == evaluate(template, before)
        for name in DIGESTS:
            if name in step.inputs.entries:
                wanted = _Wanted(step, name, key, uri, stays)
                problem = yield from _of_digest(job, wanted, after, pins, lookups)
                if problem is not None:
                    return problem
    return None


@dataclass(frozen=True, slots=True)
class _Wanted:
    step: PipelineStep
    name: str
    key: str
    uri: str
    stays: bool


def _of_digest(job: Job, wanted: _Wanted, known: Scope, pins: Pins, lookups: Lookups) -> Finding:
    field_ = wanted.step.inputs.scalar(wanted.name)
    line = field_.line if field_ is not None else wanted.step.node.line
    digest = yield from lookups.digest(wanted.uri, DIGESTS[wanted.name])
    if wanted.stays:
        pinned = evaluate(wanted.step.inputs.text(wanted.name), known)
        # No answer is no alarm: the bump does not change this file, and the build checks it again.
        if digest is None or digest == pinned or isinstance(pinned, Unknown):
            return None
        detail = f"{wanted.uri} has {DIGESTS[wanted.name]} {digest}, not {pinned}"
        return job.refuse(ReasonCode.CHECKSUM_CHANGED, line, detail)
    if digest is None:
        return job.refuse(ReasonCode.PIN_UNRESOLVED, line, f"{wanted.uri} cannot be had")
    held = holder(job.spec, wanted.step, wanted.name, wanted.key)
    if held is None:
        return _unheld(job, wanted.step, wanted.name)
    return _hold(job, held, digest, pins)


def _hold(job: Job, held: Holder, value: str, pins: Pins) -> Reason | None:
    known = pins.values.setdefault(held.path, (held.scalar, value))
    if known[1] != value:
        detail = "two sources share this pin but not its value"
        return job.refuse(ReasonCode.PIN_UNRESOLVED, held.scalar.line, detail)
    return None


def _unheld(job: Job, step: PipelineStep, name: str) -> Reason:
    scalar = step.inputs.scalar(name)
    line = scalar.line if scalar is not None else step.node.line
    text = scalar.text if scalar is not None else ""
    detail = f"{name} is {text[:80]!r}, which is not one text that could be replaced"
    return job.refuse(ReasonCode.UNKNOWN_TEMPLATE, line, detail)


def verify(path: str, text: str) -> Generator[Ask, Answer, Reason | None]:
    """Look up every pin that depends on the version; None when each has its value still.

    TAG_MOVED and CHECKSUM_CHANGED are alarms; PIN_UNRESOLVED only means that nothing is known.
    Branches may move, but only forwards: WITHDRAWN_UPSTREAM is about a commit that left its branch.
    """
    spec = edit_tree(path, text)
    if isinstance(spec, Reason):
        return spec
    known_as = identity(path, spec)
    if isinstance(known_as, Reason):
        return known_as
    _, version, epoch = known_as
    known, lookups = scope(spec, version, str(epoch)), Lookups()
    target = Candidate(Release(version), version)
    pins = yield from find_pins(Job(path, spec, target, known, known, again=True), lookups)
    if isinstance(pins, Reason):
        return pins
    for branch, pin in pins.left:
        inside = yield from lookups.contained(branch.repository, branch.ref, (pin.text,))
        if pin.text not in inside and not lookups.unanswered:
            detail = (
                f"{branch.ref} of {branch.repository} does not contain {pin.text} any more;"
                " `/octobot recreate` takes what is there now"
            )
            return Reason(ReasonCode.WITHDRAWN_UPSTREAM, detail, Where(path, pin.line))
    if lookups.unanswered:
        detail = f"not answered: {lookups.unanswered[0]}"
        return Reason(ReasonCode.PIN_UNRESOLVED, detail)
    return None
