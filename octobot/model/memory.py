"""What octobot remembers between two looks: one row for each package, one sighting for each tag.

Losing all of it loses no effect, only patience: GitHub and the upstreams hold the truth.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from octobot.model.ids import Key, Sha
from octobot.model.package import Upstream
from octobot.model.reasons import Reason
from octobot.model.release import Candidate, Observation, Release


@dataclass(frozen=True, slots=True)
class Row:
    """What the store holds of one package."""

    key: Key
    path: str
    blob: Sha
    text: str
    reason: Reason
    target: Candidate | None
    """The newest version that the last look chose, when it is newer than the spec's."""
    upstream: Upstream | None
    """Whom the target came from."""
    generation: int
    """Counts `begin`s; `record` with an older one is ignored: a paused worker cannot overwrite."""
    issue: int | None
    """The open issue of ours about this package."""
    due: datetime
    """When the sweep brings it back to its lane."""
    look_due: datetime
    """When its upstream is asked again."""
    missed: int = 0
    """Looks in a row in which the upstream did not show the target any more."""


@dataclass(frozen=True, slots=True)
class Due:
    """A package whose upstream should be asked; its spec is not read while nothing changed."""

    key: Key
    upstream: Upstream | None
    """Whom to ask, as the last look found in the spec; None: the spec must be read first."""
    digest: str
    """Digest of the releases that the last conclusion rests on; empty: conclude anew."""
    prefix: str
    """Every name of interest starts with this."""
    urgent: bool = False
    """Somebody asked for this look: that the upstream was asked just now does not count."""


@dataclass(frozen=True, slots=True)
class Looked:
    """What a look found, to be recorded."""

    key: Key
    target: Candidate | None
    upstream: Upstream | None
    reason: Reason
    again: datetime
    """When to look the next time."""
    pause: timedelta = timedelta()
    """Between the looks after that, while nothing changes."""
    digest: str = ""
    prefix: str = ""
    far: bool = False
    """Asked of another host than GitHub, which many share: politeness decides how often."""
    missed: int = 0


@dataclass(frozen=True, slots=True)
class Remembered:
    """How an upstream looked at the last look of any package."""

    mark: str
    """The datasource's own; see `Known`."""
    digest: str
    """Of all its releases."""
    prefixes: tuple[str, ...]
    asked: datetime
    whole: datetime
    """When it was last read from end to end."""


@dataclass(frozen=True, slots=True)
class Memo:
    """What to remember of an upstream that was read."""

    mark: str
    digest: str
    prefixes: tuple[str, ...]
    releases: tuple[Release, ...]
    whole: bool
    """Read from end to end this time."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """An observation, and whether this look agrees with it."""

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
