"""What octobot remembers between two looks: one row for each package, one sighting for each tag.

Losing all of it loses no effect, only patience: GitHub and the upstreams hold the truth.
"""

from dataclasses import dataclass
from datetime import datetime

from octobot.model.ids import Key, Sha
from octobot.model.package import Upstream
from octobot.model.reasons import Reason
from octobot.model.release import Candidate, Observation


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


@dataclass(frozen=True, slots=True)
class Sighting:
    """An observation, and whether this look agrees with it."""

    first: Observation
    moved_to: Sha | None
    """The other commit that the same name was ever seen at; None while it never moved."""
