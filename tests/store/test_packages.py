from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from octobot.model.ids import (
    InstallationId,
    Key,
    Repository,
    RepositoryId,
    Sha,
    Version,
    Watched,
)
from octobot.model.memory import Checked, Due, Row
from octobot.model.package import Upstream
from octobot.model.reasons import Reason, ReasonCode, Where
from octobot.model.release import Candidate, Release
from octobot.store.packages import HINTED, NEVER
from octobot.store.schedule import LEASE
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
    await store.specs.put(repository, specs, [])


async def watch(store: Store, *numbers: RepositoryId) -> None:
    """Install the App on these repositories."""
    await store.repositories.set_watched(
        [
            Watched(InstallationId(1), number, Repository("example", f"r{number}"), "main")
            for number in numbers
        ]
    )


async def look(  # noqa: PLR0913  (a look's columns)
    store: Store,
    key: Key = ZLIB,
    *,
    target: Candidate | None = None,
    upstream: Upstream | None = UPSTREAM,
    reason: Reason = FOUND,
    again: datetime = NOW,
    digest: str = "d1",
    pause: timedelta = timedelta(minutes=3),
    far: bool = False,
) -> bool:
    """Record one look; True when it was news."""
    looked = Checked(key, target, upstream, reason, again, pause, digest, prefix="v", far=far)
    return key in await store.schedule.record(key.repository, [looked])


def names(rows: Sequence[Row | Due]) -> list[str]:
    """Return the packages' names."""
    return [row.key.package for row in rows]


async def test_a_new_spec_is_due_for_everything(store: Store) -> None:
    """A spec that was just taken over is looked at and worked on at once."""
    await given(store, "zlib")
    row = await store.packages.row(ZLIB)
    assert row is not None
    assert (row.path, row.blob, row.text) == ("zlib.yaml", sha("zlib"), "package:\n  name: zlib\n")
    assert row.reason == Reason(ReasonCode.NOT_LOOKED_YET)
    assert row.due < NOW > row.look_due
    assert (row.target, row.upstream, row.issue, row.generation) == (None, None, None, 0)


async def test_what_is_unknown_is_empty(store: Store) -> None:
    """Neither reading nor beginning invents a package."""
    assert await store.packages.row(ZLIB) is None
    assert await store.packages.begin(ZLIB, now=NOW) is None
    assert await store.packages.rows(DISTRO) == ()
    assert not await look(store)
    assert not await store.schedule.check_now(ZLIB)


async def test_blobs_follow_changes_and_removals(store: Store) -> None:
    """The store's list of blobs is what the next pass compares with."""
    await given(store, "zlib", "bash")
    await store.specs.put(DISTRO, {"zlib.yaml": (sha("new"), "new")}, ["bash.yaml"])
    assert await store.specs.blobs(DISTRO) == {"zlib.yaml": sha("new")}
    assert names(await store.packages.rows(DISTRO)) == ["zlib"]


async def test_texts_are_shared_and_kept_while_anybody_needs_them(store: Store) -> None:
    """Two repositories with one text: taking it from one leaves it to the other."""
    await given(store, "zlib")
    await given(store, "zlib", repository=OTHER)
    await store.specs.put(DISTRO, {}, ["zlib.yaml"])
    row = await store.packages.row(Key(OTHER, "zlib"))
    assert row is not None
    assert row.text == "package:\n  name: zlib\n"


@pytest.mark.parametrize("text", ["a\x00b\r\n", "naïve ☃", ""])
async def test_texts_come_back_as_they_were(store: Store, text: str) -> None:
    """Byte for byte, whatever a spec holds."""
    await store.specs.put(DISTRO, {"zlib.yaml": (sha("x"), text)}, [])
    row = await store.packages.row(ZLIB)
    assert row is not None
    assert row.text == text


async def test_a_changed_text_keeps_the_target_and_is_due(store: Store) -> None:
    """A merge changes the text; what was known of the upstream stays."""
    await given(store, "zlib")
    await look(store, target=TARGET, again=NEVER)
    begun = await store.packages.begin(ZLIB, now=NOW)
    assert begun is not None
    await store.packages.record(ZLIB, generation=1, reason=FOUND, due=None, issue=None)
    await store.specs.put(DISTRO, {"zlib.yaml": (sha("new"), "new")}, [])
    row = await store.packages.row(ZLIB)
    assert row is not None
    assert (row.target, row.text) == (TARGET, "new")
    assert row.due < NOW > row.look_due


async def test_the_same_text_again_changes_nothing(store: Store) -> None:
    """Taking over what is known already is no news."""
    await given(store, "zlib")
    await store.packages.begin(ZLIB, now=NOW)
    before = await store.packages.row(ZLIB)
    await given(store, "zlib")
    assert await store.packages.row(ZLIB) == before


async def test_a_look_is_news_only_once(store: Store) -> None:
    """The same target and reason a second time need no work."""
    await given(store, "zlib")
    for news in (True, False):
        assert news is await look(store, target=TARGET)
    row = await store.packages.row(ZLIB)
    assert row is not None
    assert (row.target, row.upstream, row.reason) == (TARGET, UPSTREAM, FOUND)
    assert row.look_due == NOW
    assert await look(store)


