"""A sandbox GitHub with a small distro on it, and octobot's edge installed there."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import aiohttp

from octobot.github.app.app import App
from octobot.github.app.installations import identify, watched_repositories
from octobot.github.repository.repository import WatchedRepository
from octobot.github.transport.request import open_http
from octobot.github.transport.scopes import PemSigner
from octobot.github.transport.throttle import UNLIMITED, Clock
from octobot.model.ids import BotAccount, PullNumber, Sha, Watched
from octobot.model.pull_request import PullRequest
from octobot.sandbox.server import Sandbox, utc_now
from tests.github.loopback import Ticker

NAME = "distro/os"
SPEC = "package:\n  name: foo\n  version: 1.0\n  epoch: 0\n"
BUMPED = SPEC.replace("1.0", "1.1")
BRANCH = "octobot/foo/1.1"
FILES = {
    "foo.yaml": SPEC.encode(),
    "bar.yaml": b"package:\n  name: bar\n",
    "README.md": b"# os\n",
    ".hidden.yaml": b"a: 1\n",
    "foo/fix.patch": b"--- a\n+++ b\n",
}


@dataclass(frozen=True, slots=True)
class Distro:
    """Everything a test touches."""

    sandbox: Sandbox
    session: aiohttp.ClientSession
    app: App
    bot: BotAccount
    watched: Watched
    github: WatchedRepository
    ticker: Ticker

    async def commit(self, text: str = BUMPED, branch: str = BRANCH) -> Sha:
        """Put a bump of foo on its branch, the way the flows do."""
        outline = await self.github.trees.outline()
        return await self.github.commits.create(
            branch=branch,
            base=outline.commit,
            files={"foo.yaml": text},
            message=("foo/1.1 package update", "A new version."),
        )

    async def propose(self) -> PullRequest:
        """Commit and open the pull request."""
        await self.commit()
        return await self.github.pulls.open(branch=BRANCH, title="foo/1.1", body="New.")

    async def merge(self, pull: PullRequest) -> object:
        """Merge what was proposed."""
        return await self.github.pulls.merge(
            PullNumber(pull.number),
            head=pull.head,
            method="squash",
            message=("foo/1.1", ""),
            still=always,
        )


async def always() -> bool:
    """Let a merge be right on every base."""
    return True


@asynccontextmanager
async def distro(home: Path, *, in_step: bool = False) -> AsyncIterator[Distro]:
    """Start the sandbox, found the distro, install the App; waits of the edge are jumped over.

    `in_step`: GitHub's clock jumps with them.
    """
    ticker = Ticker()
    # What is slept ages a token, too; GitHub's own dates are the sandbox's.
    clock = Clock(time.time, lambda: time.monotonic() + ticker.seconds, ticker.clock.sleep)

    def dates() -> datetime:
        return utc_now() + timedelta(seconds=ticker.seconds if in_step else 0)

    async with Sandbox(home, clock=dates) as sandbox, open_http() as session:
        sandbox.hub.state.live.mergeability_lag = timedelta()  # its clock waits for nobody
        await sandbox.create_repository(NAME, FILES)
        await sandbox.install_app(NAME)
        app = App(
            session,
            base_url=sandbox.api_url,
            issuer=str(sandbox.app.app_id),
            signer=PemSigner(sandbox.app.private_key),
            limits=UNLIMITED,
            clock=clock,
        )
        bot = await identify(app)
        (watched,) = await watched_repositories(app)
        road = app.installation(watched.installation, repositories=frozenset({watched.id}))
        github = WatchedRepository.open(road, watched, bot)
        yield Distro(sandbox, session, app, bot, watched, github, ticker)
        assert sandbox.judge.objections == []  # GitHub's own description of every exchange
