"""What all roads of one installation share, because GitHub counts them together."""

import asyncio
from dataclasses import dataclass
from typing import Self

from octobot.github.transport.clock import Clock, ServerClock
from octobot.github.transport.etags import Etags
from octobot.github.transport.throttle import Limits, Pace
from octobot.model.spent import Keeper


@dataclass(frozen=True, slots=True)
class Channel:
    """The clocks, gates, kept answers and slots of one installation."""

    clock: Clock
    server: ServerClock
    pace: Pace
    etags: Etags
    slots: asyncio.Semaphore
    deadline: float
    """Seconds for one request."""

    @classmethod
    def open(
        cls, limits: Limits, clock: Clock, server: ServerClock, keeper: Keeper | None = None
    ) -> Self:
        """Open a channel with nothing kept; `keeper` shares its limits with other processes."""
        pace = Pace(limits, clock, server, keeper)
        return cls(
            clock, server, pace, Etags(), asyncio.Semaphore(limits.concurrency), limits.deadline
        )
