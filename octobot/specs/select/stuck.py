"""Why nothing newer is found though upstream continues: what keeps a package, and what *is* there.

A package that finds nothing newer may be up to date, or its update block, its checkout or its
numbering may have come apart from what upstream does.  The second is said only where the evidence
convinces: a false alarm on a distro of thousands is worse than a late one.

* The spec's own tag is gone: it is not in a list of all tags, or GitHub said that it is gone.
* The name that the spec would check out at a newer version is there, and the update block drops it:
  it has a tag and no release, or a filter does not let it in.  A filter with digits is taken for
  meant, unless what it keeps has been silent for half a year.
* A newer version is there under another name than the spec would check out.  Names of another part
  of a repository (`chart-1.2` beside `v1.1`) do not count.
* What is newer in time is lower in order, since the numbering began again.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from octobot.model.ids import Version
from octobot.model.package import Package
from octobot.model.reasons import Reason, ReasonCode
from octobot.model.release import Dropped, Release, Selection
from octobot.model.stream import is_inside, stream_of
from octobot.model.version import is_greater, order_key
from octobot.specs.select.evidence import (
    Facts,
    Stuck,
    accepted,
    is_older,
    own_release,
    same_dates,
)
from octobot.specs.select.jump import between
from octobot.specs.select.newest import UNRELEASED
from octobot.specs.select.renumbered import renumbered
from octobot.specs.select.tag_names import TagName, component, is_general, read_name

SILENT = timedelta(days=180)
"""A filter with digits is meant, unless nothing that it keeps appeared for so long."""
_SILENT_NAMES = 50
"""The greatest names that it keeps, of which that is asked."""
_MANY = 3
"""Names that such a filter must drop; and names that a reason lists."""


@dataclass(frozen=True, slots=True)
class _Newer:
    """A name that looks newer than the spec, and why it was dropped."""

    release: Release
    tag: TagName
    version: Version
    because: str


def find_stuck(
    package: Package, releases: Sequence[Release], selection: Selection, facts: Facts
) -> Stuck | None:
    """Return what keeps a package that has nothing to go to; None: nothing does."""
    if package.upstream is None or package.upstream.kind == "branch":
        return None
    facts = replace(facts, own=facts.own or _own_name(package, selection))
    newer = sorted(
        _newer(package, releases, selection, facts),
        key=lambda one: (order_key(one.version), one.tag.name),
        reverse=True,
    )
    return (
        _own_tag(package, releases, selection, facts)
        or _dropped(package, newer, selection, facts)
        or _renamed(package, releases, newer, facts)
        or renumbered(package, releases, selection, facts)
    )


def _own_name(package: Package, selection: Selection) -> Sequence[str]:
    same = (one for one in accepted(selection) if one.version == package.version)
    return [one.release.name for one in same][:1]


def _newer(
    package: Package, releases: Sequence[Release], selection: Selection, facts: Facts
) -> Iterator[_Newer]:
    """Yield what looks like a usual next version, and was not taken."""
    dropped = {one.name: one for one in selection.dropped}
    own = own_release(package, releases, selection, facts)
    near = _near(package, facts.largest_jump)
    for release in releases:
        why = dropped.get(release.name)
        if why is None or not _is_final(release) or not _has_number(release.name, near):
            continue
        tag = read_name(release.name)
        version = _version_of(tag, why) if tag else None
        if tag is None or version is None or is_older(release, own):
            continue
        if _is_next(package, version, facts):
            yield _Newer(release, tag, version, _why(why))


def _is_final(release: Release) -> bool:
    return not (release.draft or release.yanked or release.prerelease)


def _has_number(name: str, near: range) -> bool:
    return any(int(number) in near for number in _NUMBER.findall(name))


def _version_of(tag: TagName, why: Dropped) -> Version | None:
    """Return the version that a dropped name has; None: selection knew none, and judged it so."""
    if why.code in _SAID and why.version is None:
        return None
    return why.version or tag.version


_NUMBER = re.compile(r"[0-9]{1,9}")
_YEARS = 1900
_RUNNING = 10


def _near(package: Package, largest_jump: int) -> range:
    """Return the first numbers that a usual next version may have, so that few names are read."""
    found = _NUMBER.match(package.version)
    first = int(found.group()) if found else 0
    if first >= _YEARS:  # a year, or a day
        return range(first, 10**9)
    return range(first, first + max(largest_jump, _RUNNING, first // _RUNNING) + 1)


_SAID = (ReasonCode.LEAVES_STREAM, ReasonCode.UNUSUAL_JUMP, ReasonCode.NOT_GREATER)
"""What selection itself says, which is no filter's doing."""


def _why(dropped: Dropped) -> str:
    return dropped.code.value if dropped.code else dropped.because


def _is_next(package: Package, version: Version, facts: Facts) -> bool:
    stream = stream_of(package.name, package.version)
    return (
        is_greater(version, package.version)
        and ("." in version or "." not in package.version)  # a lone `2` may move with each 2.x
        and not between(package.version, version).unusual(facts.largest_jump)
        and (not stream or is_inside(stream, version))
        and not facts.ignored(version)
    )


