"""Two processes on one PostgreSQL: what they share is kept exactly, and nobody holds it long."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Literal

import pytest

from octobot.flows.reconcile.lane import reconcile
from octobot.flows.upstreams import Upstreams
from octobot.flows.watch.watch import watch
from octobot.model.ids import Key
from octobot.model.lookup import Request, Response
from octobot.model.reasons import ReasonCode
from octobot.store.store import Store
from tests.stories.story import NAME, Story, spec
from tests.stories.test_commands import ann, say

PACKAGES = ("alpha", "beta", "delta", "gamma", "hello")


@pytest.fixture
async def other(store: Store, database_url: str) -> AsyncIterator[Store]:
    """Open the database of the story's store once more, as another process does."""
    del store  # whose migration comes first
    async with Store.open(database_url, connections=3) as opened:
        yield opened


@pytest.mark.parametrize("most", [1, 3])
async def test_two_processes_keep_an_hours_limit_exactly(
    tale: Story, other: Store, most: int
) -> None:
    """All packages have news at once: as many pull requests are opened as the file allows."""
    commit = await tale.release("1.0")
    text = spec("1.0", commit)
    files = {f"{name}.yaml": text.replace("name: hello", f"name: {name}") for name in PACKAGES}
    await tale.sandbox.commit_files(
        NAME, "main", {path: each.encode() for path, each in files.items()}, "More packages"
    )
    await tale.configure(f"minimum-release-age: 0s\nnew-pull-requests-per-hour: {most}\n")
    await tale.look()
    await tale.release("1.1")
    tale.clock.ahead += timedelta(seconds=5)
    await watch(tale.world)
    keys = [Key(tale.world.watched.id, name) for name in PACKAGES]
    worlds = (tale.world, replace(tale.world, store=other))
    await asyncio.gather(
        *(reconcile(worlds[number % 2], key) for number, key in enumerate(keys)),
    )
    assert len(await tale.pulls()) == most
    rows = [await tale.store.packages.row(key) for key in keys]
    waiting = [row for row in rows if row and row.reason.code is ReasonCode.PR_LIMIT_REACHED]
    assert len(waiting) == len(PACKAGES) - most
    await tale.later(minutes=61)
    assert len(await tale.pulls()) == min(2 * most, len(PACKAGES))


@dataclass
class Watching:
    """Upstreams that look, whenever they are asked, which transactions are open meanwhile."""

    inner: Upstreams
    store: Store
    open: list[int]

    async def send(self, request: Request) -> Response:
        """Answer, and count the transactions that wait for it."""
        found = await self.store.database.row(
            "select count(*) from pg_stat_activity where datname = current_database()"
            " and state like 'idle in transaction%%'"
        )
        self.open += found or ()
        return await self.inner.send(request)

    async def digest(self, uri: str, algorithm: Literal["sha256", "sha512"]) -> str | None:
        """Download and hash."""
        return await self.inner.digest(uri, algorithm)


async def test_no_transaction_is_open_while_upstreams_answer_a_command(
    tale: Story, other: Store
) -> None:
    """A slow upstream holds no connection, and keeps no row from other processes."""
    await tale.look()
    await tale.release("1.2_rc1")
    await tale.look()
    open_: list[int] = []
    there = tale.world.upstreams
    tale.world = replace(tale.world, upstreams=Watching(there, other, open_))
    number = await ann(tale).open_issue(NAME, "Please")
    said = await say(tale, "/octobot bump hello 1.2_rc1", on=number)
    assert said.startswith("✅"), said
    assert open_
    assert not any(open_)
    assert "has no version" in await say(tale, "/octobot bump hello 7.7", on=number)
    assert not any(open_)
