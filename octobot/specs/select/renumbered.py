"""Versions that are newer in time and lower in order, since the numbering began again."""

from collections.abc import Sequence

from octobot.model.ids import Version
from octobot.model.package import Package
from octobot.model.reasons import Reason, ReasonCode
from octobot.model.release import Candidate, Release, Selection
from octobot.model.version import is_greater
from octobot.specs.select.evidence import Facts, Stuck, accepted, is_older, own_release, same_dates
from octobot.specs.select.jump import is_date

_SMALL = 10
"""First numbers below this may restart behind a greater one."""


def renumbered(
    package: Package, releases: Sequence[Release], selection: Selection, facts: Facts
) -> Stuck | None:
    """Return what came after the spec's version and is lower; None: nothing."""
    if _first(package.version) < _SMALL:
        return None  # nothing is behind it, and it is no date
    own = own_release(package, releases, selection, facts)
    began, proven = _began(package, own, _lower(package, selection, facts), facts)
    newest = next((one for one in began if _is_built(one, facts)), None)  # which takes long
    if newest is None:
        return None
    detail = (
        f"{newest.release.name} is newer than the spec's {package.version}, and lower in order:"
        f" the numbering began again"
    )
    reason = Reason(ReasonCode.NUMBERING_RESTARTED, detail)
    return Stuck(reason, newest.release, newest.version, unproven=not proven)


def _began(
    package: Package, own: Release | None, lower: Sequence[Candidate], facts: Facts
) -> tuple[Sequence[Candidate], bool]:
    """Return where the numbering may have begun again, and whether dates prove that."""
    began = [one for one in lower if _restarts(package, one)]
    if own is not None and _is_dated(own, ()):  # without a date it is compared with nothing
        if not _is_dated(own, began):
            began = [one for one in began if _is_built(one, facts)]
        if _is_dated(own, began):
            return _only_later(package, own, lower, began), True
    return [one for one in began if _ends_dates(package, one)], False


def _is_dated(own: Release, others: Sequence[Candidate]) -> bool:
    """Return whether all of them have a date of the same kind."""
    return same_dates(own, [one.release for one in others]) is not None


def _lower(package: Package, selection: Selection, facts: Facts) -> Sequence[Candidate]:
    return [
        one
        for one in accepted(selection)
        if is_greater(package.version, one.version) and not facts.ignored(one.version)
    ]


def _only_later(
    package: Package, own: Release, lower: Sequence[Candidate], began: Sequence[Candidate]
) -> list[Candidate]:
    """Return those that are newer than the spec's version, and whose numbers only came then.

    Numbers that were in use beside the spec's are another line of versions, kept for long.
    """
    later = [one for one in began if is_older(own, one.release)]
    before = [one for one in lower if not is_older(own, one.release)]
    beside = _are_beside_dates(package, before)
    firsts = {_first(one.version) for one in before}
    return [
        one
        for one in later
        if (not beside if _ends_dates(package, one) else _first(one.version) not in firsts)
    ]


def _are_beside_dates(package: Package, before: Sequence[Candidate]) -> bool:
    """Return whether versions that are no dates came after one that is."""
    dates = [one for one in before if not _ends_dates(package, one)]
    numbers = [one for one in before if _ends_dates(package, one)]
    return any(is_older(date.release, one.release) for one in numbers for date in dates)


def _restarts(package: Package, one: Candidate) -> bool:
    if _ends_dates(package, one):
        return True
    return _first(package.version) >= _SMALL > _first(one.version)


def _is_built(one: Candidate, facts: Facts) -> bool:
    """Return whether the spec would check out this name, as far as that is known."""
    wanted = facts.tags_at(one.version)
    return not wanted or one.release.name in wanted


def _ends_dates(package: Package, one: Candidate) -> bool:
    """Return whether the spec's version is a date, and this one is not."""
    return is_date(package.version) and not is_date(one.version)


def _first(version: Version) -> int:
    digits = version[: len(version) - len(version.lstrip("0123456789"))]
    return int(digits)
