"""The demo's stage: a sandbox with a distro on it, and the real bot running against it."""

import asyncio
import contextlib
import json
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from octobot.model.ids import Watched
from octobot.model.memory import Row
from octobot.porch.house import House
from octobot.porch.serve import running
from octobot.sandbox.ci import Ci
from octobot.sandbox.server import Sandbox
from octobot.sandbox.upstreams import Upstreams
from octobot.settings import AppSettings, Secret, Settings

REPOSITORY = "sample/distro"
CI_APP = 15368
"""The App id of GitHub Actions, which the sandbox's CI posts as."""

QUICK = timedelta(seconds=1)
SWEEP = timedelta(milliseconds=500)


@dataclass(frozen=True, slots=True)
class Stage:
    """Everything that runs during the demo."""

    sandbox: Sandbox
    upstreams: Upstreams
    house: House
    doors: str
    """The address of the bot's HTTP doors."""
    watched: Watched

    async def rows(self) -> tuple[Row, ...]:
        """Read what the bot says of each package."""
        return await self.house.store.rows(self.watched.id)


@asynccontextmanager
async def set_stage(home: Path, files: Mapping[str, bytes]) -> AsyncIterator[Sandbox]:
    """Start the sandbox below `home` with the distro on it; both may be there already."""
    async with Sandbox(home / "github") as sandbox:
        if sandbox.find_repository(REPOSITORY) is None:
            await sandbox.create_repository(REPOSITORY, files)
        sandbox.protect(REPOSITORY, "main", required=[("build", CI_APP)])
        await sandbox.install_app(REPOSITORY)
        yield sandbox
