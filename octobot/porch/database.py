"""The database of a command: the one that is configured, or the embedded one while it runs."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from octobot.settings import Settings
from octobot.store import embedded


@asynccontextmanager
async def database_url(settings: Settings) -> AsyncIterator[str]:
    """Give the database's address; start or join the embedded server where none is set."""
    if settings.database_url:
        yield settings.database_url
        return
    server = await asyncio.to_thread(embedded.start, settings.home)
    try:
        yield server.url
    finally:
        await asyncio.to_thread(server.cleanup)