async def test_foreign_text_that_postgresql_cannot_hold_is_replaced(store: Store) -> None:
    """A hostile tag name with NUL or half a surrogate does not stop the pass."""
    await given(store, "zlib")
    hostile = Candidate(Release(name="v1\x00\ud800"), Version("1"))
    reason = Reason(ReasonCode.BAD_VERSION, "v1\x00\ud800")
    await look(store, target=hostile, reason=reason)
    row = await store.packages.row(ZLIB)
    assert row is not None
    assert row.reason.detail == "v1\ufffd?"


async def test_looks_are_given_longest_due_first_and_to_one_process(store: Store) -> None:
    """A pass that died is repeated by another one, but not before its time."""
    await given(store, "a", "b", "c", "d")
    for name, hours in (("a", 2), ("b", 1), ("c", 3), ("d", -1)):
        again = NOW - timedelta(hours=hours)
        await look(store, Key(DISTRO, name), again=again)
    assert names(await store.schedule.due(DISTRO, far=False, now=NOW, limit=2)) == ["c", "a"]
    assert names(await store.schedule.due(DISTRO, far=False, now=NOW, limit=9)) == ["b"]
    assert await store.schedule.due(OTHER, far=False, now=NOW, limit=9) == ()
    later = await store.schedule.due(DISTRO, far=False, now=NOW + LEASE, limit=9)
    assert sorted(names(later)) == ["a", "b", "c"]


async def test_a_look_that_finds_nothing_new_only_moves_its_time(store: Store) -> None:
    """Unchanged packages come back after their own rhythm, as far as the budget has room."""
    await given(store, "zlib")
    await look(store, target=TARGET)
    before = await store.packages.row(ZLIB)
    shortest = timedelta(minutes=1)
    await store.schedule.unchanged([ZLIB], now=NOW, shortest=shortest, scale=1)
    row = await store.packages.row(ZLIB)
    assert row is not None
    assert before is not None
    assert row == replace(before, look_due=NOW + timedelta(minutes=3))
    for scale, minutes in ((0.01, 1), (0.5, 1.5), (20, 60)):
        await store.schedule.unchanged([ZLIB], now=NOW, shortest=shortest, scale=scale)
        row = await store.packages.row(ZLIB)
        assert row is not None
        assert row.look_due == NOW + timedelta(minutes=minutes)


async def test_a_specs_own_schedule_is_no_matter_of_budget(store: Store) -> None:
    """Whole days stay whole days."""
    await given(store, "zlib")
    await look(store, pause=timedelta(days=7))
    await store.schedule.unchanged([ZLIB], now=NOW, shortest=timedelta(minutes=1), scale=0.2)
    row = await store.packages.row(ZLIB)
    assert row is not None
    assert row.look_due == NOW + timedelta(days=7)


async def test_what_is_due_is_known_without_its_spec(store: Store) -> None:
    """Upstream, digest and prefix come from the last look; a changed spec forgets them."""
    await given(store, "zlib")
    (new,) = await store.schedule.due(DISTRO, far=False, now=NOW, limit=9)
    assert new == Due(ZLIB, None, "", "")
    await look(store)
    assert await store.schedule.due(DISTRO, far=False, now=NOW, limit=9) == (
        Due(ZLIB, UPSTREAM, "d1", "v"),
    )
    await look(store, digest="")
    (failed,) = await store.schedule.due(DISTRO, far=False, now=NOW, limit=9)
    assert failed == Due(ZLIB, UPSTREAM, "", "v")
    await store.specs.put(DISTRO, {"zlib.yaml": (sha("new"), "new")}, [])
    (changed,) = await store.schedule.due(DISTRO, far=False, now=NOW, limit=9)
    assert changed.upstream is None


async def test_near_and_far_are_two_queues(store: Store) -> None:
    """A package that is put off to the other pass is due there, at its time."""
    await given(store, "zlib")
    await store.schedule.put_off([ZLIB], until=NOW, far=True)
    assert await store.schedule.due(DISTRO, far=False, now=NOW, limit=9) == ()
    assert names(await store.schedule.due(DISTRO, far=True, now=NOW, limit=9)) == ["zlib"]


async def test_a_hint_makes_a_look_due_at_once(store: Store) -> None:
    """By the package, or by the repository that published something, in whatever case."""
    await given(store, "zlib", "bash")
    await given(store, "zlib", repository=OTHER)
    for key in (ZLIB, Key(OTHER, "zlib"), Key(DISTRO, "bash")):
        other = Upstream("github", "gnu/bash", "tags")
        upstream = UPSTREAM if key.package == "zlib" else other
        await look(store, key, upstream=upstream, again=NOW + timedelta(days=1))
    assert (
        await store.schedule.check_upstreams_now(["Madler/ZLIB", "https://github.com/madler/zlib"])
        == 2
    )
    assert names(await store.schedule.due(DISTRO, far=False, now=NOW, limit=9)) == ["zlib"]
    assert names(await store.schedule.due(OTHER, far=False, now=NOW, limit=9)) == ["zlib"]
    assert await store.schedule.check_now(Key(DISTRO, "bash"))
    assert names(await store.schedule.due(DISTRO, far=False, now=NOW, limit=9)) == ["bash"]


