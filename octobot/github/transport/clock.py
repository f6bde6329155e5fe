"""Time for this room: the machine's clock, and how far GitHub's own clock is from it.

Tokens and limits are dated by GitHub, so a machine whose clock is ten minutes off must still sign
valid JWTs and wait the right time.  Every answer's `Date` tells the difference.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

_JITTER = 5.0
"""Seconds of difference that the network and the header's whole seconds explain."""


@dataclass(frozen=True, slots=True)
class Clock:
    """The machine's clocks, in seconds; tests pass their own."""

    now: Callable[[], float] = time.time
    """Since the epoch; may jump."""
    steady: Callable[[], float] = time.monotonic
    """Only ever forward."""
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep


class ServerClock:
    """GitHub's clock as far as its answers tell."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._ahead = 0.0
        self._told: tuple[float, float] | None = None

    def now(self) -> float:
        """Return GitHub's time, in seconds since the epoch."""
        return self._clock.now() + self._ahead

    def told(self) -> float | None:
        """Return GitHub's time by its last answer, in seconds since the epoch; None before any.

        The steady clock carries it on, so a machine's clock that jumps changes nothing; a machine
        that slept makes it late, never early.
        """
        if self._told is None:
            return None
        date, then = self._told
        return date + self._clock.steady() - then

    def heard(self, date: str | None) -> None:
        """Take over the `Date` of an answer; anything that is not a date is ignored."""
        try:
            now = parsedate_to_datetime(date or "").timestamp()
        except (ValueError, OverflowError):
            return
        self._told = now, self._clock.steady()
        ahead = now - self._clock.now()
        self._ahead = ahead if abs(ahead) > _JITTER else 0.0
