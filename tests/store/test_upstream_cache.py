from datetime import UTC, datetime, timedelta

from octobot.model.ids import Sha
from octobot.model.memory import Memo, Remembered
from octobot.model.package import Upstream
from octobot.model.release import Release
from octobot.store.store import Store

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LATER = NOW + timedelta(days=1)
A, B = Sha("a" * 40), Sha("b" * 40)
TAGS = Upstream("github", "madler/zlib", "tags")
MAIN = Upstream("git", "https://example.org/x.git", "branch", "main")
RELEASES = (
    Release("v1\x00\ud800☃", A, B),
    Release("v2", A, A, prerelease=True, published=NOW),
    Release("v3", draft=True, committed=LATER),
    Release("v4", A, yanked=True),
)


def memo(mark: str, *releases: Release, whole: bool = True) -> Memo:
    """Make what is remembered of an upstream."""
    return Memo(mark, f"digest of {mark}", ("", "v"), releases, whole)


async def test_what_was_shown_comes_back_as_it_was(store: Store) -> None:
    """Whatever a name holds, and every flag."""
    await store.upstream_cache.remember({TAGS: memo("m1", *RELEASES), MAIN: memo("m2")}, now=NOW)
    assert await store.upstream_cache.recall([TAGS, MAIN, Upstream("git", "other", "tags")]) == {
        TAGS: RELEASES,
        MAIN: (),
    }
    assert await store.upstream_cache.remembered([MAIN, TAGS]) == {
        TAGS: Remembered("m1", "digest of m1", ("", "v"), NOW, NOW),
        MAIN: Remembered("m2", "digest of m2", ("", "v"), NOW, NOW),
    }


async def test_only_a_whole_reading_counts_as_one(store: Store) -> None:
    """A list put together of old and new names does not put off the next whole reading."""
    await store.upstream_cache.remember({TAGS: memo("m1")}, now=NOW)
    await store.upstream_cache.remember({TAGS: memo("m2", *RELEASES, whole=False)}, now=LATER)
    (found,) = (await store.upstream_cache.remembered([TAGS])).values()
    assert (found.mark, found.asked, found.whole) == ("m2", LATER, NOW)
    assert (await store.upstream_cache.recall([TAGS]))[TAGS] == RELEASES


async def test_an_unchanged_upstream_was_asked_all_the_same(store: Store) -> None:
    """The next pass over another repository need not ask again so soon."""
    await store.upstream_cache.remember({TAGS: memo("m1")}, now=NOW)
    await store.upstream_cache.asked([TAGS, MAIN], now=LATER)
    (found,) = (await store.upstream_cache.remembered([TAGS, MAIN])).values()
    assert found.asked == LATER


async def test_what_nobody_asks_for_is_forgotten(store: Store) -> None:
    """A spec that is gone leaves nothing behind for ever."""
    await store.upstream_cache.remember({TAGS: memo("m1"), MAIN: memo("m2")}, now=NOW)
    await store.upstream_cache.asked([MAIN], now=LATER)
    assert await store.upstream_cache.forget(before=LATER) == 1
    assert set(await store.upstream_cache.recall([TAGS, MAIN])) == {MAIN}
    assert set(await store.upstream_cache.remembered([TAGS, MAIN])) == {MAIN}
