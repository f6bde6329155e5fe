"""`octobot policy snapshot`: the open pull request that bumps a package, as a file."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import click

from octobot.app.database import database_url
from octobot.app.environment import settings_with_logs
from octobot.app.signing import signer_of
from octobot.app.upstreams import UpstreamClient
from octobot.flows.context import RepoContext
from octobot.flows.land.judge import gather_snapshots
from octobot.github.app.app import App
from octobot.github.app.installations import identify, watched_repositories
from octobot.github.repository.config_files import organisation, organisations
from octobot.github.repository.repository import WatchedRepository
from octobot.github.transport.request import open_http
from octobot.model.errors import UserError
from octobot.model.ids import BotAccount, Key, Watched
from octobot.policy.simulate.simulate import save
from octobot.settings import Settings
from octobot.store.store import Store
from octobot.triage.log.triage import LogTriage
from octobot.upstream.client import Client
from octobot.upstream.gate import UNLIMITED, Limits


@click.command("snapshot")
@click.argument("name")
@click.option("--repository", metavar="OWNER/NAME", help="Where several have the package.")
def command(name: str, *, repository: str | None) -> None:
    """Print the open pull request that bumps a package, for `policy simulate`.

    Reads GitHub and the upstreams as they are now, and changes nothing.
    """
    settings = settings_with_logs(quiet=True)
    click.echo(asyncio.run(snapshot(settings, name, repository=repository)), nl=False)


async def snapshot(settings: Settings, name: str, *, repository: str | None) -> str:
    """Return the file of the open pull request that bumps a package, as it is now."""
    async with _contexts(settings) as contexts:
        known = {str(ctx.watched.repository): ctx for ctx in contexts}
        chosen = [known[repository]] if repository in known else []
        found = [] if repository and not chosen else await _knowing(chosen or contexts, name)
        if len(found) != 1:
            where = ", ".join(str(ctx.watched.repository) for ctx in found)
            remedy = f"it is in {where}; use --repository" if found else "octobot does not know it"
            raise UserError(f"{name}: {remedy}")
        return save(await gather_snapshots(found[0], name))


async def _knowing(contexts: list[RepoContext], name: str) -> list[RepoContext]:
    return [each for each in contexts if await each.store.packages.row(Key(each.watched.id, name))]


class _Still:
    """Lanes without a worker: a command that only reads enqueues nothing."""

    async def hint(self, key: Key, *, urgent: bool = False) -> None:
        """Do nothing."""


@asynccontextmanager
async def _contexts(settings: Settings) -> AsyncIterator[list[RepoContext]]:
    """Open every watched repository for reading, with the store of the running octobot."""
    identity = settings.require_app()
    limits = Limits() if settings.mirror is None else UNLIMITED
    async with (
        database_url(settings) as url,
        Store.open(url) as store,
        open_http() as session,
        Client(mirror=settings.mirror, limits=limits) as client,
    ):
        signer = signer_of(identity, session)
        app = App(session, base_url=settings.github_url, issuer=str(identity.id), signer=signer)
        bot = await identify(app)
        watched = await watched_repositories(app)
        repositories = {each.id: _repository(app, bot, each, watched) for each in watched}
        yield [
            RepoContext(
                watched=here,
                github=repositories[here.id],
                upstreams=UpstreamClient(client, app.reader(here.installation)),
                store=store,
                lanes=_Still(),
                triage=LogTriage(app.live_tokens),
                clock=lambda: datetime.now(UTC),
                check_interval=timedelta(),
                recheck=timedelta(),
                bot=bot.id,
                app=bot.app,
            )
            for here in watched
        ]


def _repository(
    app: App, bot: BotAccount, here: Watched, watched: Sequence[Watched]
) -> WatchedRepository:
    session = app.installation(here.installation, repositories=frozenset({here.id}))
    return WatchedRepository.open(
        session, here, bot, organisation(app, organisations(watched).get(here.id), bot)
    )
