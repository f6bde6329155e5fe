"""Three processes on one installation: rows 11 to 14 and 30 of SAFETY.md, together.

Each process is an `App` of its own with its own store connections on one PostgreSQL; the sandbox
refuses one of them, and from then on until the end of the limit's window nobody may ask.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from octobot.github.app.app import App
from octobot.github.transport.request import open_http
from octobot.github.transport.scopes import PemSigner
from octobot.github.transport.session import Session
from octobot.github.transport.throttle import UNLIMITED
from octobot.model.errors import TryLater
from octobot.model.ids import RepositoryId
from octobot.sandbox.http.faults import of
from octobot.store.engine.database import Database
from octobot.store.rate_limits import RateLimits
from tests.stories.story import NAME, Story

AT_ONCE = replace(UNLIMITED, longest_sleep=0)
"""Nobody waits in the test: a wait is told as `TryLater`."""
ROUNDS = 6
PATH = f"/repos/{NAME}"


@asynccontextmanager
async def process(tale: Story, url: str) -> AsyncIterator[Session]:
    """Open the client of one process."""
    async with Database.open(url) as database, open_http() as session:
        app = App(
            session,
            base_url=tale.sandbox.api_url,
            issuer=str(tale.sandbox.app.app_id),
            signer=PemSigner(tale.sandbox.app.private_key),
            limits=AT_ONCE,
        )
        app.share_limits(RateLimits(database).keeper)
        watched = tale.world.watched
        yield app.installation(
            watched.installation, repositories=frozenset({RepositoryId(watched.id)})
        )


@pytest.mark.parametrize(
    ("status", "headers", "seconds", "resource"),
    [
        (403, {"Retry-After": "90"}, 90, ""),
        (429, {"Retry-After": "90"}, 90, ""),
        (403, {}, 60, ""),
        (
            403,
            {
                "x-ratelimit-remaining": "0",
                "x-ratelimit-reset": "RESET",
                "x-ratelimit-resource": "core",
            },
            3000,
            "core",
        ),
    ],
    ids=["retry-after", "too-many", "no-header", "primary"],
)
async def test_a_limit_that_one_process_met_is_heeded_by_all(
    tale: Story,
    database_url: str,
    status: int,
    headers: Mapping[str, str],
    seconds: int,
    resource: str,
) -> None:
    """Of three processes nobody asks within the window, whoever met the limit; then all may."""
    faults = tale.sandbox.faults()
    tale.windows = faults.windows
    async with contextlib.AsyncExitStack() as stack:
        roads = [await stack.enter_async_context(process(tale, database_url)) for _ in range(3)]
        for road in roads:
            await road.get(PATH)
        faults.limit(
            "limit",
            of("GET", PATH),
            status=status,
            seconds=seconds,
            headers=headers,
            resource=resource,
        )
        with pytest.raises(TryLater):
            await roads[0].get(PATH, fresh=True)
        tale.sandbox.log.clear()
        for road in roads * ROUNDS:
            with pytest.raises(TryLater):
                await road.get(PATH, fresh=True)
    assert faults.met["limit"] == 1
    assert [one for one in tale.sandbox.log if one.path == PATH] == []


async def test_a_storm_of_three_processes_meets_a_limit(tale: Story, database_url: str) -> None:
    """A hundred and fifty requests at once: what was not on its way by then does not leave."""
    faults = tale.sandbox.faults()
    tale.windows = faults.windows

    async def ask(road: Session) -> bool:
        with contextlib.suppress(TryLater):
            await road.get(PATH, fresh=True)
            return True
        return False

    async with contextlib.AsyncExitStack() as stack:
        roads = [await stack.enter_async_context(process(tale, database_url)) for _ in range(3)]
        for road in roads:
            await road.get(PATH)
        faults.limit("limit", of("GET", PATH), seconds=90, headers={"Retry-After": "90"})
        told = await asyncio.gather(*(ask(road) for _ in range(50) for road in roads))
    assert faults.met["limit"] == 1
    assert told.count(False) > 100
