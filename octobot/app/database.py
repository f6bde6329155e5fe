"""The database of a command: the one that is configured, or the embedded one while it runs."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog

from octobot.model.errors import Misconfigured
from octobot.settings import Settings
from octobot.store.engine import embedded

log = structlog.get_logger()

WATCH = 2.0
"""Seconds between two looks at the embedded server."""


@asynccontextmanager
async def database_url(settings: Settings, *, watch: float = WATCH) -> AsyncIterator[str]:
    """Yield the database's address; start or join the embedded server where none is set.

    While it is in use the embedded server is started again whenever it dies.
    """
    if settings.database_url:
        yield settings.database_url
        return
    server = await asyncio.to_thread(embedded.start, settings.home)
    stop = asyncio.Event()
    watching = asyncio.create_task(_keep_running(server, stop, watch))
    try:
        yield server.url
    finally:
        stop.set()
        await watching
        await asyncio.to_thread(server.cleanup)


async def _keep_running(server: embedded.Embedded, stop: asyncio.Event, watch: float) -> None:
    stopped = asyncio.create_task(stop.wait())
    while not (await asyncio.wait({stopped}, timeout=watch))[0]:
        try:
            await asyncio.to_thread(embedded.revive, server)
        except Misconfigured as error:
            log.exception("the embedded PostgreSQL does not come back", because=str(error))
