"""How much of one installation's GitHub rate limits is used up, as a value that processes share."""

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
    """Closed buckets and reserved requests; all times are in seconds of the keeper's clock."""

    closed: Mapping[str, float] = field(default_factory=lambda: _NOTHING)
    """Bucket → until when no request may be sent; the empty name means all buckets."""
    next_write: float | None = None
    """The earliest time of the next write; None before the first write."""
    content: Counts = ()
    """Writes of content within an hour, also reserved ones in the future."""
    points: Counts = ()
    """Points within a minute."""


@dataclass(slots=True)
class Held:
    """What is spent, locked by one caller at a time; its changes to `spent` are stored."""

    spent: Spent
    now: float
    """By the clock that all callers share."""


class Keeper(Protocol):
    """Stores what one installation has spent, for one process or for many."""

    def hold(self) -> AbstractAsyncContextManager[Held]:
        """Lock it; raises `TryLater` when it cannot be locked."""
        ...
