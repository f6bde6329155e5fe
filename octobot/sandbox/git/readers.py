"""Reading git's objects: one long-lived `git cat-file --batch` for each repository in use."""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from octobot.model.ids import Sha

_OPEN_READERS = 24


class Reader:
    """One `git cat-file --batch`: one name per line in, objects out in the same order."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.turn = asyncio.Lock()

    async def ask(self, name: str) -> tuple[Sha, str, bytes] | None:
        """Read one object by id or expression; None when it does not exist."""
        process = self._process
        if process.stdin is None or process.stdout is None:
            raise OSError("git cat-file has no pipes")
        process.stdin.write(name.encode() + b"\n")
        await process.stdin.drain()
        head = (await process.stdout.readline()).decode().split()
        if len(head) != 3 or not head[2].isdigit():  # noqa: PLR2004  (id, kind, size)
            return None
        body = await process.stdout.readexactly(int(head[2]))
        await process.stdout.readexactly(1)
        return Sha(head[0]), head[1], body

    async def close(self) -> None:
        """End the process."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        await self._process.wait()


class Readers:
    """The open readers of all repositories; the one idle longest makes room for a new one."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = dict(environment)
        self._open: OrderedDict[Path, Reader] = OrderedDict()
        self._opening = asyncio.Lock()

    @asynccontextmanager
    async def of(self, git_dir: Path) -> AsyncIterator[Reader]:
        """Yield the reader of one repository, for one caller at a time."""
        async with self._opening:
            reader = self._open.get(git_dir) or await self._start(git_dir)
            self._open.move_to_end(git_dir)
            await reader.turn.acquire()
        try:
            yield reader
        except BaseException:
            # The answer may be unread: the next reader would take it for its own.
            self._open.pop(git_dir, None)
            await reader.close()
            raise
        finally:
            reader.turn.release()

    async def _start(self, git_dir: Path) -> Reader:
        idle = [path for path, reader in self._open.items() if not reader.turn.locked()]
        if len(self._open) >= _OPEN_READERS and idle:
            await self._open.pop(idle[0]).close()
        process = await asyncio.create_subprocess_exec(
            *("git", "--git-dir", str(git_dir), "cat-file", "--batch"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env=self._environment,
        )
        return self._open.setdefault(git_dir, Reader(process))

    async def close(self) -> None:
        """End all processes."""
        while self._open:
            await self._open.popitem()[1].close()
