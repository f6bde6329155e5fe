import asyncio
import contextlib
from dataclasses import replace
from datetime import timedelta

from octobot.model.errors import TryLater
from octobot.model.spent import Spent
from octobot.store.engine.database import Database
from octobot.store.rate_limits import RateLimits

SPENT = Spent({"": 5.0, "graphql": 7.5}, 3.0, ((2.0, 1), (3.0, 2)), ((3.0, 15),))


async def test_what_is_spent_comes_back_as_it_was(database_url: str) -> None:
    """To another process, for this installation only."""
    async with Database.open(database_url) as database, Database.open(database_url) as other:
        async with RateLimits(database).keeper(7).hold() as held:
            assert held.spent == Spent()
            held.spent = SPENT
        async with RateLimits(other).keeper(7).hold() as held:
            assert held.spent == SPENT
        async with RateLimits(other).keeper(0).hold() as held:
            assert held.spent == Spent()


async def test_never_and_the_time_zero_are_two_things(database_url: str) -> None:
    """No write yet, and one at the clock's zero or before it, come back as what they are."""
    async with Database.open(database_url) as database:
        for moment in (None, 0.0, -3600.0):
            spent = Spent({"core": 0.0}, moment)
            async with RateLimits(database).keeper(7).hold() as held:
                held.spent = spent
            async with RateLimits(database).keeper(7).hold() as held:
                assert held.spent == spent


async def test_it_is_held_by_one_at_a_time(database_url: str) -> None:
    """Sixty bookings of three processes at once: none is lost."""
    async with (
        Database.open(database_url) as one,
        Database.open(database_url) as two,
        Database.open(database_url) as three,
    ):

        async def book(database: Database) -> None:
            async with RateLimits(database).keeper(7).hold() as held:
                spent = held.spent
                await asyncio.sleep(0)
                held.spent = replace(spent, points=(*spent.points, (len(spent.points), 1)))

        await asyncio.gather(*(book(each) for each in (one, two, three) * 20))
        async with RateLimits(one).keeper(7).hold() as held:
            assert len(held.spent.points) == 60


async def test_a_refusal_leaves_it_as_it_was(database_url: str) -> None:
    """Whoever may not go has booked nothing, and lets the next one in."""
    async with Database.open(database_url) as database:
        with contextlib.suppress(TryLater):
            async with RateLimits(database).keeper(7).hold() as held:
                held.spent = SPENT
                raise TryLater("too far off", after=timedelta(seconds=90))
        async with RateLimits(database).keeper(7).hold() as held:
            assert held.spent == Spent()


async def test_the_clock_is_the_databases(database_url: str) -> None:
    """It goes forward between two holders."""
    async with Database.open(database_url) as database:
        keeper = RateLimits(database).keeper(7)
        async with keeper.hold() as held:
            first = held.now
        async with keeper.hold() as held:
            assert held.now >= first > 1_000_000_000
