import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from octobot.model.delivery import Attempt, Reading
from octobot.model.events import (
    ChecksChanged,
    Commented,
    Event,
    InstallationChanged,
    Pinged,
    PullRequestChanged,
    Pushed,
)
from octobot.model.ids import Guid, InstallationId, PullNumber, RepositoryId, Sha
from octobot.store.deliveries import TRIES, Deliveries, Redeliveries
from octobot.store.engine.database import Database
from octobot.store.store import Store

REPOSITORY = RepositoryId(101)
HEAD = Sha("a" * 40)
EVENTS: tuple[Event, ...] = (
    Pinged(),
    InstallationChanged(InstallationId(7)),
    Pushed(REPOSITORY, "main", HEAD, is_default=True),
    PullRequestChanged(REPOSITORY, PullNumber(5), "octobot/zlib/1.3.2"),
    ChecksChanged(REPOSITORY, HEAD, None),
    Commented(REPOSITORY, 31, 8),
    PullRequestChanged(
        REPOSITORY,
        PullNumber(5),
        "octobot/zlib/1.3.2",
        Commented(REPOSITORY, 31, 8, "review", 5),
    ),
)
AT_ONCE = timedelta(0)
NOW = datetime.now(UTC)
LATER = timedelta(hours=1)


@pytest.mark.parametrize("event", EVENTS, ids=str)
async def test_an_event_comes_back_as_it_was(store: Store, event: Event) -> None:
    """After a crash the stored event is the one that was delivered."""
    assert await store.deliveries.record(Guid("g"), name="n", digest="d", event=event)
    assert await store.deliveries.pending(limit=9) == ((Guid("g"), event),)


async def test_a_guid_counts_once_even_at_the_same_time(store: Store) -> None:
    """A hundred copies of one delivery: one is new."""
    copies = [
        store.deliveries.record(Guid("g"), name="ping", digest="d", event=Pinged())
        for _ in range(100)
    ]
    assert sum(await asyncio.gather(*copies)) == 1


async def test_the_same_content_counts_once_under_any_guid(store: Store) -> None:
    """A hundred copies under as many GUIDs, at the same time: one is new."""
    copies = [
        store.deliveries.record(Guid(f"g{n}"), name="ping", digest="d", event=Pinged())
        for n in range(100)
    ]
    assert sum(await asyncio.gather(*copies)) == 1
    assert len(await store.deliveries.pending(limit=9)) == 1


async def test_a_pending_delivery_is_taken_by_one_and_returns_after_a_while(store: Store) -> None:
    """A process that dies with it does not lose it."""
    for guid in ("1", "2", "3"):
        await store.deliveries.record(Guid(guid), name="ping", digest=guid, event=Pinged())
    assert [guid for guid, _ in await store.deliveries.pending(limit=2)] == ["1", "2"]
    assert [guid for guid, _ in await store.deliveries.pending(limit=2)] == ["3"]
    assert await store.deliveries.pending(limit=2) == ()
    await store.deliveries.done(Guid("2"))
    left = await store.deliveries.pending(limit=9, taken=AT_ONCE)
    assert [guid for guid, _ in left] == ["1", "3"]


async def test_a_delivery_without_use_is_remembered_and_not_pending(store: Store) -> None:
    """It still counts as seen."""
    assert await store.deliveries.record(Guid("g"), name="star", digest="d", event=None)
    assert not await store.deliveries.record(Guid("g"), name="star", digest="d", event=None)
    assert await store.deliveries.pending(limit=9) == ()


async def test_old_deliveries_are_forgotten(store: Store) -> None:
    """The table does not grow for ever."""
    await store.deliveries.record(Guid("g"), name="ping", digest="d", event=Pinged())
    assert await store.deliveries.trim() == 0
    assert await store.deliveries.trim(kept=AT_ONCE) == 1
    assert await store.deliveries.pending(limit=9) == ()


def failed(number: int, guid: str = "g", minutes: int = 0) -> Attempt:
    """Make an attempt that failed."""
    at = NOW - timedelta(minutes=minutes)
    return Attempt(number, Guid(guid), at, "failed", again=False)


