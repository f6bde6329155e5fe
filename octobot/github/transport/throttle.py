"""When a request may leave: clocks, rate gates, the gap between writes and the content budget.

One `Throttle` belongs to one installation and is shared by all its sessions.  What is spent lies
with a `Keeper`, in this process or in the store, so that many processes together keep one
installation's limits, and a limit that one of them met is known to all.  A place in time is booked
before the wait, so writes leave in the order in which they came.  A wait that is longer than
`Limits.longest_sleep` is not slept but raised as `TryLater`: the lane is free meanwhile.
Source: docs.github.com, "Rate limits for the REST API" and "Best practices for using the REST API".
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from email.utils import parsedate_to_datetime
from math import ceil

import structlog

from octobot.github.transport.request import Kind, Raw, blames_secondary_limit
from octobot.model.errors import TryLater
from octobot.model.spent import Counts, Held, Keeper, Spent

log = structlog.get_logger()

_EVERYTHING = ""
"""The bucket of the secondary limits, which hold for REST and GraphQL together."""
_SECONDARY_PAUSE = 60.0
_LONGEST_SECONDARY_PAUSE = 3600.0
_MINUTE = 60.0
_HOUR = 3600.0
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
    """GitHub's clock, as the `Date` of its answers shows it.

    GitHub dates tokens and limits: on a machine whose clock is ten minutes off, JWTs must still be
    valid and waits as long as they should be.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._ahead = 0.0
        self._seen: tuple[float, float] | None = None

    def now(self) -> float:
        """Return GitHub's time, in seconds since the epoch."""
        return self._clock.now() + self._ahead

    def last_seen(self) -> float | None:
        """Return GitHub's time by its last answer, in seconds since the epoch; None before any.

        The steady clock carries it on, so a machine's clock that jumps changes nothing; a machine
        that slept makes it late, never early.
        """
        if self._seen is None:
            return None
        date, then = self._seen
        return date + self._clock.steady() - then

    def observe(self, date: str | None) -> None:
        """Learn from the `Date` of an answer; anything that is not a date is ignored."""
        try:
            now = parsedate_to_datetime(date or "").timestamp()
        except (ValueError, OverflowError):
            return
        self._seen = now, self._clock.steady()
        ahead = now - self._clock.now()
        self._ahead = ahead if abs(ahead) > _JITTER else 0.0


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of GitHub's patience to use."""

    write_gap: float = 1.0
    """Seconds between two writes."""
    writes_per_minute: int = 80
    writes_per_hour: int = 500
    reserved_per_minute: int = 20
    reserved_per_hour: int = 200
    """Of these, what comments and reactions leave to commits, merges and pull requests: whoever
    can comment could use up the rest."""
    points_per_minute: int = 900
    """A read costs 1, a write 5; GitHub counts GraphQL apart (2,000), we count it with the rest."""
    concurrency: int = 8
    """GitHub allows 100 requests at once."""
    longest_sleep: float = 60.0
    """Seconds; a longer wait is a `TryLater`."""
    deadline: float = 40.0
    """Seconds for one request, its answer's last byte included; GitHub gives up after ten."""


UNHURRIED = Limits()
"""For GitHub itself."""
UNLIMITED = Limits(
    write_gap=0, writes_per_minute=10**6, writes_per_hour=10**6, points_per_minute=10**6
)
"""For a sandbox, which has nobody else to serve; its refusals still count."""


class InMemory:
    """Keeps what is spent for this process alone."""

    def __init__(self, clock: Clock) -> None:
        self._clock, self._spent = clock, Spent()

    @asynccontextmanager
    async def hold(self) -> AsyncIterator[Held]:
        """Hold it alone: nobody else runs meanwhile, since nothing is awaited."""
        held = Held(self._spent, self._clock.steady())
        yield held
        self._spent = held.spent


