"""What of GitHub's patience with one installation is used up, as a value that processes share."""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Protocol

Counts = tuple[tuple[float, int], ...]
"""(end of a second, how many in it), in order."""

_NOTHING: Mapping[str, float] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Spent:
    """Gates and bookings; all moments are in seconds of the keeper's own clock."""

    closed: Mapping[str, float] = field(default_factory=lambda: _NOTHING)
    """Bucket → until when nothing may be asked; the empty name is all of them."""
    next_write: float | None = None
    """The earliest moment of the next write; None before any, since every number is a moment."""
    content: Counts = ()
    """Writes of content within an hour; moments to come among them."""
    points: Counts = ()
    """Points within a minute."""


@dataclass(slots=True)
class Held:
    """What is spent, held by one asker at a time; what it leaves in `spent` is kept."""

    spent: Spent
    now: float
    """By the one clock that all askers go by."""


class Keeper(Protocol):
    """Keeps what is spent by one installation, for one process or for many."""

    def hold(self) -> AbstractAsyncContextManager[Held]:
        """Hold it alone; raises `TryLater` when it cannot be had."""
        ...
