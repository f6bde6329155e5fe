"""A server on loopback that answers what a test lines up, and clocks that jump instead of wait."""

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import formatdate

import aiohttp
from aiohttp import web

from octobot.github.app.app import App
from octobot.github.transport.request import open_http
from octobot.github.transport.session import Session
from octobot.github.transport.throttle import UNLIMITED, Clock, Limits

START = 1_800_000_000.0


class Ticker:
    """Clocks that move only when somebody sleeps; the steady one starts wherever a test wants."""

    def __init__(self, began: float = 0.0) -> None:
        self.began = began
        self.seconds = 0.0
        self.slept: list[float] = []

    @property
    def clock(self) -> Clock:
        return Clock(lambda: START + self.seconds, lambda: self.began + self.seconds, self._sleep)

    async def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.seconds += seconds
        await asyncio.sleep(0)


@dataclass(frozen=True, slots=True)
class Say:
    """One answer; `drop` closes the connection instead."""

    status: int = 200
    json: object = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    raw: bytes | None = None
    drop: bool = False


@dataclass(frozen=True, slots=True)
class Heard:
    """One request as it arrived."""

    method: str
    path: str
    """With its query."""
    headers: Mapping[str, str]
    body: bytes
    at: float = 0.0
    """By the ticker."""

    @property
    def json(self) -> object:
        found: object = json.loads(self.body)
        return found


class Signing:
    """Signs by saying what it was asked to sign."""

    async def sign(self, claims: Mapping[str, int | str]) -> str:
        return ".".join(f"{name}={value}" for name, value in sorted(claims.items()))


class Loopback:
    """The server at the other end."""

    def __init__(self, ticker: Ticker) -> None:
        self.ticker = ticker
        self.url = ""
        self.heard: list[Heard] = []
        self.lined_up: deque[Say] = deque()
        self.standing: dict[str, Say] = {}
        """Answers by path, for what is asked at once in no order."""
        self.minted = 0
        self.ahead = 0.0

    def say(self, *answers: Say) -> None:
        """Line up answers; installation tokens are minted beside them."""
        self.lined_up.extend(answers)

    @property
    def asked(self) -> list[str]:
        """What was asked, in short."""
        return [f"{one.method} {one.path}" for one in self.heard]

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer with what is next in line."""
        body = await request.read()
        names = {name.lower(): value for name, value in request.headers.items()}
        self.heard.append(Heard(request.method, request.raw_path, names, body, self.ticker.seconds))
        say = self._mint(request.path) or self.standing.get(request.path)
        say = say or self.lined_up.popleft()
        if say.drop:
            assert request.transport is not None
            request.transport.abort()
        headers = {"Date": formatdate(START + self.ticker.seconds + self.ahead, usegmt=True)}
        content = json.dumps(say.json).encode() if say.raw is None else say.raw
        kind = {} if say.raw is not None else {"Content-Type": "application/json"}
        return web.Response(
            status=say.status,
            body=b"" if say.status == 304 else content,
            headers={**headers, **kind, **say.headers},
        )

    def _mint(self, path: str) -> Say | None:
        mints = path.endswith("/access_tokens")
        if not mints or (self.lined_up and self.lined_up[0].headers.get("For") == "mint"):
            return None
        self.minted += 1
        until = START + self.ticker.seconds + self.ahead + 3600
        expires = datetime.fromtimestamp(until, UTC).isoformat().replace("+00:00", "Z")
        return Say(201, {"token": f"secret{self.minted}", "expires_at": expires})


@dataclass(frozen=True, slots=True)
class Scene:
    """A far end, a session and clocks."""

    far: Loopback
    session: aiohttp.ClientSession
    ticker: Ticker

    def public(self, token: str | None = None, *, limits: Limits = UNLIMITED) -> Session:
        """Open a client for a person or nobody."""
        return Session.for_token(
            self.session, self.far.url, token, limits=limits, clock=self.ticker.clock
        )

    def app(self, *, limits: Limits = UNLIMITED) -> App:
        """Make an App whose JWTs show their claims."""
        return App(
            self.session,
            base_url=self.far.url,
            issuer="7",
            signer=Signing(),
            limits=limits,
            clock=self.ticker.clock,
        )


@asynccontextmanager
async def scene() -> AsyncIterator[Scene]:
    """Start the far end and open a session to it."""
    ticker = Ticker()
    far = Loopback(ticker)
    application = web.Application()
    application.router.add_route("*", "/{tail:.*}", far.answer)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    far.url = f"http://{host}:{port}"
    try:
        async with open_http() as session:
            yield Scene(far, session, ticker)
    finally:
        await runner.cleanup()
