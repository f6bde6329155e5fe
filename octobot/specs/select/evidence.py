"""What is known of a package that may be stuck, and which of its releases is older."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from octobot.model.ids import Version
from octobot.model.package import Package
from octobot.model.reasons import Reason
from octobot.model.release import Candidate, Release, Selection


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a package beside the names that upstream showed."""

    tags_at: Callable[[Version], Sequence[str]] = lambda _: ()
    """The tags of the watched repository that the spec would check out at a version."""
    own: Sequence[str] = ()
    """Those that it checks out now."""
    gone: Sequence[str] = ()
    """Its tags, of any repository, that are known not to be there."""
    commits: Mapping[str, str] = field(default_factory=dict)
    """The spec's own tag → the commit that it pins."""
    ignored: Callable[[Version], bool] = lambda _: False
    """Whether a person ordered to ignore a version."""
    largest_jump: int = 1


@dataclass(frozen=True, slots=True)
class Stuck:
    """What keeps a package."""

    reason: Reason
    release: Release | None = None
    """What is there instead; None: nothing."""
    version: Version | None = None
    """The version that it is of."""
    unproven: bool = False
    """It counts only if the spec's own commit is an ancestor of the release's."""


def accepted(selection: Selection) -> Sequence[Candidate]:
    """Return what passed the filters, newest first."""
    return (selection.newest, *selection.unchosen) if selection.newest else ()


def own_release(
    package: Package, releases: Sequence[Release], selection: Selection, facts: Facts
) -> Release | None:
    """Return the release of the spec's own version, the one with a date first."""
    same = [one.release for one in accepted(selection) if one.version == package.version]
    own = [*(release for release in releases if release.name in facts.own), *same]
    return next((one for one in own if one.published or one.committed), own[0] if own else None)


def is_older(release: Release, other: Release | None) -> bool:
    """Return whether a release was made before another one, as far as upstream says."""
    if other is None:
        return False
    found = same_dates(release, [other])
    return found is not None and found[0] < found[1]


def same_dates(release: Release, others: Sequence[Release]) -> list[datetime] | None:
    """Return the dates of some releases by the same clock; None: there is none that all have.

    A release is published any time after its commit, so the two are not compared.
    """
    for kind in ("committed", "published"):
        dates = [date for one in (release, *others) if (date := getattr(one, kind))]
        if len(dates) == 1 + len(others):
            return dates
    return None
