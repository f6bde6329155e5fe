from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest

from octobot.model.ids import (
    InstallationId,
    Key,
    PullNumber,
    Repository,
    RepositoryId,
    Sha,
    Version,
    Watched,
)
from octobot.model.orders import (
    Acceptance,
    Closing,
    Hold,
    Ignore,
    Issued,
    Order,
    PackageOrders,
    Pause,
    Rebuild,
    Recreate,
    TextKind,
    TextRef,
    Waiver,
    Wish,
)
from octobot.model.reasons import Reason, ReasonCode
from octobot.model.release import Candidate, Release
from octobot.store.store import Store

HERE = RepositoryId(101)
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
SAID = Issued(9, "ann", NOW)
HEAD = Sha("a" * 40)
TARGET = Candidate(Release("v1.2", HEAD), Version("1.2"))
ORDERS: tuple[Order, ...] = (
    Hold("waits\x00", NOW + timedelta(days=1), SAID),
    Ignore("2.x", SAID),
    Ignore("3.1", SAID),
    Wish(TARGET, (5, 7), SAID),
    Rebuild("1.0-r3", "why", (5,), SAID),
    Waiver(HEAD, "write", SAID),
    Recreate(HEAD, foreign=True, issued=SAID),
    Closing(PullNumber(5), SAID),
    Acceptance("v1.0", HEAD, SAID),
)


async def test_every_kind_of_order_comes_back_as_it_was(store: Store) -> None:
    """With the pause of the whole repository, which concerns every package."""
    for order in ORDERS:
        await store.orders.order(HERE, "hello", order)
    await store.orders.order(HERE, "", Pause(SAID))
    assert await store.orders.of_package(HERE, "hello") == PackageOrders(
        paused=Pause(SAID),
        hold=Hold("waits\ufffd", NOW + timedelta(days=1), SAID),
        ignored=(Ignore("2.x", SAID), Ignore("3.1", SAID)),
        wish=Wish(TARGET, (5, 7), SAID),
        rebuild=Rebuild("1.0-r3", "why", (5,), SAID),
        waiver=Waiver(HEAD, "write", SAID),
        recreate=Recreate(HEAD, foreign=True, issued=SAID),
        closing=Closing(PullNumber(5), SAID),
        accepted=(Acceptance("v1.0", HEAD, SAID),),
    )
    assert await store.orders.of_package(HERE, "other") == PackageOrders(paused=Pause(SAID))
    assert await store.orders.of_package(RepositoryId(102), "hello") == PackageOrders()
    assert set(await store.orders.by_package(HERE)) == {"", "hello"}


async def test_a_later_order_takes_the_place_of_an_earlier_one(store: Store) -> None:
    """Whichever is worked on first."""
    later = Issued(9, "ann", NOW + timedelta(seconds=5))
    await store.orders.order(HERE, "hello", Hold("later", None, later))
    await store.orders.order(HERE, "hello", Hold("earlier", None, SAID))
    hold = (await store.orders.of_package(HERE, "hello")).hold
    assert hold
    assert hold.reason == "later"
    assert await store.orders.revoke(HERE, "hello", Hold)
    assert not await store.orders.revoke(HERE, "hello", Hold)


async def test_a_comment_is_one_processs_at_a_time_and_finished_once(store: Store) -> None:
    """Left by a process that died it is taken again after a while, a few times."""
    seven, eight = TextRef("review", 7, 5), TextRef("comment", 8)
    assert await store.comments.take(HERE, seven, now=NOW) == "new"
    assert await store.comments.take(HERE, seven, now=NOW) == "no"
    later = NOW
    for pause in (5, 10, 20, 40, 80):
        soon = later + timedelta(minutes=pause, seconds=-1)
        assert await store.comments.unfinished(HERE, now=soon) == ()
        later += timedelta(minutes=pause)
        assert await store.comments.unfinished(HERE, now=later) == (seven,)
        assert await store.comments.take(HERE, seven, now=later) == "again"
    assert await store.comments.unfinished(HERE, now=NOW + timedelta(days=1)) == ()
    await store.comments.finish(HERE, eight, now=NOW)
    assert await store.comments.take(HERE, eight, now=NOW + timedelta(days=1)) == "no"


async def test_texts_of_two_kinds_with_one_number_are_two(store: Store) -> None:
    """GitHub numbers comments, reviews and issues apart."""
    for kind in get_args(TextKind):
        assert await store.comments.take(HERE, TextRef(kind, 7, 5), now=NOW) == "new"
        assert await store.comments.listened(HERE, kind) is None
        await store.comments.listen_from(HERE, NOW, kind)
    await store.comments.finish(HERE, TextRef("issue", 7), now=NOW)
    left = await store.comments.unfinished(HERE, now=NOW + timedelta(hours=1))
    assert {one.kind for one in left} == set(get_args(TextKind)) - {"issue"}


async def test_listening_never_goes_back(store: Store) -> None:
    """Two processes may move it on in any order."""
    assert await store.comments.listened(HERE) is None
    await store.comments.listen_from(HERE, NOW)
    await store.comments.listen_from(HERE, NOW - timedelta(hours=1))
    assert await store.comments.listened(HERE) == NOW
    await store.comments.listen_from(HERE, NOW + timedelta(hours=1))
    assert await store.comments.began(HERE) == NOW


@pytest.mark.parametrize(
    ("what", "version", "covered"),
    [
        ("1.2", "1.2", True),
        ("1.2", "1.2.1", False),
        ("1.x", "1.2.1", True),
        ("1.x", "1", True),
        ("1.x", "10.2", False),
        ("1.2.x", "1.2.9_rc1", True),
        ("1.2.x", "1.20", False),
    ],
)
def test_what_a_stream_covers(what: str, version: str, *, covered: bool) -> None:
    """Whole numbers between dots; a version without `.x` is only itself."""
    steering = PackageOrders(ignored=(Ignore(what, SAID),))
    assert (steering.ignores(version) is not None) is covered


async def test_an_order_makes_its_package_due(store: Store) -> None:
    """Whoever obeyed may die before the lane runs, and the hint with it."""
    await store.specs.put(HERE, {"hello.yaml": (HEAD, "package: {name: hello}")}, [])
    key = Key(HERE, "hello")
    await store.repositories.set_watched(
        [Watched(InstallationId(1), HERE, Repository("example", "os"), "main")]
    )
    row = await store.packages.begin(key, now=NOW)
    assert row
    await store.packages.record(
        key, generation=row.generation, reason=Reason(ReasonCode.UP_TO_DATE), due=None, issue=None
    )
    assert await store.packages.due(NOW, limit=5) == ()
    await store.orders.order(HERE, "hello", Rebuild("1.0-r3", "why", (), SAID))
    assert await store.packages.due(NOW, limit=5) == (key,)
