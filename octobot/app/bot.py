"""The whole bot, wired: clients opened once, one `RepoContext` for each watched repository.

The table in `app/events.py` says what each delivery causes.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Self

import structlog

from octobot.app.database import database_url
from octobot.app.environment import secrets_of
from octobot.app.model import allowance_of, model_of
from octobot.app.signing import signer_of
from octobot.app.upstreams import UpstreamClient, identifiers_of
from octobot.commands.listening import listen
from octobot.commands.obey import obey
from octobot.flows.context import RepoContext, SoonAgain
from octobot.flows.diagnose.votes import count_votes
from octobot.flows.graphs import Graphs
from octobot.flows.indexes import Indexes
from octobot.flows.rebuild.waves import advance_waves
from octobot.flows.reconcile.due import due
from octobot.flows.reconcile.gather import rows_of
from octobot.flows.reconcile.lane import reconcile
from octobot.flows.redeliver import EVERY, redeliver
from octobot.flows.waiting import Waiting
from octobot.flows.watch.sync_specs import sync_specs
from octobot.flows.watch.watch import watch
from octobot.github.app.app import App
from octobot.github.app.installations import identify, watched_repositories
from octobot.github.repository.config_files import organisation, organisations
from octobot.github.repository.repository import WatchedRepository
from octobot.github.transport.request import open_http
from octobot.github.transport.session import Session
from octobot.github.transport.throttle import UNHURRIED
from octobot.github.transport.throttle import UNLIMITED as GITHUB_UNLIMITED
from octobot.github.webhooks.delivery_log import HookLog
from octobot.lanes.lanes import Lanes
from octobot.model.errors import Misconfigured, TryLater
from octobot.model.events import Commented
from octobot.model.ids import BotAccount, Key, RepositoryId, Watched
from octobot.model.reasons import Reason, ReasonCode
from octobot.settings import Settings
from octobot.specs.read.cache import Reader
from octobot.store.store import Store
from octobot.triage.log.triage import LogTriage
from octobot.triage.model.ask import Adviser
from octobot.upstream.client import Client
from octobot.upstream.gate import UNLIMITED, Limits

log = structlog.get_logger()

FORGOTTEN = timedelta(days=30)
"""How long the releases of an upstream are stored after its last check."""


class Bot:
    """Everything that is open while octobot runs."""

    def __init__(
        self, settings: Settings, app: App, store: Store, lanes: Lanes, client: Client
    ) -> None:
        self.settings, self.store, self.lanes = settings, store, lanes
        self._app, self._client = app, client
        self._secrets = frozenset(secrets_of(settings))
        self._hook = HookLog(app.session)
        self.adviser = Adviser()
        self._accepted: tuple[str, ...] = ()
        self._waiting: dict[RepositoryId, Waiting] = defaultdict(Waiting)
        self._reader, self._graphs, self._soon_again = Reader(), Graphs(), SoonAgain()
        self._indexes = Indexes(client)
        self.contexts: dict[RepositoryId, RepoContext] = {}
        self._obeying: dict[RepositoryId, asyncio.Lock] = defaultdict(asyncio.Lock)
        self.surveyed = asyncio.Event()
        """Set once octobot knows who it is, and where it is installed."""
        self.nudge = asyncio.Event()
        """Set when a pass should not wait for the tick."""

    @classmethod
    @asynccontextmanager
    async def open(cls, settings: Settings) -> AsyncIterator[Self]:
        """Open database, queue and clients; nothing is sent to GitHub yet."""
        identity = settings.require_app()
        rehearsing = settings.mirror is not None
        limits = UNLIMITED if rehearsing else Limits()
        async with (
            database_url(settings) as url,
            Store.open(url) as store,
            Lanes.open(url) as lanes,
            open_http() as session,
            Client(mirror=settings.mirror, limits=limits) as client,
        ):
            app = App(
                session,
                base_url=settings.github_url,
                issuer=str(identity.id),
                signer=signer_of(identity, session),
                limits=GITHUB_UNLIMITED if rehearsing else UNHURRIED,
            )
            app.share_limits(store.rate_limits.keeper)
            bot = cls(settings, app, store, lanes, client)
            await bot.store.schedule.requeue_unfinished()
            async with Adviser.open(model_of(settings), bot.confidential) as bot.adviser:
                yield bot

    async def survey(self) -> None:
        """Read again on which repositories the App is installed."""
        bot = await identify(self._app)
        watched = await watched_repositories(self._app, await self.store.repositories.watched())
        await self.store.repositories.set_watched(watched)
        await self.store.upstream_cache.forget(before=datetime.now(UTC) - FORGOTTEN)
        above = organisations(watched)
        self.contexts = {each.id: self._context(each, bot, above.get(each.id)) for each in watched}
        self.surveyed.set()
        log.info("installations read", repositories=[str(each.repository) for each in watched])

    def confidential(self) -> frozenset[str]:
        """Return all present secrets, for those who must keep them out of texts."""
        return self._app.live_tokens() | self._secrets

    def suspect(self, accepted: tuple[str, ...]) -> None:
        """Record the probes that were accepted; octobot is not ready until there are none."""
        self._accepted = accepted

    async def ready(self) -> bool:
        """Return whether deliveries and packages can be handled, and no probe was accepted."""
        return (
            not self._accepted
            and self.surveyed.is_set()
            and self.lanes.working.is_set()
            and await self.store.database.ready()
        )

    async def make_pass(self, *, far: bool | None = None) -> bool:
        """Make one pass over every repository; a failing one does not stop the others.

        `far`: only over the upstreams on GitHub, or only over those on other hosts.  Returns
        whether a pass left work for the next one.
        """
        more = False
        for ctx in list(self.contexts.values()):
            with structlog.contextvars.bound_contextvars(repository=str(ctx.watched.repository)):
                with_commands = far is not True and not ctx.paused
                if with_commands:
                    await self._listen(ctx)
                try:
                    more |= (await watch(ctx, other_hosts=far)).more
                    if with_commands:
                        await advance_waves(ctx)
                        await count_votes(ctx)
                except (TryLater, Misconfigured) as error:
                    log.warning("pass put off", because=str(error))
                except Exception:
                    log.exception("pass failed")
        return more

    async def step(self, key: Key) -> None:
        """Take one step for one package: the handler of the lanes."""
        ctx = self.contexts.get(key.repository)
        if ctx is None:
            return
        try:
            await reconcile(ctx, key)
        except TryLater:
            raise
        except Exception:
            await self._record_internal_error(ctx, key)
            raise

    async def obey(self, event: Commented) -> None:
        """Run the commands of a text; one text at a time in each repository."""
        ctx = self.contexts.get(event.repository)
        if ctx and not ctx.paused:  # the lists have it, too
            async with self._obeying[event.repository]:
                await obey(ctx, event.ref, author=event.author)
            self.nudge.set()

    async def follow(self, repository: RepositoryId) -> None:
        """Read the specs of a repository whose default branch moved."""
        if ctx := self.contexts.get(repository):
            await sync_specs(ctx)

    async def check_soon(self, upstream: RepositoryId) -> None:
        """Check soon the packages whose upstream is this repository."""
        ctx = self.contexts.get(upstream)
        names = identifiers_of(ctx.watched.repository) if ctx else ()
        if names and await self.store.schedule.check_upstreams_now(names):
            self.nudge.set()

    async def _listen(self, ctx: RepoContext) -> None:
        """Find comments whose delivery was lost."""
        try:
            async with self._obeying[ctx.watched.id]:
                await listen(ctx)
        except (TryLater, Misconfigured) as error:
            log.warning("comments put off", because=str(error))
        except Exception:
            log.exception("listening failed")

    async def redeliver(self, *, every: timedelta = EVERY) -> None:
        """Request redelivery of lost deliveries from GitHub; a failure waits for the next time.

        `every`: nothing is done when a process did so more recently.
        """
        try:
            await redeliver(self._hook, self.store.redeliveries, every=every)
        except (TryLater, Misconfigured) as error:
            log.warning("lost deliveries not requested", because=str(error))
        except Exception:
            log.exception("requesting lost deliveries failed")

    async def due(self) -> tuple[Key, ...]:
        """Return the packages that the sweep should enqueue."""
        packages, now = self.store.packages, datetime.now(UTC)
        return await due(packages, self.contexts, now=now, limit=500)

    def _context(self, watched: Watched, bot: BotAccount, above: Watched | None) -> RepoContext:
        session = self._app.installation(watched.installation, repositories=frozenset({watched.id}))
        return RepoContext(
            watched=watched,
            github=WatchedRepository.open(
                session, watched, bot, organisation(self._app, above, bot)
            ),
            upstreams=UpstreamClient(self._client, self._app.reader(watched.installation)),
            store=self.store,
            lanes=self.lanes,
            triage=LogTriage(self.confidential),
            clock=partial(_now, session),
            paused=self.settings.paused,
            check_interval=self.settings.check_interval,
            check_interval_other_hosts=self.settings.check_interval_other_hosts,
            recheck=self.settings.pr_recheck_interval,
            bot=bot.id,
            app=bot.app,
            reader=self._reader,
            graphs=self._graphs,
            indexes=self._indexes,
            waiting=self._waiting[watched.id],
            soon_again=self._soon_again,
            adviser=self.adviser,
            allowance=allowance_of(self.settings),
        )

    async def _record_internal_error(self, ctx: RepoContext, key: Key) -> None:
        """Record `internal-error` on the packages of a change; `due` brings them back."""
        for row in await rows_of(ctx, key):
            await self.store.packages.record(
                row.key,
                generation=row.generation,
                reason=Reason(ReasonCode.INTERNAL_ERROR),
                due=row.due,
                issue=row.issue,
            )


def _now(session: Session) -> datetime:
    """Return the later of the machine's time and GitHub's: releases never look older."""
    here, there = datetime.now(UTC), session.server.last_seen()
    return here if there is None else max(here, datetime.fromtimestamp(there, UTC))
