"""The demo's stage: a sandbox with a distro on it, and the real bot running against it."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from octobot.app.bot import Bot
from octobot.app.serve import running
from octobot.model.ids import Watched
from octobot.model.memory import Row
from octobot.sandbox.ci.ci import Ci
from octobot.sandbox.server import Sandbox
from octobot.sandbox.state.nouns import CI_APP
from octobot.sandbox.upstreams.upstreams import Upstreams
from octobot.settings import AppSettings, Secret, Settings

REPOSITORY, SCRATCH = "sample/distro", "sample/scratch"
QUICK = timedelta(seconds=1)
SWEEP = timedelta(milliseconds=300)


@dataclass(frozen=True, slots=True)
class Stage:
    """Everything that runs during the demo."""

    sandbox: Sandbox
    upstreams: Upstreams
    bot: Bot
    doors: str
    """The address of the bot's HTTP doors."""

    @property
    def watched(self) -> Watched:
        """The distro's repository, as the bot knows it."""
        return next(iter(self.bot.contexts.values())).watched

    async def rows(self) -> tuple[Row, ...]:
        """Read what the bot says of each package."""
        return await self.bot.store.packages.rows(self.watched.id)

    async def look_again(self) -> None:
        """Let the bot look at every upstream once more."""
        for row in await self.rows():
            await self.bot.store.schedule.check_now(row.key)
        await self.bot.make_pass()

    async def open_pull(self) -> int:
        """Return the number of an open pull request of the bot's; else that of its last one."""
        world = self.bot.contexts[self.watched.id]
        numbers = [pull.number for pull in await world.github.pulls.list_open()]
        return max(numbers, default=1)

    @property
    def environment(self) -> Mapping[str, str]:
        """The variables with which another octobot is the same App."""
        credentials = self.sandbox.app
        return {
            "OCTOBOT_GITHUB_URL": self.sandbox.api_url,
            "OCTOBOT_APP_ID": str(credentials.app_id),
            "OCTOBOT_PRIVATE_KEY_FILE": str(self.sandbox.key_file.resolve()),
        }

    async def add_scratch(self) -> None:
        """Add an empty repository for `octobot conformance`, with the App on it."""
        await self.sandbox.create_repository(SCRATCH)
        await self.sandbox.install_app(SCRATCH)

    async def spec(self, path: str) -> str:
        """Read a file of the default branch from the sandbox's git, past the bot."""
        git = self.sandbox.hub.git(self.sandbox.repository(REPOSITORY))
        found = await git.read(f"main:{path}")
        return found[2].decode("utf-8", "surrogateescape") if found else ""


@asynccontextmanager
async def set_stage(
    home: Path, files: Mapping[str, bytes]
) -> AsyncIterator[tuple[Sandbox, Upstreams]]:
    """Start the sandbox below `home` with the distro on it; both may be there from before."""
    async with Sandbox(home / "github") as sandbox:
        upstreams = Upstreams(sandbox, home / "upstreams")
        await sandbox.create_repository(REPOSITORY, files)
        sandbox.protect(REPOSITORY, "main", required=[("build", CI_APP)])
        await sandbox.install_app(REPOSITORY)
        yield sandbox, upstreams


@asynccontextmanager
async def play(home: Path, sandbox: Sandbox, upstreams: Upstreams) -> AsyncIterator[Stage]:
    """Run the CI and the real bot against the sandbox; a killed run continues."""
    Ci(sandbox, upstreams)
    settings = bot_settings(home, sandbox, upstreams)
    async with (
        Bot.open(settings) as bot,
        running(bot, asyncio.Event(), sweep_every=SWEEP) as doors,
    ):
        sandbox.deliver_to(f"{doors}/deliveries")
        yield Stage(sandbox, upstreams, bot, doors)


def bot_settings(home: Path, sandbox: Sandbox, upstreams: Upstreams) -> Settings:
    """Return the settings of a bot that is installed on the sandbox."""
    credentials = sandbox.app
    return Settings(
        app=AppSettings(
            id=credentials.app_id,
            private_key=Secret(credentials.private_key),
            webhook_secrets=(Secret(credentials.webhook_secret),),
        ),
        github_url=sandbox.api_url,
        database_url="",
        home=home,
        listen=("127.0.0.1", 0),
        workers=8,
        pass_interval=QUICK,
        check_interval=QUICK,
        check_interval_other_hosts=QUICK,
        pr_recheck_interval=QUICK * 4,
        log_format="text",
        token=Secret(""),
        mirror=upstreams.mirror,
    )
