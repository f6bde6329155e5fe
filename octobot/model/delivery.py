"""GitHub's own list of the deliveries that it sent or tried to send."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from octobot.model.ids import Guid


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try of GitHub's to make one delivery; a redelivery is another try with its GUID."""

    id: int
    guid: Guid
    at: datetime
    """By GitHub's clock."""
    outcome: Literal["fine", "failed", "pending"]
    again: bool
    """Somebody had asked for it again."""


@dataclass(frozen=True, slots=True)
class Attempts:
    """One page of GitHub's list, newest first."""

    attempts: tuple[Attempt, ...]
    next: str | None
    """The cursor of the next, older page; None after the last one."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How far GitHub's list was read; an interrupted reading continues where it stopped."""

    read_to: datetime
    """Everything older was read."""
    cursor: str | None = None
    """The next page of an unfinished reading; None: begin at the newest."""
    newest: datetime | None = None
    """What `read_to` becomes when the unfinished reading is finished."""
