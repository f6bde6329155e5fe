"""Versions whose pins could not be found."""

from datetime import UTC, datetime, timedelta

from octobot.model.ids import Key, RepositoryId, Version
from octobot.store.missing_versions import PATIENCE
from octobot.store.store import Store

NOW = datetime(2026, 8, 22, tzinfo=UTC)
HERE, THERE = RepositoryId(101), RepositoryId(102)
HELLO = Key(HERE, "hello")
TWO = Version("2.0")


async def test_a_version_is_remembered_once_and_for_a_while(store: Store) -> None:
    """The first time is news; hours later it is looked for again."""
    missing = store.missing_versions
    assert await missing.remember(HELLO, TWO, "no tag", now=NOW)
    assert not await missing.remember(HELLO, TWO, "no file", now=NOW + timedelta(hours=1))
    assert await missing.current(HERE, ["hello", "other"], now=NOW) == {"hello": {TWO: "no tag"}}
    assert await missing.current(THERE, ["hello"], now=NOW) == {}
    assert await missing.current(HERE, ["hello"], now=NOW + PATIENCE) == {}
    assert await missing.remember(HELLO, TWO, "no\0 tag", now=NOW + PATIENCE)
