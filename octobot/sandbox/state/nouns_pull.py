"""What the sandbox stores of a pull request's timeline and its conversations."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

EventKind = Literal[
    "ConvertToDraftEvent",
    "ReadyForReviewEvent",
    "LabeledEvent",
    "UnlabeledEvent",
    "AutoMergeEnabledEvent",
    "AutoMergeDisabledEvent",
    "AddedToMergeQueueEvent",
    "RemovedFromMergeQueueEvent",
    "ClosedEvent",
    "ReopenedEvent",
]
"""GraphQL's types of the events that the sandbox records."""


@dataclass(frozen=True, slots=True)
class TimelineEvent:
    """One event of a pull request's timeline."""

    id: int
    repo: int
    number: int
    kind: EventKind
    actor: int | None
    """None: GitHub's own act, which no account stands for."""
    at: datetime
    label: str = ""
    reason: str | None = None
    """Why auto-merge was disabled, or why the merge queue removed it; GitHub's lower case."""


@dataclass(frozen=True, slots=True)
class ReviewThread:
    """A conversation on a line of a pull request."""

    id: int
    repo: int
    number: int
    author: int
    body: str
    at: datetime
    resolved_by: int | None = None
    """None: it is not resolved."""
