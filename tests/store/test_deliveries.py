import asyncio
from datetime import timedelta

import pytest

from octobot.model.events import (
    ChecksChanged,
    Event,
    InstallationChanged,
    Pinged,
    PullRequestChanged,
    Pushed,
)
from octobot.model.ids import Guid, InstallationId, PullNumber, RepositoryId, Sha
from octobot.store.store import Store

REPOSITORY = RepositoryId(101)
HEAD = Sha("a" * 40)
EVENTS: tuple[Event, ...] = (
    Pinged(),
    InstallationChanged(InstallationId(7)),
    Pushed(REPOSITORY, "main", HEAD, is_default=True),
    PullRequestChanged(REPOSITORY, PullNumber(5), "octobot/zlib/1.3.2"),
    ChecksChanged(REPOSITORY, HEAD, None),
)
AT_ONCE = timedelta(0)


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
async def test_an_event_comes_back_as_it_was(store: Store, event: Event) -> None:
    """After a crash the stored event is the one that was delivered."""
    assert await store.deliveries.record(Guid("g"), name="n", told="d", event=event)
    assert await store.deliveries.pending(limit=9) == ((Guid("g"), event),)


async def test_a_guid_counts_once_even_at_the_same_time(store: Store) -> None:
    """A hundred copies of one delivery: one is new."""
    copies = [
        store.deliveries.record(Guid("g"), name="ping", told="d", event=Pinged())
        for _ in range(100)
    ]
    assert sum(await asyncio.gather(*copies)) == 1


async def test_what_is_told_counts_once_under_any_guid(store: Store) -> None:
    """A hundred copies under as many GUIDs, at the same time: one is new."""
    copies = [
        store.deliveries.record(Guid(f"g{n}"), name="ping", told="d", event=Pinged())
        for n in range(100)
    ]
    assert sum(await asyncio.gather(*copies)) == 1
    assert len(await store.deliveries.pending(limit=9)) == 1


async def test_a_pending_delivery_is_taken_by_one_and_returns_after_a_while(store: Store) -> None:
    """A process that dies with it does not lose it."""
    for guid in ("1", "2", "3"):
        await store.deliveries.record(Guid(guid), name="ping", told=guid, event=Pinged())
    assert [guid for guid, _ in await store.deliveries.pending(limit=2)] == ["1", "2"]
    assert [guid for guid, _ in await store.deliveries.pending(limit=2)] == ["3"]
    assert await store.deliveries.pending(limit=2) == ()
    await store.deliveries.done(Guid("2"))
    left = await store.deliveries.pending(limit=9, taken=AT_ONCE)
    assert [guid for guid, _ in left] == ["1", "3"]


async def test_a_delivery_without_use_is_remembered_and_not_pending(store: Store) -> None:
    """It still counts as seen."""
    assert await store.deliveries.record(Guid("g"), name="star", told="d", event=None)
    assert not await store.deliveries.record(Guid("g"), name="star", told="d", event=None)
    assert await store.deliveries.pending(limit=9) == ()


async def test_old_deliveries_are_forgotten(store: Store) -> None:
    """The table does not grow for ever."""
    await store.deliveries.record(Guid("g"), name="ping", told="d", event=Pinged())
    assert await store.deliveries.trim() == 0
    assert await store.deliveries.trim(kept=AT_ONCE) == 1
    assert await store.deliveries.pending(limit=9) == ()
