"""The organisation's file in `OWNER/.github`, as the running octobot finds it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from octobot.app.bot import Bot
from octobot.cli.demo.stage import REPOSITORY, bot_settings, set_stage
from octobot.flows.context import RepoContext
from octobot.flows.settings import configured
from octobot.flows.watch.sync_specs import TAG
from octobot.model.config import Config
from octobot.model.reasons import Reason
from octobot.sandbox.server import Sandbox

ABOVE = "sample/.github"
PATH = ".github/octobot.yaml"


@dataclass
class Organisation:
    """A bot on a sandbox whose organisation has a repository `.github`."""

    sandbox: Sandbox
    bot: Bot

    @property
    def world(self) -> RepoContext:
        """The distro."""
        return next(
            each
            for each in self.bot.contexts.values()
            if str(each.watched.repository) == REPOSITORY
        )

    async def config(self) -> Config | Reason:
        """Return what holds in the distro."""
        return (await configured(self.world)).config

    async def put(self, repository: str, text: str | None) -> None:
        """Write or remove a file."""
        content = None if text is None else text.encode()
        await self.sandbox.commit_files(repository, "main", {PATH: content}, "Configure")


@asynccontextmanager
async def organisation(home: Path, *, installed: bool = True) -> AsyncIterator[Organisation]:
    """Yield an organisation with a distro and a `.github`, the App on it or not."""
    async with set_stage(home, {"README.md": b"\n"}) as (sandbox, upstreams):
        await sandbox.create_repository(ABOVE, {"README.md": b"\n"})
        if installed:
            await sandbox.install_app(ABOVE)
        async with Bot.open(bot_settings(home, sandbox, upstreams)) as bot:
            await bot.survey()
            yield Organisation(sandbox, bot)


async def test_the_organisations_file_holds_and_is_overridden(short: Path) -> None:
    """Absent it says nothing; then its keys hold, but for those that the repository has."""
    async with organisation(short / "d") as stage:
        assert await stage.config() == Config()
        await stage.put(ABOVE, "minimum-release-age: 2d\nmerge-method: rebase\n")
        found = await stage.config()
        assert isinstance(found, Config)
        assert (found.minimum_release_age, found.merge_method) == (timedelta(days=2), "rebase")
        await stage.put(REPOSITORY, "merge-method: merge\n")
        found = await stage.config()
        assert isinstance(found, Config)
        assert (found.minimum_release_age, found.merge_method) == (timedelta(days=2), "merge")
        await stage.put(ABOVE, None)
        assert await stage.config() == Config(merge_method="merge")


async def test_an_unchanged_file_costs_no_rate_limit(short: Path) -> None:
    """GitHub answers 304, there or not, and the file is not asked for again."""
    async with organisation(short / "d") as stage:
        await stage.put(REPOSITORY, "paused: false\n")
        for text in (None, "merge-method: rebase\n"):
            if text:
                await stage.put(ABOVE, text)
            await stage.config()
            stage.sandbox.log.clear()
            await stage.config()
            asked = [(one.path.partition("?")[0], one.status) for one in stage.sandbox.log]
            assert asked == [
                (f"/repos/{ABOVE}/branches/main", 304),
                (f"/repos/{REPOSITORY}/contents/{PATH}", 304),
            ]


async def test_without_the_app_on_it_nothing_is_asked(short: Path) -> None:
    """Repositories outside the installation are left alone."""
    async with organisation(short / "d", installed=False) as stage:
        await stage.put(ABOVE, "paused: true\n")
        stage.sandbox.log.clear()
        assert await stage.config() == Config()
        assert not [one for one in stage.sandbox.log if ABOVE in one.path]


async def test_the_organisation_pauses_all_and_has_its_own_broken_file_reported(
    short: Path,
) -> None:
    """The last good one holds in the distro; the issue is where the file is."""
    async with organisation(short / "d") as stage:
        await stage.put(REPOSITORY, "paused: false\n")
        await stage.put(ABOVE, "paused: true\n")
        found = await stage.config()
        assert isinstance(found, Config)
        assert found.paused
        await stage.put(ABOVE, "merge-method: rebase\n")
        await stage.bot.make_pass(far=False)
        await stage.put(ABOVE, "merge-method: octopus\n")
        await stage.bot.make_pass(far=False)
        found = await stage.config()
        assert isinstance(found, Config)
        assert found.merge_method == "rebase"
        assert found.fault
        assert str(found.fault.where) == f"{ABOVE}: {PATH}:1"
        state = stage.sandbox.hub.state
        told = {
            name: [
                one.title
                for one in state.issues.of(stage.sandbox.repository(name).id)
                if f"octobot:{TAG} " in (one.body or "")
            ]
            for name in (REPOSITORY, ABOVE)
        }
        assert told == {REPOSITORY: [], ABOVE: [f"octobot cannot read {PATH}"]}
