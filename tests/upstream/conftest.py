"""Hosts on loopback, and a time that passes only when somebody waits."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from octobot.upstream.client import Client
from octobot.upstream.gate import Limits, Time

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Waiting:
    """A clock that jumps by what is slept, and remembers each sleep."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    async def sleep(self, seconds: float) -> None:
        """Let the time pass at once."""
        self.slept.append(seconds)
        self.now += seconds

    @property
    def time(self) -> Time:
        """The clock in the form that the client takes."""
        return Time(lambda: self.now, self.sleep)


class Hosts:
    """Every host of the internet, answered by one function, and the clients that ask them."""

    def __init__(self, stack: AsyncExitStack) -> None:
        self._stack = stack
        self.waiting = Waiting()
        self.requests: list[web.BaseRequest] = []

    async def serve(self, handler: Handler) -> str:
        """Start a server that passes each request to `handler`; return its address."""

        async def remembering(request: web.Request) -> web.StreamResponse:
            self.requests.append(request)
            return await handler(request)

        application = web.Application()
        application.router.add_route("*", "/{path:.*}", remembering)
        server = TestServer(application)
        await self._stack.enter_async_context(server)
        return str(server.make_url("/mirror"))

    async def client(self, handler: Handler, limits: Limits | None = None) -> Client:
        """Return a client whose mirror answers with `handler`."""
        return await self.client_of(await self.serve(handler), limits)

    async def client_of(self, mirror: str | None, limits: Limits | None = None) -> Client:
        """Return a client for a mirror, or for the internet without one."""
        client = Client(
            mirror=mirror, limits=limits or Limits(idle=5, deadline=10), passing=self.waiting.time
        )
        return await self._stack.enter_async_context(client)

    @property
    def asked(self) -> list[str]:
        """Return method and path of each request, in order."""
        return [f"{request.method} {request.path}" for request in self.requests]


@pytest.fixture
async def hosts() -> AsyncIterator[Hosts]:
    """Yield the hosts, gone after the test."""
    async with AsyncExitStack() as stack:
        yield Hosts(stack)
