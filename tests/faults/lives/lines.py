"""A line between octobot and its GitHub that can be turned bad: dead, slow, cut or silent."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Literal

Mood = Literal["through", "silent", "drip", "reset", "half"]
DRIP = 0.02
"""Seconds between two bytes: far slower than any deadline allows for."""


class Line:
    """A TCP proxy on loopback."""

    def __init__(self, target: tuple[str, int]) -> None:
        self._target = target
        self.mood: Mood = "through"
        self.address = ""
        self._tasks: set[asyncio.Task[None]] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry one connection, in the mood that holds when its bytes come."""
        task = asyncio.current_task()
        assert task
        self._tasks.add(task)
        with contextlib.suppress(OSError, asyncio.CancelledError):
            if self.mood == "reset":
                writer.transport.abort()
                return
            there, back = await asyncio.open_connection(*self._target)
            try:
                async with asyncio.TaskGroup() as group:
                    group.create_task(self._carry(reader, back))
                    group.create_task(self._answer(there, writer))
            finally:
                back.close()
        writer.close()
        self._tasks.discard(task)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while chunk := await reader.read(65536):
                writer.write(chunk)
                await writer.drain()
            writer.write_eof()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while chunk := await reader.read(65536):
                match self.mood:
                    case "silent":
                        continue
                    case "reset":
                        writer.transport.abort()
                    case "half":
                        writer.write(chunk[: len(chunk) // 2])
                        await writer.drain()
                        writer.transport.abort()
                    case "drip":
                        for place in range(len(chunk)):
                            writer.write(chunk[place : place + 1])
                            await writer.drain()
                            await asyncio.sleep(DRIP)
                    case "through":
                        writer.write(chunk)
                        await writer.drain()
            writer.close()

    async def close(self) -> None:
        """End what is still open."""
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


@asynccontextmanager
async def line_to(url: str) -> AsyncIterator[Line]:
    """Open a line to the server at `url`; `address` is the same URL by way of the line."""
    scheme, _, rest = url.partition("://")
    place, slash, path = rest.partition("/")
    host, _, port = place.rpartition(":")
    line = Line((host, int(port)))
    server = await asyncio.start_server(line.serve, "127.0.0.1", 0)
    line.address = f"{scheme}://127.0.0.1:{server.sockets[0].getsockname()[1]}{slash}{path}"
    try:
        yield line
    finally:
        await line.close()
        server.close()
