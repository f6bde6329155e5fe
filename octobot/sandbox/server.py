"""A GitHub on loopback, on real git: start it, add repositories and people, read its log.

Everything that a caller of the real one reaches is behind one socket: REST under `/api/v3`,
GraphQL at `/api/graphql`, git at `/OWNER/NAME.git`, logs of the CI under `/logs`.  The state
survives `kill -9`: it is on disk before a request is answered.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from aiohttp import web
from cryptography.hazmat.primitives import serialization

from octobot.sandbox.changes import bootstrap
from octobot.sandbox.changes.installing import Installing
from octobot.sandbox.changes.merge import finish_intents
from octobot.sandbox.changes.publishers import Changes
from octobot.sandbox.changes.refs import catch_up
from octobot.sandbox.ci.doors import CheckDoors
from octobot.sandbox.door import Door
from octobot.sandbox.http.auth import client_id
from octobot.sandbox.http.faults import Faults
from octobot.sandbox.http.limits import Limits
from octobot.sandbox.oracle.judge import Judge
from octobot.sandbox.oracle.log import Log
from octobot.sandbox.state.deliveries import Outbox
from octobot.sandbox.state.hub import AppCredentials, Handler, Hub
from octobot.sandbox.state.state import State


def utc_now() -> datetime:
    """Return the current time."""
    return datetime.now(UTC)


class Sandbox(Changes, Installing, CheckDoors):
    """The sandbox's GitHub."""

    def __init__(
        self, home: Path, *, port: int = 0, clock: Callable[[], datetime] = utc_now
    ) -> None:
        home.mkdir(parents=True, exist_ok=True)
        self._port = port
        state = State(home / "github.sqlite", clock)
        self.key_file = home / "app.pem"
        """The App's private key."""
        self._key = bootstrap.private_key(self.key_file)
        app = bootstrap.register(state)
        outbox = Outbox(state, bootstrap.secret(home / bootstrap.HOOK_FILE))
        super().__init__(Hub(home, state, outbox, app))
        self.judge = Judge()
        """Compares every exchange with GitHub's own API descriptions."""
        self.log = Log()
        """Every call from outside."""
        outbox.judge = self.judge.delivery
        self.door = Door(self.hub, self._key.public_key(), clock, self.log, self.judge)
        self._runner: web.AppRunner | None = None

    def faults(self) -> Faults:
        """Return a new set of faults, through which every call now goes."""
        self.door.intercept = made = Faults(self._state)
        return made

    async def __aenter__(self) -> Self:
        application = web.Application(client_max_size=64 * 1024 * 1024)
        application.router.add_route("*", "/{path:.*}", self.door.handle)
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port)
        await site.start()
        self._port = self._runner.addresses[0][1]
        self.hub.url = f"http://127.0.0.1:{self._port}"
        await finish_intents(self.hub)
        await catch_up(self.hub)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.hub.outbox.close()
        if self._runner is not None:
            await self._runner.cleanup()
        await self.hub.readers.close()
        self._state.close()

    @property
    def url(self) -> str:
        """`http://127.0.0.1:PORT`."""
        return self.hub.url

    @property
    def api_url(self) -> str:
        """Where REST is."""
        return self.hub.api

    @property
    def app(self) -> AppCredentials:
        """The credentials that octobot gets when it is registered."""
        app = self.hub.app
        pem = self._key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.TraditionalOpenSSL,
            serialization.NoEncryption(),
        )
        bot = self._state.who(app.bot)
        return AppCredentials(
            app.id,
            app.slug,
            client_id(app),
            pem.decode(),
            self.hub.outbox.secret,
            bot.id,
            bot.login,
        )

    @property
    def limits(self) -> Limits:
        """The hourly allowances; make them smaller to see what happens."""
        return self.door.meter.limits

    def mount(self, prefix: str, handler: Handler) -> None:
        """Serve everything under a path prefix by another handler."""
        self.hub.mounted[prefix] = handler
