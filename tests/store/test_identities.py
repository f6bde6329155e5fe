"""What the gate remembers: who upstreams are, and how much was opened lately."""

from datetime import UTC, datetime, timedelta

from octobot.model.bump import Proposed
from octobot.model.ids import PullNumber, RepositoryId, Sha, Version
from octobot.model.memory import Identity
from octobot.model.package import Upstream
from octobot.store.store import Store

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
TAGS = Upstream("github", "madler/zlib", "tags")
MAIN = Upstream("github", "Madler/zlib", "branch", "main")
HERE = RepositoryId(101)


async def test_the_first_number_stays_and_another_is_kept_for_ever(store: Store) -> None:
    """Whichever kind of name is asked, and in whichever case."""
    assert await store.identities.identify({TAGS: 1}, now=NOW) == {TAGS: Identity(1, None)}
    both = await store.identities.identify({TAGS: 1, MAIN: 1}, now=NOW)
    assert both == {TAGS: Identity(1, None), MAIN: Identity(1, None)}
    assert await store.identities.identify({MAIN: 2}, now=NOW) == {MAIN: Identity(1, 2)}
    assert await store.identities.identify({TAGS: 3}, now=NOW) == {TAGS: Identity(1, 2)}
    assert await store.identities.identify({TAGS: 1}, now=NOW) == {TAGS: Identity(1, 2)}


async def test_a_person_lets_the_other_one_be_it(store: Store) -> None:
    """Once: then it is what was known first."""
    await store.identities.identify({TAGS: 1}, now=NOW)
    assert await store.identities.accept("github", "madler/zlib") is None
    await store.identities.identify({TAGS: 2}, now=NOW)
    assert await store.identities.accept("github", "MADLER/zlib") == Identity(1, 2)
    assert await store.identities.accept("github", "madler/zlib") is None
    assert await store.identities.identify({TAGS: 2}, now=NOW) == {TAGS: Identity(2, None)}


async def test_what_was_opened_since_is_counted(store: Store) -> None:
    """By the ledger, of this repository alone."""
    for number, (repository, age) in enumerate([(101, 5), (101, 30), (101, 90), (102, 5)]):
        proposed = Proposed(
            package=f"p{number}",
            version=Version("1"),
            branch=f"octobot/p{number}/1",
            base=Sha("b" * 40),
            blob=Sha("c" * 40),
            head=None,
            number=PullNumber(number),
            state="open",
            at=NOW - timedelta(minutes=age),
        )
        await store.ledger.intend(RepositoryId(repository), proposed)
    assert await store.ledger.opened_since(HERE, NOW - timedelta(hours=1)) == 2
    assert await store.ledger.opened_since(RepositoryId(103), NOW - timedelta(hours=1)) == 0
