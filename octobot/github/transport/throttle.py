"""When a request may leave: the rate gates, the gap between writes and the content budget.

One `Throttle` belongs to one installation and is shared by all its sessions.  What is spent lies
with a `Keeper`, in this process or in the store, so that many processes together keep one
installation's limits, and a limit that one of them met is known to all.  A place in time is booked
before the wait, so writes leave in the order in which they came.  A wait that is longer than
`Limits.longest_sleep` is not slept but told as `TryLater`: the lane is free meanwhile.
Source: docs.github.com, "Rate limits for the REST API" and "Best practices for using the REST API".
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from math import ceil

import structlog

from octobot.github.transport.clock import Clock, ServerClock
from octobot.github.transport.request import Kind
from octobot.model.errors import TryLater
from octobot.model.spent import Counts, Held, Keeper, Spent

log = structlog.get_logger()

_EVERYTHING = ""
"""The bucket of the secondary limits, which hold for REST and GraphQL together."""
_SECONDARY_PAUSE = 60.0
_LONGEST_SECONDARY_PAUSE = 3600.0
_MINUTE = 60.0
_HOUR = 3600.0


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
"""For a sandbox, which has nobody else to serve; what it refuses is still heeded."""


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


@dataclass(frozen=True, slots=True)
class Gates:
    """Which buckets are closed, and until when; a bucket that never was has no entry.

    No moment means "never": a steady clock's zero is a time like any other, and so is what lies
    before it, on a machine that was started a moment ago.
    """

    closed: dict[str, float]

    def close(self, bucket: str, until: float) -> None:
        """Close a bucket, never for shorter than before."""
        self.closed[bucket] = max(self.closed.get(bucket, until), until)

    def left(self, bucket: str, now: float) -> float:
        """Return for how many seconds more nothing of this bucket may leave; 0 when it may now."""
        ends = [self.closed[each] for each in (bucket, _EVERYTHING) if each in self.closed]
        return max([0.0, *(until - now for until in ends)])


class Throttle:
    """The gates, budgets and slots of one installation."""

    def __init__(
        self, limits: Limits, clock: Clock, server: ServerClock, keeper: Keeper | None = None
    ) -> None:
        self._limits, self.clock, self.server = limits, clock, server
        self.deadline = limits.deadline
        self._slots = asyncio.Semaphore(limits.concurrency)
        self._keeper = keeper or InMemory(clock)
        # What this process itself learned: heeded even while the keeper is away.
        self._own = Gates({})
        self._refusals = 0
        # One asker of this process at a time: whoever must close a gate finds a short queue.
        self._asking = asyncio.Lock()

    async def admit(self, kind: Kind) -> None:
        """Wait for this request's turn; raises `TryLater` when that is too far off."""
        self._refuse_long(self._own_gate(kind.bucket), kind)
        async with self._asking, self._keeper.hold() as held:
            self._refuse_long(self._own_gate(kind.bucket), kind)
            self._refuse_long(_gate(held, kind.bucket), kind)
            turn = turn_of(held.spent, kind, self._limits, held.now)
            self._refuse_long(turn - held.now, kind)
            held.spent = booked(held.spent, kind, self._limits, turn, held.now)
            wait = max(turn - held.now, _gate(held, kind.bucket), self._own_gate(kind.bucket))
        await self._sleep(wait, kind)

    @asynccontextmanager
    async def slot(self, kind: Kind) -> AsyncIterator[None]:
        """Wait for this request's turn and hold a slot; `TryLater` when that is too far off."""
        await self.admit(kind)
        crowded = self._slots.locked()
        async with self._slots:
            if crowded:
                await self.reopened(kind)
            yield

    async def reopened(self, kind: Kind) -> None:
        """Wait once more for the gate, where something was waited for since `admit`."""
        await self._sleep(await self._closed_for(kind.bucket), kind)

    async def _sleep(self, wait: float, kind: Kind) -> None:
        while wait > 0:
            self._refuse_long(wait, kind)
            await self.clock.sleep(wait)
            # Another answer, or another process, may have closed it meanwhile.
            wait = await self._closed_for(kind.bucket)

    async def heed(
        self, kind: Kind, status: int, headers: Mapping[str, str], *, secondary: bool
    ) -> bool:
        """Learn from an answer; True when it was refused for a limit, unprocessed.

        `secondary`: the body blames a secondary limit, which no header tells.
        """
        bucket = headers.get("x-ratelimit-resource", kind.bucket)
        empty = headers.get("x-ratelimit-remaining") == "0"
        if empty:
            await self._close(bucket, self._until_reset(headers))
        if status not in (403, 429):
            self._refusals = 0
            return False
        if "retry-after" in headers:
            await self._close(_EVERYTHING, _seconds(headers["retry-after"], _SECONDARY_PAUSE))
        elif not empty and (secondary or status == 429):  # noqa: PLR2004  (Too Many Requests)
            pause = _SECONDARY_PAUSE * 2**self._refusals
            self._refusals = min(self._refusals + 1, 10)
            await self._close(_EVERYTHING, min(pause, _LONGEST_SECONDARY_PAUSE))
        elif not empty:
            return False
        return True

    async def close(self, bucket: str, headers: Mapping[str, str]) -> timedelta:
        """Close a bucket that GraphQL called empty within a 200; tell for how long."""
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
        self._own.close(bucket, self.clock.steady() + seconds)
        try:
            async with self._keeper.hold() as held:
                gates = Gates(dict(held.spent.closed))
                gates.close(bucket, held.now + seconds)
                held.spent = replace(held.spent, closed=gates.closed)
        except TryLater as error:  # the answer that told of the limit must not be lost for it
            log.warning("the limit is known to this process only", because=str(error))

    async def _closed_for(self, bucket: str) -> float:
        async with self._asking, self._keeper.hold() as held:
            return max(_gate(held, bucket), self._own_gate(bucket))

    def _own_gate(self, bucket: str) -> float:
        return self._own.left(bucket, self.clock.steady())

    def _refuse_long(self, wait: float, kind: Kind) -> None:
        if wait > self._limits.longest_sleep:
            raise TryLater(
                f"GitHub's {kind.bucket} limit asks to wait", after=timedelta(seconds=wait)
            )