async def test_the_demand_counts_each_upstream_once(store: Store) -> None:
    """What a pass costs depends on the upstreams, not on the packages that share them."""
    await watch(store, DISTRO)
    await given(store, "a", "b", "c")
    await given(store, "d", repository=OTHER)
    releases = Upstream("github", "Madler/zlib", "releases")
    for name, upstream in (("a", UPSTREAM), ("b", UPSTREAM), ("c", releases)):
        await look(store, Key(DISTRO, name), upstream=upstream)
    await look(store, Key(OTHER, "d"), upstream=Upstream("github", "not/watched", "tags"))
    assert await store.schedule.demand() == pytest.approx(2 / 180)
    git = Upstream("git", "https://example.org/a.git", "tags")
    await look(store, Key(DISTRO, "c"), upstream=git, far=True)
    assert await store.schedule.demand() == pytest.approx(1 / 180)
    assert await store.schedule.rhythms() == {git: timedelta(minutes=3)}


async def test_begin_backs_off_until_the_work_is_recorded(store: Store) -> None:
    """Each try that is not finished doubles the wait, up to an hour."""
    await given(store, "zlib")
    waits = []
    for generation in range(1, 12):
        row = await store.packages.begin(ZLIB, now=NOW)
        assert row is not None
        assert row.generation == generation
        waits.append((row.due - NOW).total_seconds())
    assert waits[:3] == [10, 20, 40]
    assert all(after in {before * 2, 3600} for before, after in pairwise(waits))
    assert waits[-1] == 3600
    await store.packages.record(ZLIB, generation=11, reason=FOUND, due=NOW, issue=None)
    row = await store.packages.begin(ZLIB, now=NOW)
    assert row is not None
    assert row.due == NOW + timedelta(seconds=10)


async def test_record_is_ignored_once_somebody_else_began(store: Store) -> None:
    """A worker that was paused cannot overwrite its replacement."""
    await given(store, "zlib")
    await store.packages.begin(ZLIB, now=NOW)
    await store.packages.begin(ZLIB, now=NOW)
    await store.packages.record(ZLIB, generation=1, reason=FOUND, due=None, issue=7)
    row = await store.packages.row(ZLIB)
    assert row is not None
    assert (row.reason.code, row.issue) == (ReasonCode.NOT_LOOKED_YET, None)
    await store.packages.record(ZLIB, generation=2, reason=FOUND, due=None, issue=7)
    row = await store.packages.row(ZLIB)
    assert row is not None
    assert (row.reason, row.issue, row.due) == (FOUND, 7, NEVER)


async def test_news_during_the_work_stays_due(store: Store) -> None:
    """A look that comes while the lane works is not put off by the end of that work."""
    await watch(store, DISTRO)
    await given(store, "zlib")
    await store.packages.begin(ZLIB, now=NOW)
    await look(store, target=TARGET, again=NEVER)
    stale = Reason(ReasonCode.NOT_LOOKED_YET)
    await store.packages.record(ZLIB, generation=1, reason=stale, due=None, issue=None)
    row = await store.packages.row(ZLIB)
    assert row is not None
    assert row.reason == FOUND
    assert await store.packages.due(NOW, 9) == (ZLIB,)
    await store.packages.begin(ZLIB, now=NOW)
    await store.packages.record(ZLIB, generation=2, reason=FOUND, due=None, issue=None)
    assert await store.packages.due(NOW + timedelta(days=9), 9) == ()


async def test_the_sweep_gets_each_due_key_once(store: Store) -> None:
    """Two sweeps do not both hint; a hint that got lost is repeated."""
    await watch(store, DISTRO)
    await given(store, "a", "b", "c")
    await given(store, "rests", repository=OTHER)
    first = await store.packages.due(NOW, 2)
    second = await store.packages.due(NOW, 2)
    assert sorted(key.package for key in (*first, *second)) == ["a", "b", "c"]
    assert await store.packages.due(NOW, 2) == ()
    assert len(await store.packages.due(NOW + HINTED, 9)) == 3


async def test_a_package_is_found_in_every_repository(store: Store) -> None:
    """`octobot why NAME` need not know where."""
    await given(store, "zlib", "bash")
    await given(store, "zlib", repository=OTHER)
    assert [row.key for row in await store.packages.find("zlib")] == [ZLIB, Key(OTHER, "zlib")]


async def test_the_watched_repositories_are_exactly_those_set(store: Store) -> None:
    """A removed installation is watched no more; what is known of it rests."""
    await watch(store, DISTRO, OTHER)
    await given(store, "zlib")
    assert [each.id for each in await store.repositories.watched()] == [DISTRO, OTHER]
    await watch(store, OTHER)
    assert [each.id for each in await store.repositories.watched()] == [OTHER]
    assert await store.packages.due(NOW, 9) == ()
    await watch(store, DISTRO)
    assert await store.packages.due(NOW, 9) == (ZLIB,)
    await store.repositories.set_watched([])
    assert await store.repositories.watched() == ()