def arrived(number: int, guid: str = "g", *, again: bool = True) -> Attempt:
    """Make an attempt that arrived."""
    return Attempt(number, Guid(guid), NOW, "fine", again=again)


async def test_a_failed_delivery_is_taken_by_one_process(database_url: str) -> None:
    """Three processes take at once: each attempt is asked for by one of them."""
    async with Database.open(database_url) as database:
        await Redeliveries(database).learn([failed(n, f"g{n}", n) for n in range(9)])
        taken = await asyncio.gather(*(Redeliveries(database).take(limit=5) for _ in range(3)))
        assert sorted(number for each in taken for number in each) == list(range(9))
        assert await Redeliveries(database).take(limit=9) == ()


async def test_the_oldest_comes_first_and_the_newest_attempt_is_asked_for(
    database_url: str,
) -> None:
    """A try that failed again counts from itself."""
    async with Database.open(database_url) as database:
        memory = Redeliveries(database)
        await memory.learn([failed(9, "a", 1), failed(8, "b", 5), failed(3, "a", 8)])
        assert await memory.take(limit=1) == (8,)
        assert await memory.take(limit=9) == (9,)


async def test_it_is_asked_for_a_few_times_and_then_left(database_url: str) -> None:
    """With pauses that grow; a receiver that never answers costs four requests."""
    async with Database.open(database_url) as database:
        memory = Redeliveries(database)
        await memory.learn([failed(1)])
        assert await memory.take(limit=9) == (1,)
        assert await memory.take(limit=9, pause=LATER) == ()
        tries = [await memory.take(limit=9, pause=AT_ONCE) for _ in range(TRIES + 2)]
        assert [len(each) for each in tries] == [1] * (TRIES - 1) + [0] * 3


@pytest.mark.parametrize("order", ["after", "before", "together"])
async def test_what_arrived_at_last_is_not_asked_for(database_url: str, order: str) -> None:
    """Whether GitHub's list shows it before, after or beside the try that failed."""
    async with Database.open(database_url) as database:
        memory = Redeliveries(database)
        both = [arrived(2), failed(1)]
        match order:
            case "together":
                await memory.learn(both)
            case "after":
                await memory.learn(both[1:])
                await memory.learn(both[:1])
            case _:
                await memory.learn(both[:1])
                await memory.learn(both[1:])
        assert await memory.take(limit=9) == ()


async def test_what_is_stored_already_is_not_asked_for(database_url: str) -> None:
    """The answer was lost, the delivery was not; also when it came in between."""
    async with Database.open(database_url) as database:
        memory, deliveries = Redeliveries(database), Deliveries(database)
        await deliveries.record(Guid("g"), name="ping", digest="d", event=None)
        await memory.learn([failed(1, "g"), failed(2, "h")])
        await deliveries.record(Guid("h"), name="ping", digest="e", event=None)
        assert await memory.take(limit=9) == ()


async def test_what_github_has_forgotten_is_forgotten(database_url: str) -> None:
    """After three days nothing can be asked for."""
    async with Database.open(database_url) as database:
        memory = Redeliveries(database)
        await memory.learn([failed(1, minutes=3 * 24 * 60 + 1)])
        assert await memory.take(limit=9) == ()


async def test_one_process_reads_and_continues_where_it_was_cut(database_url: str) -> None:
    """Never twice within the pause; a death before the end reads the same again."""
    async with Database.open(database_url) as database:
        memory = Redeliveries(database)
        begun = await asyncio.gather(*(memory.begin(every=LATER) for _ in range(3)))
        (first,) = [each for each in begun if each]
        assert timedelta(days=3) - (datetime.now(UTC) - first.read_to) < timedelta(minutes=5)
        cut = Reading(NOW - LATER, "page-7", NOW)
        await memory.finish(cut)
        assert await memory.begin(every=LATER) is None
        assert await memory.begin(every=AT_ONCE) == cut
        assert await memory.begin(every=AT_ONCE) == cut
