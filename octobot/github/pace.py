"""When a request may leave: the rate gates, the gap between writes and the content budget.

One `Pace` belongs to one installation and is shared by all its roads.  A place in time is booked
before the wait, so writes leave in the order in which they came.  A wait that is longer than
`Limits.longest_sleep` is not slept but told as `TryLater`: the lane is free meanwhile.
Source: docs.github.com, "Rate limits for the REST API" and "Best practices for using the REST API".
"""

from bisect import bisect_right, insort
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

import structlog

from octobot.github.clock import Clock, ServerClock
from octobot.model.errors import TryLater

log = structlog.get_logger()

_EVERYTHING = ""
"""The bucket of the secondary limits, which hold for REST and GraphQL together."""
_SECONDARY_PAUSE = 60.0
_LONGEST_SECONDARY_PAUSE = 3600.0


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of GitHub's patience to use."""

    write_gap: float = 1.0
    """Seconds between two writes."""
    writes_per_minute: int = 80
    writes_per_hour: int = 500
    points_per_minute: int = 900
    """A read costs 1, a write 5; GitHub counts GraphQL apart (2,000), we count it with the rest."""
    concurrency: int = 8
    """GitHub allows 100 requests at once."""
    longest_sleep: float = 60.0
    """Seconds; a longer wait is a `TryLater`."""


UNHURRIED = Limits()
"""For GitHub itself."""
UNLIMITED = Limits(
    write_gap=0, writes_per_minute=10**6, writes_per_hour=10**6, points_per_minute=10**6
)
"""For a sandbox, which has nobody else to serve; what it refuses is still heeded."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What of a request matters for its pace and for repeating it."""

    bucket: str
    """`core`, `graphql` or `search`, as `x-ratelimit-resource` names them."""
    write: bool = False
    content: bool = False
    """Counts against 80 a minute and 500 an hour."""
    repeatable: bool = True
    """Doing it twice has the effect of doing it once."""


class _Window:
    """At most `limit` points in any `span` seconds."""

    def __init__(self, limit: int, span: float) -> None:
        self._limit, self._span = limit, span
        self._booked: list[float] = []
        """In order; moments to come among them."""

    def earliest(self, now: float, points: int = 1) -> float:
        """Tell from when on `points` more fit in."""
        del self._booked[: bisect_right(self._booked, now - self._span)]
        excess = len(self._booked) + points - self._limit
        return self._booked[excess - 1] + self._span if excess > 0 else now

    def book(self, moment: float, points: int = 1) -> None:
        for _ in range(points):
            insort(self._booked, moment)


class Pace:
    """The gates and budgets of one installation."""

    def __init__(self, limits: Limits, clock: Clock, server: ServerClock) -> None:
        self._limits, self._clock, self._server = limits, clock, server
        self._closed: dict[str, float] = {}
        self._refusals = 0
        self._next_write = 0.0
        self._minute = _Window(limits.writes_per_minute, 60)
        self._hour = _Window(limits.writes_per_hour, 3600)
        self._points = _Window(limits.points_per_minute, 60)

    async def admit(self, kind: Kind) -> None:
        """Wait for this request's turn; raises `TryLater` when that is too far off."""
        self._refuse_long(self._gate(kind.bucket), kind)
        turn = self._turn(kind)
        self._refuse_long(turn - self._clock.steady(), kind)
        self._book(kind, turn)
        wait = max(turn - self._clock.steady(), self._gate(kind.bucket))
        while wait > 0:
            self._refuse_long(wait, kind)
            await self._clock.sleep(wait)
            wait = self._gate(kind.bucket)  # another answer may have closed it meanwhile

    def heed(self, kind: Kind, status: int, headers: Mapping[str, str], *, secondary: bool) -> bool:
        """Learn from an answer; True when it was refused for a limit, unprocessed.

        `secondary`: the body blames a secondary limit, which no header tells.
        """
        bucket = headers.get("x-ratelimit-resource", kind.bucket)
        empty = headers.get("x-ratelimit-remaining") == "0"
        if empty:
            self._close(bucket, self._until_reset(headers))
        if status not in (403, 429):
            self._refusals = 0
            return False
        if "retry-after" in headers:
            self._close(_EVERYTHING, _seconds(headers["retry-after"], _SECONDARY_PAUSE))
        elif not empty and (secondary or status == 429):  # noqa: PLR2004  (Too Many Requests)
            pause = _SECONDARY_PAUSE * 2**self._refusals
            self._refusals = min(self._refusals + 1, 10)
            self._close(_EVERYTHING, min(pause, _LONGEST_SECONDARY_PAUSE))
        elif not empty:
            return False
        return True

    def close(self, bucket: str, headers: Mapping[str, str]) -> timedelta:
        """Close a bucket that GraphQL called empty within a 200; tell for how long."""
        wait = _seconds(headers.get("retry-after", ""), self._until_reset(headers))
        self._close(bucket, wait)
        return timedelta(seconds=wait)

    def _until_reset(self, headers: Mapping[str, str]) -> float:
        reset = _seconds(headers.get("x-ratelimit-reset", ""), 0.0)
        # One second more, since the header has whole seconds.
        return max(reset - self._server.now() + 1, 1.0) if reset else _SECONDARY_PAUSE

    def _close(self, bucket: str, seconds: float) -> None:
        log.warning("rate limit", bucket=bucket or "all", seconds=round(seconds))
        until = self._clock.steady() + seconds
        self._closed[bucket] = max(self._closed.get(bucket, until), until)

    def _gate(self, bucket: str) -> float:
        until = max(self._closed.get(bucket, 0.0), self._closed.get(_EVERYTHING, 0.0))
        return until - self._clock.steady()

    def _turn(self, kind: Kind) -> float:
        now = self._clock.steady()
        moments = [now, self._points.earliest(now, _points(kind))]
        if kind.write:
            moments.append(self._next_write)
        if kind.content:
            moments += [self._minute.earliest(now), self._hour.earliest(now)]
        return max(moments)

    def _book(self, kind: Kind, turn: float) -> None:
        self._points.book(turn, _points(kind))
        if kind.write:
            self._next_write = turn + self._limits.write_gap
        if kind.content:
            self._minute.book(turn)
            self._hour.book(turn)

    def _refuse_long(self, wait: float, kind: Kind) -> None:
        if wait > self._limits.longest_sleep:
            raise TryLater(
                f"GitHub's {kind.bucket} limit asks to wait", after=timedelta(seconds=wait)
            )


def _points(kind: Kind) -> int:
    return 5 if kind.write else 1


def _seconds(header: str, otherwise: float) -> float:
    """Read a header that holds a number of seconds; `otherwise` when it holds anything else."""
    return float(header) if header.isascii() and header.isdigit() else otherwise
