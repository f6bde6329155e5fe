from datetime import UTC, datetime, timedelta

from octobot.model.ids import Sha
from octobot.model.memory import Sighting
from octobot.model.package import Upstream
from octobot.model.release import Release
from octobot.store.store import Store

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LATER = NOW + timedelta(days=1)
TAGS = Upstream("github", "madler/zlib", "tags")
RELEASES = Upstream("github", "madler/zlib", "releases")
MAIN = Upstream("github", "madler/zlib", "branch", "main")
A, B, C = (Sha(each * 40) for each in "abc")


async def observe(store: Store, upstream: Upstream, release: Release, *, now: datetime) -> Sighting:
    """Observe one name."""
    (seen,) = (await store.sightings.observe({upstream: [release]}, now=now))[upstream]
    return seen


async def test_the_first_sighting_never_changes(store: Store) -> None:
    """Our own clock decides the age; seeing the tag again does not make it younger."""
    first = await observe(store, TAGS, Release("v1", commit=A, tag_object=B), now=NOW)
    again = await observe(store, TAGS, Release("v1", commit=A, tag_object=C), now=LATER)
    assert first == again == await store.sightings.find(TAGS, "v1")
    assert (first.first.commit, first.first.tag_object) == (A, B)
    assert (first.first.first_seen, first.moved_to) == (NOW, None)


async def test_a_tag_that_moved_has_moved_for_ever(store: Store) -> None:
    """Moving back does not heal it, and the first other commit is the one that is kept."""
    for commit in (A, B, C, A):
        await observe(store, TAGS, Release("v1", commit=commit), now=NOW)
    sighting = await store.sightings.find(TAGS, "v1")
    assert sighting is not None
    assert (sighting.first.commit, sighting.moved_to) == (A, B)


async def test_a_release_and_its_tag_are_one_name(store: Store) -> None:
    """Changing the update block from tags to releases does not forget a move."""
    await observe(store, TAGS, Release("v1", commit=A), now=NOW)
    sighting = await observe(store, RELEASES, Release("v1", commit=B), now=LATER)
    assert (sighting.first.first_seen, sighting.moved_to) == (NOW, B)


async def test_a_branch_and_a_tag_of_one_name_are_two(store: Store) -> None:
    """A branch head moves by nature and must not condemn a tag."""
    await observe(store, MAIN, Release("main", commit=A), now=NOW)
    sighting = await observe(store, TAGS, Release("main", commit=B), now=NOW)
    assert sighting.moved_to is None


async def test_a_commit_does_not_inherit_the_age_of_a_bare_name(store: Store) -> None:
    """A release shown for weeks before its tag was made is as young as the tag."""
    bare = await observe(store, RELEASES, Release("v1"), now=NOW)
    assert (bare.first.commit, bare.first.first_seen) == (None, NOW)
    known = await observe(store, RELEASES, Release("v1", commit=A), now=LATER)
    assert (known.first.commit, known.first.first_seen, known.moved_to) == (A, LATER, None)
    silent = await observe(store, RELEASES, Release("v1"), now=LATER + timedelta(days=1))
    assert silent == known


async def test_names_are_reported_newest_first(store: Store) -> None:
    """`octobot why` shows what was seen last."""
    for days, name in enumerate(["v1", "v2", "v3"]):
        await observe(store, TAGS, Release(name, commit=A), now=NOW + timedelta(days=days))
    seen = await store.sightings.newest(TAGS, limit=2)
    assert [sighting.first.name for sighting in seen] == ["v3", "v2"]
    assert await store.sightings.find(TAGS, "v9") is None


async def test_many_names_are_observed_at_once(store: Store) -> None:
    """One call for all upstreams; a name that comes as tag and as release is still one."""
    await observe(store, TAGS, Release("v1", commit=A), now=NOW)
    told = await store.sightings.observe(
        {
            TAGS: [Release("v2", commit=B), Release("v1", commit=A)],
            RELEASES: [Release("v1", commit=C), Release("v2", commit=B)],
            MAIN: [],
        },
        now=LATER,
    )
    assert [one.first.name for one in told[TAGS]] == ["v2", "v1"]
    assert [one.moved_to for one in told[RELEASES]] == [C, None]
    assert [one.first.first_seen for one in told[RELEASES]] == [NOW, LATER]
    assert told[MAIN] == ()
    assert await store.sightings.first_seen([TAGS, MAIN]) == {TAGS: (LATER, NOW), MAIN: ()}