# The spec's own tag


def _own_tag(
    package: Package, releases: Sequence[Release], selection: Selection, facts: Facts
) -> Stuck | None:
    for gone in facts.gone:
        tag = read_name(gone)
        for release in releases if tag and gone in facts.own else ():
            there = read_name(release.name)
            if there and tag and _is_same(package, facts, release, (tag, there)):
                detail = f"upstream's tag is named {release.name}, the spec asks for {gone}"
                reason = Reason(ReasonCode.TAG_SCHEME_CHANGED, detail)
                return Stuck(reason, release, package.version)
        detail = f"the spec's own tag {gone} is not upstream any more; {_left(selection, releases)}"
        return Stuck(Reason(ReasonCode.TAG_DELETED, detail))
    return None


def _is_same(
    package: Package, facts: Facts, release: Release, names: tuple[TagName, TagName]
) -> bool:
    """Return whether a tag is the spec's own one under another name."""
    gone, there = names
    if gone.version != there.version or release.name == gone.name:
        return False
    pinned = facts.commits.get(gone.name)
    same_commit = pinned in {release.commit, release.tag_object} - {None}
    return same_commit or component(gone.head, package) == component(there.head, package)


def _left(selection: Selection, releases: Sequence[Release]) -> str:
    newest = [one.release.name for one in accepted(selection)] or [one.name for one in releases]
    if not newest:
        return "no tag is left"
    return f"what is there: {', '.join(newest[:_MANY])}"


# The name that the spec would check out is there, and is dropped


def _dropped(
    package: Package, newer: Sequence[_Newer], selection: Selection, facts: Facts
) -> Stuck | None:
    fitting = [one for one in newer if _is_asked_for(package, one, facts)]
    for one in fitting:
        if one.because == UNRELEASED:
            released = selection.newest.release.name if selection.newest else "none"
            detail = f"{one.tag.name} has a tag and no release; the newest release is {released}"
            return Stuck(Reason(ReasonCode.RELEASES_STOPPED, detail), one.release, one.version)
    filtered = [one for one in fitting if one.because in _FILTERS]
    for one in filtered:
        if _is_by_mistake(package, one, filtered, selection):
            kept = selection.newest.release.name if selection.newest else "none"
            detail = (
                f"upstream has {one.tag.name}, which the update block drops ({one.because});"
                f" the newest that it keeps is {kept}"
            )
            return Stuck(Reason(ReasonCode.FILTERED_OUT, detail), one.release, one.version)
    return None


_FILTERS = ("tag filter", "ignore pattern", "pre-release word", "not a version")


def _is_asked_for(package: Package, one: _Newer, facts: Facts) -> bool:
    """Return whether this is the very tag that the spec would check out at its version."""
    wanted = facts.tags_at(one.version)
    own = read_name(facts.own[0]) if facts.own else None
    if facts.own and own is None:
        return False  # it has a pre-release, or names that are not understood
    if wanted:
        return one.tag.name in wanted
    if own is not None:
        own_form = (own.head, own.tail, own.separator)
        return own_form == (one.tag.head, one.tag.tail, one.tag.separator)
    return not component(one.tag.head, package)


def _is_by_mistake(
    package: Package, one: _Newer, filtered: Sequence[_Newer], selection: Selection
) -> bool:
    """Return whether a filter cannot be meant to drop this name."""
    block = package.update
    meant = {
        "tag filter": (block.filters.prefix, block.filters.contains),
        "ignore pattern": block.ignore_regex_patterns,
    }
    if not any(sign.isdigit() for text in meant.get(one.because, ()) for sign in text):
        return True
    if len(filtered) < _MANY or selection.newest is None:
        return False
    kept = [each.release for each in accepted(selection)][:_SILENT_NAMES]
    dates = same_dates(one.release, kept)
    return dates is not None and dates[0] - max(dates[1:]) >= SILENT


# Upstream names its tags otherwise


def _renamed(
    package: Package, releases: Sequence[Release], newer: Sequence[_Newer], facts: Facts
) -> Stuck | None:
    names = {release.name for release in releases}
    own = read_name(facts.own[0]) if facts.own else None
    for one in newer:
        wanted = facts.tags_at(one.version)
        if not wanted or own is None or not names.isdisjoint(wanted):
            continue
        if _is_own(package, releases, own, one):
            detail = f"upstream's tag is named {one.tag.name}, the spec asks for {wanted[0]}"
            reason = Reason(ReasonCode.TAG_SCHEME_CHANGED, detail)
            return Stuck(reason, one.release, one.version)
    return None


def _is_own(package: Package, releases: Sequence[Release], own: TagName, one: _Newer) -> bool:
    """Return whether a name that is formed otherwise names a version of the same project."""
    if component(one.tag.head, package) == component(own.head, package):
        return True
    if not is_general(own.head) or "/" in one.tag.head:
        return False
    # Another beginning continues the own one only where it begins behind the spec's version.
    tags = (tag for release in releases if (tag := read_name(release.name)))
    like = [tag.version for tag in tags if tag.head == one.tag.head]
    return len(like) > 1 and all(is_greater(each, package.version) for each in like)
