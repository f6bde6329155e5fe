from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from octobot.flows import seams
from octobot.model.ids import (
    InstallationId,
    Key,
    Repository,
    RepositoryId,
    Sha,
    Version,
    Watched,
)
from octobot.model.memory import Row
from octobot.model.package import Upstream
from octobot.model.reasons import Reason, ReasonCode, Where
from octobot.model.release import Candidate, Release
from octobot.store.packages import HINTED, LOOKING, NEVER
from octobot.store.store import Store

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
DISTRO = RepositoryId(101)
OTHER = RepositoryId(102)
ZLIB = Key(DISTRO, "zlib")
UPSTREAM = Upstream("github", "madler/zlib", "tags")
FOUND = Reason(ReasonCode.UPDATE_FOUND, "1.3.1 → 1.3.2", Where("zlib.yaml", 3))
TARGET = Candidate(
    Release(
        name="v1.3.2",
        commit=Sha("b" * 40),
        tag_object=Sha("c" * 40),
        published=NOW - timedelta(days=1),
    ),
    Version("1.3.2"),
)


def sha(text: str) -> Sha:
    """Make an object id that only depends on `text`."""
    return Sha(text.encode().hex().ljust(40, "0")[:40])


async def given(store: Store, *names: str, repository: RepositoryId = DISTRO) -> None:
    """Put specs of these names."""
    specs = {f"{name}.yaml": (sha(name), f"package:\n  name: {name}\n") for name in names}
    await store.put_specs(repository, specs, [])


async def watch(store: Store, *numbers: RepositoryId) -> None:
    """Install the App on these repositories."""
    await store.set_watched(
        [
            Watched(InstallationId(1), number, Repository("example", f"r{number}"), "main")
            for number in numbers
        ]
    )


def names(rows: Sequence[Row]) -> list[str]:
    """Give the packages' names."""
    return [row.key.package for row in rows]


def test_the_store_satisfies_the_seam(store: Store) -> None:
    """The type checker compares every signature; this shows that it did."""
    seam: seams.Store = store
    assert seam is store


async def test_a_new_spec_is_due_for_everything(store: Store) -> None:
    """A spec that was just taken over is looked at and worked on at once."""
    await given(store, "zlib")
    row = await store.row(ZLIB)
    assert row is not None
    assert (row.path, row.blob, row.text) == ("zlib.yaml", sha("zlib"), "package:\n  name: zlib\n")
    assert row.reason == Reason(ReasonCode.NOT_LOOKED_YET)
    assert row.due < NOW > row.look_due
    assert (row.target, row.upstream, row.issue, row.generation) == (None, None, None, 0)


async def test_what_is_unknown_is_none(store: Store) -> None:
    """Neither reading nor beginning invents a package."""
    assert await store.row(ZLIB) is None
    assert await store.begin(ZLIB, now=NOW) is None
    assert await store.rows(DISTRO) == ()
    assert not await store.looked(ZLIB, target=None, upstream=None, reason=FOUND, again=NOW)


async def test_blobs_follow_changes_and_removals(store: Store) -> None:
    """The store's list of blobs is what the next pass compares with."""
    await given(store, "zlib", "bash")
    await store.put_specs(DISTRO, {"zlib.yaml": (sha("new"), "new")}, ["bash.yaml"])
    assert await store.blobs(DISTRO) == {"zlib.yaml": sha("new")}
    assert names(await store.rows(DISTRO)) == ["zlib"]


async def test_texts_are_shared_and_kept_while_anybody_needs_them(store: Store) -> None:
    """Two repositories with one text: taking it from one leaves it to the other."""
    await given(store, "zlib")
    await given(store, "zlib", repository=OTHER)
    await store.put_specs(DISTRO, {}, ["zlib.yaml"])
    row = await store.row(Key(OTHER, "zlib"))
    assert row is not None
    assert row.text == "package:\n  name: zlib\n"


@pytest.mark.parametrize("text", ["a\x00b\r\n", "naïve ☃", ""])
async def test_texts_come_back_as_they_were(store: Store, text: str) -> None:
    """Byte for byte, whatever a spec holds."""
    await store.put_specs(DISTRO, {"zlib.yaml": (sha("x"), text)}, [])
    row = await store.row(ZLIB)
    assert row is not None
    assert row.text == text


async def test_a_changed_text_keeps_the_target_and_is_due(store: Store) -> None:
    """A merge changes the text; what was known of the upstream still stands."""
    await given(store, "zlib")
    await store.looked(ZLIB, target=TARGET, upstream=UPSTREAM, reason=FOUND, again=NEVER)
    begun = await store.begin(ZLIB, now=NOW)
    assert begun is not None
    await store.record(ZLIB, generation=1, reason=FOUND, due=None, issue=None)
    await store.put_specs(DISTRO, {"zlib.yaml": (sha("new"), "new")}, [])
    row = await store.row(ZLIB)
    assert row is not None
    assert (row.target, row.text) == (TARGET, "new")
    assert row.due < NOW > row.look_due


async def test_the_same_text_again_changes_nothing(store: Store) -> None:
    """Taking over what is known already is no news."""
    await given(store, "zlib")
    await store.begin(ZLIB, now=NOW)
    before = await store.row(ZLIB)
    await given(store, "zlib")
    assert await store.row(ZLIB) == before


