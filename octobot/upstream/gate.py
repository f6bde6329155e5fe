"""One host's gate: how many requests at once, how fast, and when to pause.

Waiting does not count against an exchange's deadline: a long queue is not the host's fault.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from octobot.model.lookup import Unreachable


@dataclass(frozen=True, slots=True)
class Limits:
    """The defaults are polite to a stranger's server; times are in seconds."""

    per_second: float = 1.0
    """Requests a second to one host, on average."""
    burst: int = 5
    """Requests to one host that may go out at once after a rest."""
    concurrency: int = 4
    """Requests to one host under way at the same time."""
    attempts: int = 3
    """Attempts of a request that was dropped or met a server error."""
    backoff: float = 0.5
    """The first wait between attempts; it doubles, with jitter."""
    redirects: int = 10
    """SourceForge's and GNU's mirrors need more than three; the guard judges each."""
    connect: float = 10.0
    idle: float = 20.0
    """Silence after which an exchange is given up."""
    deadline: float = 45.0
    """One attempt of a request, from the first byte to the last."""
    download_deadline: float = 900.0
    """One attempt of a download that is hashed."""
    download: int = 4 << 30
    """Bytes of a download that is hashed."""
    failures: int = 5
    """Failures of a host in a row after which requests to it pause."""
    rest: float = 60.0
    """The first such pause; it doubles with each failure that follows."""
    longest_rest: float = 3600.0
    remembered: int = 32 << 20
    """Bytes of answers cached for conditional requests."""


UNLIMITED = Limits(per_second=10_000, burst=10_000, concurrency=32)
"""For a sandbox, which has nobody else to serve."""


@dataclass(frozen=True, slots=True)
class Time:
    """A clock and a sleep, which tests replace."""

    now: Callable[[], float]
    """Seconds of a clock that only moves forward."""
    sleep: Callable[[float], Awaitable[None]]


class Gate:
    """The turns of one host."""

    def __init__(self, host: str, limits: Limits, time: Time) -> None:
        self._host = host
        self._limits = limits
        self._time = time
        self._slots = asyncio.Semaphore(limits.concurrency)
        self._next = float("-inf")
        self._failures = 0
        self._closed_until = float("-inf")

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[Unreachable | None]:
        """Wait for a turn and hold it; yields the reason where requests to the host pause."""
        if (closed := self._closed()) is not None:
            yield closed
            return
        async with self._slots:
            await self._pace()
            # The host may have failed while this turn waited.
            yield self._closed()

    def _closed(self) -> Unreachable | None:
        left = self._closed_until - self._time.now()
        if left <= 0:
            return None
        return Unreachable(f"{self._host} is left alone for {left:.0f} more seconds")

    async def _pace(self) -> None:
        # Turns are evenly spaced in time; a burst may run ahead.
        now, step = self._time.now(), 1 / self._limits.per_second
        self._next = max(self._next, now - step * (self._limits.burst - 1))
        wait, self._next = self._next - now, self._next + step
        if wait > 0:
            await self._time.sleep(wait)

    def succeeded(self) -> None:
        """Record that the host answered."""
        self._failures = 0

    def failed(self) -> None:
        """Record that the host did not answer, or with a server error, after all attempts."""
        self._failures += 1
        beyond = self._failures - self._limits.failures
        if beyond >= 0:
            # The exponent is bounded: 2**10 minutes is beyond every sensible longest rest.
            self.leave_alone(self._limits.rest * 2 ** min(beyond, 10))

    def leave_alone(self, seconds: float) -> None:
        """Pause requests to the host for so long; at most the longest rest."""
        until = self._time.now() + min(seconds, self._limits.longest_rest)
        self._closed_until = max(self._closed_until, until)


class Gates:
    """The gates of all hosts."""

    def __init__(self, limits: Limits, time: Time) -> None:
        self._limits = limits
        self._time = time
        self._gates: dict[str, Gate] = {}

    def of(self, host: str) -> Gate:
        """Return the gate of a host."""
        if host not in self._gates:
            self._gates[host] = Gate(host, self._limits, self._time)
        return self._gates[host]