def _gate(held: Held, bucket: str) -> float:
    return Gates(dict(held.spent.closed)).left(bucket, held.now)


def _seconds(header: str, otherwise: float) -> float:
    """Read a header that holds a number of seconds; `otherwise` when it holds anything else."""
    seconds = _digits(header)
    return otherwise if seconds is None else seconds


def _digits(header: str) -> float | None:
    return float(header) if header.isascii() and header.isdigit() else None


def turn_of(spent: Spent, kind: Kind, limits: Limits, now: float) -> float:
    """Return from when on the request fits in everywhere; `now` when it does so already."""
    moments = [now, _room(spent.points, now, _MINUTE, limits.points_per_minute - kind.points)]
    if kind.write and spent.next_write is not None:
        moments.append(spent.next_write)
    if kind.content:
        minute, hour = limits.writes_per_minute, limits.writes_per_hour
        if kind.chatter:
            minute, hour = minute - limits.reserved_per_minute, hour - limits.reserved_per_hour
        moments.append(_room(spent.content, now, _MINUTE, minute - 1))
        moments.append(_room(spent.content, now, _HOUR, hour - 1))
    return max(moments)


def booked(spent: Spent, kind: Kind, limits: Limits, turn: float, now: float) -> Spent:
    """Return what is spent once the request has its place at `turn`; what is over is forgotten."""
    return Spent(
        closed={bucket: until for bucket, until in spent.closed.items() if until > now},
        next_write=turn + limits.write_gap if kind.write else spent.next_write,
        content=_more(_since(spent.content, now - _HOUR), turn, int(kind.content)),
        points=_more(_since(spent.points, now - _MINUTE), turn, kind.points),
    )


def _since(counts: Counts, moment: float) -> Counts:
    return tuple([each for each in counts if each[0] > moment])


def _more(counts: Counts, moment: float, number: int) -> Counts:
    """Count `number` more in the second that ends after `moment`: too late rather than too soon."""
    if not number:
        return counts
    by_second = dict(counts)
    second = float(ceil(moment))
    by_second[second] = by_second.get(second, 0) + number
    return tuple(sorted(by_second.items()))


def _room(counts: Counts, now: float, span: float, others: int) -> float:
    """Return from when on no more than `others` lie within `span` seconds; `now` when they do."""
    lately = _since(counts, now - span)
    excess = sum(number for _, number in lately) - others
    moment = now
    for each, number in lately:
        if excess <= 0:
            break
        moment, excess = each + span, excess - number
    return moment
