"""What octobot stores between two checks: a row for each package, a sighting for each tag.

Losing all of it only costs time: GitHub and the upstreams have the truth.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from octobot.model.ids import Key, Sha
from octobot.model.package import Upstream
from octobot.model.reasons import Reason
from octobot.model.release import Candidate, Observation, Release


@dataclass(frozen=True, slots=True)
class Row:
    """What is stored about one package."""

    key: Key
    path: str
    blob: Sha
    text: str
    reason: Reason
    target: Candidate | None
    """The newest version that the last check selected, when it is newer than the spec's."""
    upstream: Upstream | None
    """The upstream that has the target."""
    generation: int
    """Counts `begin`s; `record` with an older one is ignored: a paused worker cannot overwrite."""
    issue: int | None
    """octobot's open issue about this package."""
    due: datetime
    """When the sweep brings it back to its lane."""
    look_due: datetime
    """When its upstream is checked again."""
    missed: int = 0
    """Consecutive checks in which the upstream no longer had the target."""


@dataclass(frozen=True, slots=True)
class Due:
    """A package whose upstream should be checked; its spec is not read while nothing changed."""

    key: Key
    upstream: Upstream | None
    """The upstream that the last check found in the spec; None: the spec must be read first."""
    digest: str
    """Digest of the releases that the last result was computed from; empty: compute it again."""
    prefix: str
    """Every name of interest starts with this."""
    urgent: bool = False
    """Somebody asked for this check: it is made even if the upstream was checked just now."""


@dataclass(frozen=True, slots=True)
class Checked:
    """The result of a check, to be recorded."""

    key: Key
    target: Candidate | None
    upstream: Upstream | None
    reason: Reason
    again: datetime
    """When to check the next time."""
    pause: timedelta = timedelta()
    """Between the checks after that, while nothing changes."""
    digest: str = ""
    prefix: str = ""
    far: bool = False
    """On another host than GitHub, which many share: it is checked less often."""
    missed: int = 0


@dataclass(frozen=True, slots=True)
class Remembered:
    """The state of an upstream at the last check of any package."""

    mark: str
    """The datasource's own; see `Known`."""
    digest: str
    """Of all its releases."""
    prefixes: tuple[str, ...]
    asked: datetime
    whole: datetime
    """When it was last read completely."""


@dataclass(frozen=True, slots=True)
class Memo:
    """What to store about an upstream that was read."""

    mark: str
    digest: str
    prefixes: tuple[str, ...]
    releases: tuple[Release, ...]
    whole: bool
    """Read completely this time."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """An observation, and whether this check agrees with it."""

    first: Observation
    moved_to: Sha | None
    """The other commit that the same name was ever seen at; None while it never moved."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Which repository an upstream is, by the number that no other one ever gets."""

    first: int
    """As seen first."""
    other: int | None
    """Another repository that was ever seen under the same name; None: none was."""


@dataclass(frozen=True, slots=True)
class StuckRow:
    """A package that is stuck, or was."""

    reason: Reason
    since: datetime
    """When a check found it first."""
    over: bool = False
    """A later check found that it is over."""
    issue: int | None = None
    """The open issue that says so."""
    digest: str | None = None
    """Of what the issue says."""


@dataclass(frozen=True, slots=True)
class PinFacts:
    """What GitHub said of a spec's pins from repositories beside the watched one."""

    gone: tuple[str, ...] = ()
    """Tags that the spec checks out and that are not there."""
    replaced: tuple[str, ...] = ()
    """In words, each repository whose name another one has now."""


@dataclass(frozen=True, slots=True)
class SeenIndex:
    """What is stored of the last index of built packages that was believed."""

    newest: int = 0
    """When its last package was built, in epoch seconds."""
    origins: frozenset[str] = frozenset()
    """The specs that something of was published."""
    doubted: str = ""
    """The digest of an index that was not believed at the last look."""