async def test_a_look_is_news_only_once(store: Store) -> None:
    """The same target and reason a second time need no work."""
    await given(store, "zlib")
    for news in (True, False):
        assert news is await store.looked(
            ZLIB, target=TARGET, upstream=UPSTREAM, reason=FOUND, again=NOW
        )
    row = await store.row(ZLIB)
    assert row is not None
    assert (row.target, row.upstream, row.reason) == (TARGET, UPSTREAM, FOUND)
    assert row.look_due == NOW
    assert await store.looked(ZLIB, target=None, upstream=UPSTREAM, reason=FOUND, again=NOW)


async def test_foreign_text_that_postgresql_cannot_hold_is_replaced(store: Store) -> None:
    """A hostile tag name with NUL or half a surrogate does not stop the pass."""
    await given(store, "zlib")
    hostile = Candidate(Release(name="v1\x00\ud800"), Version("1"))
    reason = Reason(ReasonCode.BAD_VERSION, "v1\x00\ud800")
    await store.looked(ZLIB, target=hostile, upstream=UPSTREAM, reason=reason, again=NOW)
    row = await store.row(ZLIB)
    assert row is not None
    assert row.reason.detail == "v1\ufffd?"


async def test_looks_are_given_longest_due_first_and_to_one_process(store: Store) -> None:
    """A pass that died is repeated by another one, but not before its time."""
    await given(store, "a", "b", "c", "d")
    for name, hours in (("a", 2), ("b", 1), ("c", 3), ("d", -1)):
        again = NOW - timedelta(hours=hours)
        await store.looked(Key(DISTRO, name), target=None, upstream=None, reason=FOUND, again=again)
    assert names(await store.due_looks(DISTRO, now=NOW, limit=2)) == ["c", "a"]
    assert names(await store.due_looks(DISTRO, now=NOW, limit=9)) == ["b"]
    assert await store.due_looks(OTHER, now=NOW, limit=9) == ()
    later = await store.due_looks(DISTRO, now=NOW + LOOKING, limit=9)
    assert sorted(names(later)) == ["a", "b", "c"]


async def test_begin_backs_off_until_the_work_is_recorded(store: Store) -> None:
    """Each try that is not finished doubles the wait, up to an hour."""
    await given(store, "zlib")
    waits = []
    for generation in range(1, 12):
        row = await store.begin(ZLIB, now=NOW)
        assert row is not None
        assert row.generation == generation
        waits.append((row.due - NOW).total_seconds())
    assert waits[:3] == [10, 20, 40]
    assert all(after in {before * 2, 3600} for before, after in pairwise(waits))
    assert waits[-1] == 3600
    await store.record(ZLIB, generation=11, reason=FOUND, due=NOW, issue=None)
    row = await store.begin(ZLIB, now=NOW)
    assert row is not None
    assert row.due == NOW + timedelta(seconds=10)


async def test_record_is_ignored_once_somebody_else_began(store: Store) -> None:
    """A worker that was paused cannot overwrite its replacement."""
    await given(store, "zlib")
    await store.begin(ZLIB, now=NOW)
    await store.begin(ZLIB, now=NOW)
    await store.record(ZLIB, generation=1, reason=FOUND, due=None, issue=7)
    row = await store.row(ZLIB)
    assert row is not None
    assert (row.reason.code, row.issue) == (ReasonCode.NOT_LOOKED_YET, None)
    await store.record(ZLIB, generation=2, reason=FOUND, due=None, issue=7)
    row = await store.row(ZLIB)
    assert row is not None
    assert (row.reason, row.issue, row.due) == (FOUND, 7, NEVER)


async def test_news_during_the_work_stays_due(store: Store) -> None:
    """A look that comes while the lane works is not put off by the end of that work."""
    await watch(store, DISTRO)
    await given(store, "zlib")
    await store.begin(ZLIB, now=NOW)
    await store.looked(ZLIB, target=TARGET, upstream=UPSTREAM, reason=FOUND, again=NEVER)
    await store.record(ZLIB, generation=1, reason=FOUND, due=None, issue=None)
    assert await store.due(NOW, 9) == (ZLIB,)
    await store.begin(ZLIB, now=NOW)
    await store.record(ZLIB, generation=2, reason=FOUND, due=None, issue=None)
    assert await store.due(NOW + timedelta(days=9), 9) == ()


async def test_the_sweep_is_given_each_due_key_once(store: Store) -> None:
    """Two sweeps do not both hint; a hint that got lost is repeated."""
    await watch(store, DISTRO)
    await given(store, "a", "b", "c")
    await given(store, "rests", repository=OTHER)
    first = await store.due(NOW, 2)
    second = await store.due(NOW, 2)
    assert sorted(key.package for key in (*first, *second)) == ["a", "b", "c"]
    assert await store.due(NOW, 2) == ()
    assert len(await store.due(NOW + HINTED, 9)) == 3


async def test_a_package_is_found_in_every_repository(store: Store) -> None:
    """`octobot why NAME` need not know where."""
    await given(store, "zlib", "bash")
    await given(store, "zlib", repository=OTHER)
    assert [row.key for row in await store.find("zlib")] == [ZLIB, Key(OTHER, "zlib")]


async def test_the_watched_repositories_are_exactly_those_set(store: Store) -> None:
    """A removed installation is watched no more; what is known of it rests."""
    await watch(store, DISTRO, OTHER)
    await given(store, "zlib")
    assert [each.id for each in await store.watched()] == [DISTRO, OTHER]
    await watch(store, OTHER)
    assert [each.id for each in await store.watched()] == [OTHER]
    assert await store.due(NOW, 9) == ()
    await watch(store, DISTRO)
    assert await store.due(NOW, 9) == (ZLIB,)
    await store.set_watched([])
    assert await store.watched() == ()