class Throttle:
    """The gates, budgets and slots of one installation."""

    def __init__(
        self, limits: Limits, clock: Clock, server: ServerClock, keeper: Keeper | None = None
    ) -> None:
        self._limits, self.clock, self.server = limits, clock, server
        self.deadline = limits.deadline
        self._slots = asyncio.Semaphore(limits.concurrency)
        self._keeper = keeper or InMemory(clock)
        # What this process itself learned: applied even while the keeper is away.
        self._own_closed: Mapping[str, float] = {}
        self._refusals = 0
        # One request of this process at a time: whoever must close a gate finds a short queue.
        self._asking = asyncio.Lock()

    @asynccontextmanager
    async def slot(self, kind: Kind) -> AsyncIterator[None]:
        """Wait for this request's turn and hold a slot; `TryLater` when that is too far off."""
        await self.admit(kind)
        crowded = self._slots.locked()
        async with self._slots:
            if crowded:
                await self.readmit(kind)
            yield

    async def admit(self, kind: Kind) -> None:
        """Wait for this request's turn; raises `TryLater` when that is too far off."""
        bucket = kind.bucket
        self._refuse_long(kind, _closed_for(self._own_closed, bucket, self.clock.steady()))
        async with self._asking, self._keeper.hold() as held:
            turn, spent = book(held.spent, kind, self._limits, held.now)
            own = _closed_for(self._own_closed, bucket, self.clock.steady())
            shared = _closed_for(held.spent.closed, bucket, held.now)
            self._refuse_long(kind, own, shared, turn - held.now)
            held.spent = spent
        await self._sleep(max(turn - held.now, own, shared), kind)

    async def readmit(self, kind: Kind) -> None:
        """Wait until the gate is open, where time has passed since `admit`."""
        await self._sleep(await self._still_closed_for(kind.bucket), kind)

    async def _sleep(self, wait: float, kind: Kind) -> None:
        while wait > 0:
            self._refuse_long(kind, wait)
            await self.clock.sleep(wait)
            # Another answer, or another process, may have closed it meanwhile.
            wait = await self._still_closed_for(kind.bucket)

    async def _still_closed_for(self, bucket: str) -> float:
        async with self._asking, self._keeper.hold() as held:
            shared = _closed_for(held.spent.closed, bucket, held.now)
            return max(shared, _closed_for(self._own_closed, bucket, self.clock.steady()))

    def _refuse_long(self, kind: Kind, *waits: float) -> None:
        for wait in waits:
            if wait > self._limits.longest_sleep:
                raise TryLater(
                    f"GitHub's {kind.bucket} limit asks to wait", after=timedelta(seconds=wait)
                )

    async def learn(self, kind: Kind, raw: Raw) -> bool:
        """Learn from an answer; True when it was refused for a limit, unprocessed."""
        status, headers, body = raw
        bucket = headers.get("x-ratelimit-resource", kind.bucket)
        empty = headers.get("x-ratelimit-remaining") == "0"
        if empty:
            await self._close(bucket, self._until_reset(headers))
        if status not in (403, 429):
            self._refusals = 0
            return False
        if "retry-after" in headers:
            await self._close(_EVERYTHING, _seconds(headers["retry-after"], _SECONDARY_PAUSE))
        elif not empty and (status == 429 or blames_secondary_limit(body)):  # noqa: PLR2004  (Too Many Requests)
            pause = _SECONDARY_PAUSE * 2**self._refusals
            self._refusals = min(self._refusals + 1, 10)
            await self._close(_EVERYTHING, min(pause, _LONGEST_SECONDARY_PAUSE))
        elif not empty:
            return False
        return True

    async def close(self, bucket: str, headers: Mapping[str, str]) -> timedelta:
        """Close a bucket that GraphQL called empty within a 200; return for how long."""
        wait = _seconds(headers.get("retry-after", ""), self._until_reset(headers))
        await self._close(bucket, wait)
        return timedelta(seconds=wait)

    def _until_reset(self, headers: Mapping[str, str]) -> float:
        reset = _digits(headers.get("x-ratelimit-reset", ""))
        if reset is None:
            return _SECONDARY_PAUSE
        # One second more, since the header has whole seconds.
        return max(reset - self.server.now() + 1, 1.0)

    async def _close(self, bucket: str, seconds: float) -> None:
        log.warning("rate limit", bucket=bucket or "all", seconds=round(seconds))
        self._own_closed = _closing(self._own_closed, bucket, self.clock.steady() + seconds)
        try:
            async with self._keeper.hold() as held:
                closed = _closing(held.spent.closed, bucket, held.now + seconds)
                held.spent = replace(held.spent, closed=closed)
        except TryLater as error:  # the answer that named the limit must not be lost for it
            log.warning("the limit is known to this process only", because=str(error))


def _closing(closed: Mapping[str, float], bucket: str, until: float) -> Mapping[str, float]:
    """Return the gates with one closed, never for shorter than before.

    A bucket that never was closed has no entry: a steady clock's zero is a time like any other,
    and so is what lies before it, on a machine that was started a moment ago.
    """
    return {**closed, bucket: max(closed.get(bucket, until), until)}


def _closed_for(closed: Mapping[str, float], bucket: str, now: float) -> float:
    """Return for how many seconds more nothing of this bucket may leave; 0 when it may now."""
    ends = [closed[each] for each in (bucket, _EVERYTHING) if each in closed]
    return max([0.0, *(until - now for until in ends)])


def _seconds(header: str, otherwise: float) -> float:
    """Read a header that holds a number of seconds; `otherwise` when it holds anything else."""
    seconds = _digits(header)
    return otherwise if seconds is None else seconds


def _digits(header: str) -> float | None:
    return float(header) if header.isascii() and header.isdigit() else None


def book(spent: Spent, kind: Kind, limits: Limits, now: float) -> tuple[float, Spent]:
    """Return from when on the request fits in everywhere, and what is spent once it is booked.

    That is `now` when it fits already; what is over is forgotten.
    """
    points = 5 if kind.write else 1  # as GitHub counts
    moments = [now, _room(spent.points, now, _MINUTE, limits.points_per_minute - points)]
    if kind.write and spent.next_write is not None:
        moments.append(spent.next_write)
    if kind.content:
        minute, hour = limits.writes_per_minute, limits.writes_per_hour
        if kind.chatter:
            minute, hour = minute - limits.reserved_per_minute, hour - limits.reserved_per_hour
        moments.append(_room(spent.content, now, _MINUTE, minute - 1))
        moments.append(_room(spent.content, now, _HOUR, hour - 1))
    turn = max(moments)
    return turn, Spent(
        closed={bucket: until for bucket, until in spent.closed.items() if until > now},
        next_write=turn + limits.write_gap if kind.write else spent.next_write,
        content=_more(spent.content, now - _HOUR, turn, int(kind.content)),
        points=_more(spent.points, now - _MINUTE, turn, points),
    )


def _more(counts: Counts, since: float, moment: float, number: int) -> Counts:
    """Count `number` more in the second that ends after `moment`: too late rather than too soon.

    What happened before `since` is left out.
    """
    by_second = {second: many for second, many in counts if second > since}
    if number:
        second = float(ceil(moment))
        by_second[second] = by_second.get(second, 0) + number
    return tuple(sorted(by_second.items()))


def _room(counts: Counts, now: float, span: float, others: int) -> float:
    """Return from when on no more than `others` lie within `span` seconds; `now` when they do."""
    lately = [each for each in counts if each[0] > now - span]
    excess = sum(number for _, number in lately) - others
    moment = now
    for each, number in lately:
        if excess <= 0:
            break
        moment, excess = each + span, excess - number
    return moment
