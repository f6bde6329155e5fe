"""Several processes on one installation: as many `Throttle`s with one keeper between them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

from octobot.github.transport.request import Kind
from octobot.github.transport.throttle import InMemory, Limits, ServerClock, Throttle
from octobot.model.errors import TryLater
from octobot.model.ids import InstallationId
from octobot.model.spent import Held, Spent
from tests.github.loopback import Say, Scene, Ticker

READ = Kind("core")
GRAPHQL = Kind("graphql")
COMMENT = Kind("core", write=True, content=True)
SECONDARY = b'{"message": "You have exceeded a secondary rate limit."}'
QUICK = Limits(write_gap=0.1, points_per_minute=10**6)


def paces(ticker: Ticker, limits: Limits = QUICK, number: int = 3) -> list[Throttle]:
    """Open the paces of several processes."""
    keeper = InMemory(ticker.clock)
    return [
        Throttle(limits, ticker.clock, ServerClock(ticker.clock), keeper) for _ in range(number)
    ]


class Away:
    """A keeper whose database is away."""

    def __init__(self) -> None:
        self.away = True

    @asynccontextmanager
    async def hold(self) -> AsyncIterator[Held]:
        """Refuse."""
        if self.away:
            raise TryLater("away", after=timedelta(seconds=10))
        yield Held(Spent(), 0)


async def test_processes_share_the_content_budget() -> None:
    """Eighty a minute is for all of them together."""
    ticker = Ticker()
    three = paces(ticker)
    for number in range(80):
        await three[number % 3].admit(COMMENT)
    assert ticker.seconds < 10
    await three[0].admit(COMMENT)
    assert ticker.seconds == pytest.approx(60.0)


async def test_processes_share_the_hour() -> None:
    """The 501st has to come later, whichever process asks."""
    ticker = Ticker()
    three = paces(ticker, Limits())
    for number in range(500):
        await three[number % 3].admit(COMMENT)
    for pace in three:
        with pytest.raises(TryLater):
            await pace.admit(COMMENT)


async def test_processes_share_the_gap_between_writes_and_the_points() -> None:
    """One write a second, 900 points a minute, of all."""
    ticker = Ticker()
    one, two, three = paces(ticker, Limits(points_per_minute=30))
    for pace in (one, two, three, one):
        await pace.admit(COMMENT)
    assert ticker.seconds == 3
    for _ in range(10):
        await two.admit(READ)
    assert ticker.seconds == 3
    await three.admit(READ)
    assert ticker.seconds == pytest.approx(60)


async def test_a_limit_that_one_met_is_heeded_by_all() -> None:
    """Retry-After closes everything, a reset its bucket."""
    ticker = Ticker()
    one, two, _ = paces(ticker)
    assert await one.learn(READ, (403, {"retry-after": "30"}, SECONDARY))
    await two.admit(GRAPHQL)
    assert ticker.seconds == 30
    await one.close("graphql", {"retry-after": "500"})
    with pytest.raises(TryLater) as told:
        await two.admit(GRAPHQL)
    assert told.value.after == timedelta(seconds=500)
    await two.admit(READ)
    assert ticker.seconds == 30


async def test_a_gate_that_another_closes_during_the_wait_is_heeded() -> None:
    """A writer that has its turn asks once more before it goes."""
    ticker = Ticker()
    keeper = InMemory(ticker.clock)
    server = ServerClock(ticker.clock)
    other = Throttle(QUICK, ticker.clock, server, keeper)
    closed = False

    async def sleep(seconds: float) -> None:
        nonlocal closed
        ticker.seconds += seconds
        if not closed:
            closed = True
            await other.learn(READ, (429, {"retry-after": "20"}, b""))

    one = Throttle(Limits(write_gap=5), replace(ticker.clock, sleep=sleep), server, keeper)
    await one.admit(COMMENT)
    await one.admit(COMMENT)
    assert ticker.seconds == 25


async def test_without_the_keeper_nothing_leaves_but_limits_are_learned() -> None:
    """The answer that reported a limit is not lost for it."""
    ticker = Ticker()
    pace = Throttle(QUICK, ticker.clock, ServerClock(ticker.clock), Away())
    with pytest.raises(TryLater, match="away"):
        await pace.admit(READ)
    assert await pace.learn(READ, (403, {"retry-after": "90"}, SECONDARY))
    with pytest.raises(TryLater) as told:
        await pace.admit(READ)
    assert told.value.after == timedelta(seconds=90)


async def test_whoever_waits_for_a_slot_asks_the_gate_again(stage: Scene) -> None:
    """With one slot: what waited for it does not leave inside the limit that was met meanwhile."""
    stage.far.say(Say(429, {}, {"Retry-After": "40"}), Say(), Say())
    road = stage.app(limits=replace(QUICK, concurrency=1)).installation(InstallationId(3))
    await asyncio.gather(road.get("/a"), road.get("/b"))
    at = [round(one.at) for one in stage.far.heard if one.method == "GET"]
    assert at == [0, 40, 40]
