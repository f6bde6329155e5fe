"""octobot in processes of its own, as its users start it, and a sandbox for them to work on."""

import asyncio
import contextlib
import os
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from octobot.sandbox.server import Sandbox
from octobot.sandbox.state.nouns import CI_APP
from octobot.sandbox.upstreams.upstreams import Upstreams
from tests.stories.story import CONFIG, HELLO, NAME, spec

PATIENCE = 120
"""Seconds that a loaded machine may take; nothing is asserted about them."""


@pytest.fixture
async def sandbox(tmp_path: Path) -> AsyncIterator[Sandbox]:
    """Yield a GitHub with a distro on which the App is installed."""
    async with Sandbox(tmp_path / "github") as made:
        upstreams = Upstreams(made, tmp_path / "upstreams")
        first = await upstreams.provide_ref(HELLO, "refs/tags/v1.0")
        for older in ("v0.9", "nightly"):
            await upstreams.provide_ref(HELLO, f"refs/tags/{older}")
        files = {"hello.yaml": spec("1.0", first).encode(), ".github/octobot.yaml": CONFIG}
        await made.create_repository(NAME, files)
        made.protect(NAME, "main", required=[("build", CI_APP)])
        await made.install_app(NAME)
        yield made


def environ(sandbox: Sandbox, home: Path, listen: str = "127.0.0.1:0") -> dict[str, str]:
    """Return the environment of an octobot that is installed on the sandbox."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "OCTOBOT_HOME": str(home / "octobot"),
        "OCTOBOT_APP_ID": str(sandbox.app.app_id),
        "OCTOBOT_PRIVATE_KEY": sandbox.app.private_key,
        "OCTOBOT_WEBHOOK_SECRET": sandbox.app.webhook_secret,
        "OCTOBOT_GITHUB_URL": sandbox.api_url,
        "OCTOBOT_LISTEN": listen,
        "OCTOBOT_LOG": "json",
    }


class Running:
    """A command under way; what it says goes to a file.

    It does so since a full pipe stops whoever writes to it, and `asyncio` waits for the end of a
    killed process's pipes, which its database may hold.
    """

    def __init__(self, process: asyncio.subprocess.Process, log: Path) -> None:
        self._process, self._log = process, log
        self._read = 0
        self.pid = process.pid

    def said(self) -> str:
        """Return what it has said so far, both channels together."""
        return self._log.read_text("utf-8")

    async def says(self, words: str) -> str:
        """Wait for a line with `words` after the last one waited for; return that line."""
        async with asyncio.timeout(PATIENCE):
            while True:
                ended = self._process.returncode is not None
                lines = self.said().splitlines(keepends=True)
                for number, line in enumerate(lines[self._read :], self._read + 1):
                    if words in line and line.endswith("\n"):
                        self._read = number
                        return line
                assert not ended, f"{words!r} was never said:\n{self.said()}"
                await asyncio.sleep(0.02)

    async def address(self) -> str:
        """Wait until it serves; return where."""
        line = await self.says("octobot is serving")
        return line.split('"address": "')[1].split('"')[0]

    async def ends(self) -> int:
        """Wait for its end; return its status."""
        async with asyncio.timeout(PATIENCE):
            return await self._process.wait()

    async def stops(self) -> int:
        """Stop it, as a service manager does, and wait for its end; return its status."""
        self._process.terminate()
        return await self.ends()

    def kill(self) -> None:
        """Kill it with SIGKILL."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()


@asynccontextmanager
async def octobot(*words: str, env: Mapping[str, str] | None = None) -> AsyncIterator[Running]:
    """Start a command; what is left of it at the end is killed."""
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder, "said")
        with log.open("wb") as file:  # noqa: ASYNC230  (an empty file, once)
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "octobot", *words, env=env, stdout=file, stderr=file
            )
        running = Running(process, log)
        try:
            yield running
        finally:
            running.kill()
            await process.wait()


async def output(*words: str, env: Mapping[str, str] | None = None) -> tuple[int, str]:
    """Run a command to its end; return its status and what it said."""
    async with octobot(*words, env=env) as running:
        return await running.ends(), running.said()
