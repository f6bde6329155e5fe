"""What one step of a lane came to."""

from dataclasses import dataclass
from datetime import timedelta

from octobot.model.reasons import Reason, ReasonCode

RETURNING = frozenset(
    {ReasonCode.PAUSED, ReasonCode.BAD_CONFIG, ReasonCode.HELD, ReasonCode.QUEUE_FULL}
)
"""Rests that the repository's file causes: looked at again, since the file may change."""


@dataclass(frozen=True, slots=True)
class Done:
    """The step's end: the package's reason now, and when to return."""

    reason: Reason
    issue: int | None = None
    """The open issue about the package; None when there is none (any more)."""
    due: timedelta | None = None
    """From now; None: when a look or a hint brings it back."""
    again: bool = False
    """True: the next step should follow at once."""
    package: str = ""
    """Of a group: whose reason it is, the others wait for it; empty: it is every package's."""
