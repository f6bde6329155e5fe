"""What an upstream publishes, and when octobot first saw it."""

from dataclasses import dataclass
from datetime import datetime

from octobot.model.ids import Sha, Version
from octobot.model.reasons import ReasonCode


@dataclass(slots=True, unsafe_hash=True)
class Release:
    """One name that an upstream publishes: a tag, a release, or the head of a branch.

    Nothing changes one, as if it were frozen; being frozen would take a second for a distro's
    hundred thousands, three times as long as making them.
    """

    name: str
    """The tag's name or version exactly as published; untrusted until the grammar accepts it."""
    commit: Sha | None = None
    """The peeled commit."""
    tag_object: Sha | None = None
    """What the ref itself names; differs from `commit` for an annotated tag."""
    prerelease: bool = False
    draft: bool = False
    published: datetime | None = None
    """The publisher's own claim; shown, never used to decide age."""
    committed: datetime | None = None
    """The commit's date, where the source has it: `_gitYYYYMMDD` versions are made of a head's.
    The publisher chose it, so of a tag it only shows what is old, and never decides age."""
    yanked: bool = False
    """The publisher withdrew it, or asks people not to use it."""
    unreleased: bool = False
    """A tag that has no release, shown beside the releases of a repository."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A release and the version that the update block makes of it."""

    release: Release
    version: Version


@dataclass(frozen=True, slots=True)
class Dropped:
    """A release that was not chosen and why, for `octobot why NAME --candidates`."""

    name: str
    because: str
    """One of the funnel's stages in words, such as `tag filter` or `pre-release`."""
    version: Version | None = None
    """What it would be a version of, where the filters took it."""
    code: ReasonCode | None = None
    """Why a version that the filters took is not proposed; None: the filters dropped it."""


@dataclass(frozen=True, slots=True)
class Selection:
    """The result of a selection; `newest` is missing when no release was accepted."""

    newest: Candidate | None
    dropped: tuple[Dropped, ...] = ()
    unchosen: tuple[Candidate, ...] = ()
    """Accepted but older, newest first."""


@dataclass(frozen=True, slots=True)
class Observation:
    """A tag as octobot first saw it, by octobot's own clock."""

    name: str
    commit: Sha | None
    tag_object: Sha | None
    first_seen: datetime


@dataclass(frozen=True, slots=True)
class WorkingBlock:
    """An update block that finds a newer version."""

    yaml: str
    version: Version
    name: str
    """The name upstream that it finds."""
    tag: str
    """What the checkout's `tag:` would have to be; empty: as it is."""
