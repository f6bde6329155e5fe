"""Bump a spec to a version: the new text, or why there is no bump.

A generator of lookups (`octobot.model.bump`): it asks for commits, digests, `go.mod` files and
ancestry.  A refusal is better than damage: a bump that changes nothing, lowers the version, follows
a moved tag or would have to guess a template is refused.
"""

from collections.abc import Iterator, Mapping, Sequence

from octobot.model.bump import Bumped, Bumping
from octobot.model.ids import Sha
from octobot.model.reasons import Reason, ReasonCode, Where
from octobot.model.release import Candidate
from octobot.model.version import disagreement, is_greater, parse
from octobot.specs.bump.edits import Edit, apply, rewrite
from octobot.specs.bump.lookups import Lookups
from octobot.specs.bump.pins import Job, Pins, find_pins
from octobot.specs.bump.prune import prune
from octobot.specs.read.nodes import Map, Path, Scalar, readable
from octobot.specs.read.package import identity
from octobot.specs.read.parsing import bad_spec, edit_tree
from octobot.specs.read.sources import steps
from octobot.specs.read.substitution import scope

Value = tuple[Path, Scalar, str, str | None]
"""Path, scalar, new value, and the quote if it changes."""


def bump(
    path: str, text: str, target: Candidate, *, accepted: frozenset[Sha] = frozenset()
) -> Bumping:
    """Bump the spec to the target's version; `path` is the spec's path in the distro.

    With the spec's own version as target only a followed branch can have moved: then the epoch
    rises by one.  A tag that moved is refused (TAG_MOVED), and so is a bump without any effect
    (EPOCH_ONLY, PINS_UNCHANGED).  `accepted` are commits that a person accepted for moved tags.
    """
    spec = edit_tree(path, text)
    if isinstance(spec, Reason):
        return spec
    job = _job(path, spec, target, accepted)
    if isinstance(job, Reason):
        return job
    lookups = Lookups()
    pins = yield from find_pins(job, lookups)
    if isinstance(pins, Reason):
        return pins
    if not pins.changed and (job.again or pins.followed or pins.fixed):
        return _without_effect(job, pins)
    edits = yield from prune(job, text, pins, lookups)
    return _written(job, text, pins, edits)


def rebuild(path: str, text: str) -> Bumped | Reason:
    """Raise the epoch by one and change nothing else."""
    return move(path, text, {})


def move(path: str, text: str, names: Mapping[str, str]) -> Bumped | Reason:
    """Build with other packages, old name → new, and raise the epoch by one.

    Names are replaced where they are written whole: in the environment, in steps' `needs` and in
    what steps hand to a pipeline (`go-package: go-1.26`); tests keep theirs.  A spec with none of
    them is refused.
    """
    spec = edit_tree(path, text)
    if isinstance(spec, Reason):
        return spec
    known_as = identity(path, spec)
    if isinstance(known_as, Reason):
        return known_as
    values: list[Value] = [
        (where, scalar, names[scalar.text], None)
        for where, scalar in _build_names(spec)
        if scalar.text in names
    ]
    if names and not values:
        return bad_spec(path, spec.line, f"{' and '.join(sorted(names))} is not written in it")
    package = spec.map("package") or Map(0, 1)
    epoch = package.scalar("epoch") or Scalar("", 0, 0, 1, "")
    values.append((("package", "epoch"), epoch, str(known_as[2] + 1), None))
    return _applied(path, text, spec, values, ())


def _build_names(spec: Map) -> Iterator[tuple[Path, Scalar]]:
    contents = (spec.map("environment") or Map(0, 1)).map("contents") or Map(0, 1)
    yield from _items(contents, ("environment", "contents", "packages"))
    for step in steps(spec):
        if "test" in step.path:
            continue
        yield from _items(step.node.map("needs") or Map(0, 1), (*step.path, "needs", "packages"))
        for key in step.inputs.entries:
            if scalar := step.inputs.scalar(key):
                yield (*step.path, "with", key), scalar


def _items(parent: Map, path: Path) -> Iterator[tuple[Path, Scalar]]:
    for index, item in enumerate(parent.items("packages")):
        if isinstance(item, Scalar):
            yield (*path, index), item


def _job(path: str, spec: Map, target: Candidate, accepted: frozenset[Sha]) -> Job | Reason:
    known_as = identity(path, spec)
    if isinstance(known_as, Reason):
        return known_as
    _, current, epoch = known_as
    package = spec.map("package")
    line = package.keys["version"].line if package is not None else 1
    version = parse(target.version)
    if version is None:
        detail = f"{target.version[:80]!r} is outside apk's version grammar"
        return Reason(ReasonCode.BAD_VERSION, detail, Where(path, line))
    if version != current and not is_greater(version, current):
        detail = disagreement(version, current) or f"{version} is not greater than {current}"
        return Reason(ReasonCode.NOT_GREATER, detail, Where(path, line))
    again = version == current
    after = scope(spec, version, str(epoch + 1) if again else "0")
    before = scope(spec, current, str(epoch))
    return Job(path, spec, target, before, after, again, accepted)


def _without_effect(job: Job, pins: Pins) -> Reason:
    package = job.spec.map("package")
    line = package.keys["version"].line if package is not None else 1
    if job.again:
        detail = "the version is the spec's own and no pin moved"
        return job.refuse(ReasonCode.EPOCH_ONLY, line, detail)
    stays = (
        "the branch is still at the pinned commit" if pins.followed else "no source has the version"
    )
    return job.refuse(ReasonCode.PINS_UNCHANGED, line, stays)


def _written(job: Job, text: str, pins: Pins, pruned: Sequence[Edit]) -> Bumped | Reason:
    package = job.spec.map("package") or Map(0, 1)
    epoch = str(int(package.text("epoch")) + 1 if job.again else 0)
    values: list[Value] = [(path, *held, None) for path, held in pins.values.items()]
    for key, value, quote in (("version", job.target.version, '"'), ("epoch", epoch, None)):
        scalar = package.scalar(key)
        if scalar is not None:
            values.append((("package", key), scalar, value, quote))
    return _applied(job.path, text, job.spec, values, pruned)


def _applied(
    path: str, text: str, spec: Map, values: Sequence[Value], pruned: Sequence[Edit]
) -> Bumped | Reason:
    edits = list(pruned)
    for where, scalar, value, quote in values:
        if scalar.text == value:
            continue
        edit = rewrite(scalar, where, value, quote=quote)
        if edit is None:
            return bad_spec(path, scalar.line, f"{readable(where)} is not written on one line")
        edits.append(edit)
    return apply(path, text, spec, edits)
