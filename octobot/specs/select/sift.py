"""The greatest version is not always the next one: what speaks against it is weighed here.

A monorepo tags other projects, too, a monitor lists what nobody tagged, and a tag `19971201` of
long ago is greater than every `2.24.33`.  A candidate that cannot be what the spec would build is
dropped, and the plausible one below it is proposed.  What is only unusual is dropped where a usual
version is newer than the spec as well: alone it is proposed, and waits for a person's approval.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice, takewhile

from octobot.model.ids import Version
from octobot.model.package import Package
from octobot.model.reasons import ReasonCode
from octobot.model.release import Candidate, Dropped, Release, Selection
from octobot.model.version import disagreement, is_greater, order_key
from octobot.specs.select.jump import between

_MAY_DIFFER = re.compile(r"\.0[0-9]|_|[0-9]{19}")
"""What apk-tools and apko read differently: else they agree, which is quickly seen."""
WEIGHED = 1000
"""Candidates that are weighed; with more of them above the spec nothing can be made out."""


@dataclass(frozen=True, slots=True)
class Doubts:
    """What is known against candidates, beyond their names and numbers."""

    untagged: Callable[[Candidate], str] = lambda _: ""
    """Why upstream has not what the spec would check out; empty: it has, or nobody knows."""
    missing: Callable[[Candidate], str] = lambda _: ""
    """Why its pins could not be found a while ago; empty: they were not looked for."""
    ignored: Callable[[Candidate], bool] = lambda _: False
    """Whether a person ordered not to propose it: such a candidate stands for nothing."""
    own: Release | None = None
    """The release that the spec has; None: the one with the spec's version."""
    largest_jump: int = 1


@dataclass(slots=True)
class _Weighed:
    """What became of the candidates above the spec's version."""

    good: Candidate | None = None
    unusual: list[tuple[Candidate, str]] = field(default_factory=list)
    missing: list[tuple[Candidate, str]] = field(default_factory=list)
    dropped: list[Dropped] = field(default_factory=list)


def sift(package: Package, selection: Selection, doubts: Doubts) -> Selection:
    """Drop what must not be proposed of the candidates that are greater than the spec's version."""
    if selection.newest is None or (package.upstream and package.upstream.kind == "branch"):
        return selection
    accepted = (selection.newest, *selection.unchosen)
    doubts = replace(doubts, own=doubts.own or _own_release(package, accepted))
    here = order_key(package.version)
    above = takewhile(lambda one: order_key(one.version) > here, accepted)
    in_turn = package.update.require_sequential  # from the lowest up, so all of them are needed
    newer = list(above)[::-1] if in_turn else list(islice(above, WEIGHED))
    weighed = _weigh(package, newer[:WEIGHED], doubts)
    dropped = [*weighed.dropped, *_greater_for_apko(package, accepted[len(newer) :], doubts)]
    gone = {one.name for one in dropped}
    left = [one for one in accepted if one.release.name not in gone] if gone else accepted
    newest = left[0] if left else None
    return Selection(newest, (*selection.dropped, *dropped), tuple(left[1:]))


def _own_release(package: Package, accepted: Sequence[Candidate]) -> Release | None:
    return next((one.release for one in accepted if one.version == package.version), None)


def _weigh(package: Package, newer: Sequence[Candidate], doubts: Doubts) -> _Weighed:
    """Go through the candidates until the one that is to be proposed."""
    found, here = _Weighed(), package.version
    for one in newer:
        if doubts.ignored(one):
            continue
        if not is_greater(one.version, here):
            detail = disagreement(one.version, here) or f"{one.version} is not greater than {here}"
            found.dropped.append(_drop(one, ReasonCode.NOT_GREATER, detail))
        elif said := between(here, one.version).unusual(doubts.largest_jump):
            found.unusual.append((one, said))
        elif said := doubts.untagged(one):
            # In a monorepo the old tags of other projects are no news.
            old = _is_older(one.release, doubts.own)
            found.dropped.append(_drop(one, None if old else ReasonCode.PIN_UNRESOLVED, said))
        elif said := doubts.missing(one):
            found.missing.append((one, said))
        else:
            found.good = one
            break
    return _settled(found, doubts)


def _settled(found: _Weighed, doubts: Doubts) -> _Weighed:
    """Drop what was not chosen, now that it is known what was."""
    if found.good is None and found.missing:
        found.good = found.missing.pop(0)[0]  # nothing else is newer: it may come yet
    found.dropped += _without_usual(found, doubts) if found.good is None else _behind(found)
    found.dropped += [_drop(one, ReasonCode.PIN_UNRESOLVED, said) for one, said in found.missing]
    return found


def _behind(found: _Weighed) -> Iterator[Dropped]:
    """Drop what is unusual, since something usual is newer as well."""
    first = found.good.version if found.good else ""
    for one, said in found.unusual:
        detail = f"{said} ({one.release.name}); {first} is newer, too, and usual"
        yield _drop(one, ReasonCode.UNUSUAL_JUMP, detail)


def _without_usual(found: _Weighed, doubts: Doubts) -> Iterator[Dropped]:
    """Drop what is unusual and old, or cannot be found, up to the first that may be meant."""
    for one, said in found.unusual:
        if _is_older(one.release, doubts.own):
            detail = f"{said} ({one.release.name}), and it is older than the spec's own version"
            yield _drop(one, ReasonCode.UNUSUAL_JUMP, detail)
        elif untagged := doubts.untagged(one):
            yield _drop(one, ReasonCode.UNUSUAL_JUMP, f"{said}, and {untagged}")
        else:
            break


def _greater_for_apko(
    package: Package, older: Sequence[Candidate], doubts: Doubts
) -> Iterator[Dropped]:
    """Drop what apko would install in place of the spec's version, unless it is known to be old."""
    may_differ = _MAY_DIFFER.search(package.version) is not None
    for one in older:
        if not may_differ and _MAY_DIFFER.search(one.version) is None:
            continue
        detail = disagreement(one.version, package.version)
        if detail and not _is_older(one.release, doubts.own) and not doubts.ignored(one):
            yield _drop(one, ReasonCode.NOT_GREATER, detail)


def _is_older(release: Release, own: Release | None) -> bool:
    """Return whether a release is dated before the spec's own; False when that is not known."""
    date, before = _date(release), _date(own) if own else None
    return date is not None and before is not None and date < before


def _date(release: Release) -> datetime | None:
    return release.published or release.committed


def _drop(one: Candidate, code: ReasonCode | None, detail: str) -> Dropped:
    return Dropped(one.release.name, detail, Version(one.version), code)
