"""The one client for upstream hosts: guarded, capped, paced, with failures as values.

GraphQL is sent by the GitHub client, which is passed in.  Everything else is an https exchange that
may be repeated without harm: datasources only read, by POST too.
"""

import asyncio
import hashlib
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from types import TracebackType
from typing import BinaryIO, Literal, Self, TypeVar, assert_never

import aiohttp
import structlog
import tenacity
from yarl import URL

from octobot.model.lookup import (
    GraphQLRequest,
    HttpRequest,
    HttpResponse,
    Request,
    Response,
    Unreachable,
)
from octobot.upstream.exchange import (
    Dropped,
    Failure,
    Memory,
    Opened,
    Wait,
    Wire,
    chunks,
    read_body,
    write_body,
)
from octobot.upstream.gate import Gate, Gates, Limits, Time
from octobot.upstream.guard import Guard

_log = structlog.get_logger(__name__)
_OK = 200
_T = TypeVar("_T")

Carrier = Callable[[GraphQLRequest], Awaitable[Response]]
"""Sends a GraphQL query to GitHub."""

REAL_TIME = Time(time.monotonic, asyncio.sleep)


class Client:
    """Sends the requests of datasources and hashes downloads; use it as a context."""

    def __init__(
        self,
        *,
        graphql: Carrier | None = None,
        mirror: str | None = None,
        limits: Limits | None = None,
        passing: Time = REAL_TIME,
    ) -> None:
        """Set up; no connection is opened yet.

        `mirror` is the sandbox's: `https://HOST/PATH` is requested as `{mirror}/HOST/PATH`, and
        nothing but the mirror is.
        """
        self._limits = limits or Limits()
        self._graphql = graphql
        self._guard = Guard(URL(mirror) if mirror else None)
        self._gates = Gates(self._limits, passing)
        self._memory = Memory(self._limits.remembered)
        self._session: aiohttp.ClientSession | None = None
        backoff = self._limits.backoff
        self._retrying = tenacity.AsyncRetrying(
            stop=tenacity.stop_after_attempt(self._limits.attempts),
            wait=tenacity.wait_exponential_jitter(multiplier=backoff, max=30, jitter=backoff),
            retry=tenacity.retry_if_result(lambda result: isinstance(result, Dropped)),
            retry_error_callback=lambda state: state.outcome.result() if state.outcome else None,
            sleep=passing.sleep,
        )

    async def __aenter__(self) -> Self:
        idle, connect = self._limits.idle, self._limits.connect
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(socket_factory=self._guard.socket),
            cookie_jar=aiohttp.DummyCookieJar(),
            # Totals are kept around whole exchanges, redirects included.
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=connect, sock_read=idle),
            trust_env=False,
            headers={"User-Agent": "octobot"},
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._session is not None:
            await self._session.close()

    async def send(self, request: Request) -> Response:
        """Send one request; whatever goes wrong outside is the answer `Unreachable`."""
        match request:
            case GraphQLRequest():
                if self._graphql is None:
                    return Unreachable("no GitHub token", closed=True)
                return await self._graphql(request)
            case HttpRequest():
                return await self._fetch(request)
            case _:
                assert_never(request)

    async def digest(self, uri: str, algorithm: Literal["sha256", "sha512"]) -> str | None:
        """Download and hash as it streams, in lower-case hex; None (logged) when that fails.

        The bytes are hashed as sent, as wget stores them.  An http address is requested over https.
        """
        upgraded = f"https://{uri.removeprefix('http://')}" if uri.startswith("http://") else uri
        request = HttpRequest(
            upgraded, headers={"Accept-Encoding": "identity"}, limit=self._limits.download
        )
        found = await self._exchange(
            request,
            lambda opened: _hash(opened, algorithm, self._limits.download),
            deadline=self._limits.download_deadline,
            decode=False,
        )
        if isinstance(found, Unreachable):
            _log.warning("download failed", uri=uri, because=found.because)
            return None
        return found

    async def download(self, request: HttpRequest, into: BinaryIO) -> HttpResponse | Unreachable:
        """Write the body of an answer as it streams, up to the request's limit.

        The answer that is returned has no body; one other than 200 and 304 is `Unreachable`.
        """
        headers = {**request.headers, "Accept-Encoding": "identity"}
        answer = await self._exchange(
            replace(request, headers=headers),
            lambda opened: write_body(opened, request, into),
            deadline=self._limits.download_deadline,
            decode=False,
        )
        if isinstance(answer, Unreachable):
            _log.warning("download failed", url=request.url, because=answer.because)
        return answer

    async def _fetch(self, request: HttpRequest) -> HttpResponse | Unreachable:
        conditions = self._memory.conditions(request)
        answer = await self._exchange(
            replace(request, headers={**request.headers, **conditions}),
            lambda opened: read_body(opened, request),
            deadline=self._limits.deadline,
            decode=True,
        )
        if isinstance(answer, Unreachable):
            _log.info("upstream unreachable", url=request.url, because=answer.because)
            return answer
        return self._memory.update(request, answer)

    async def _exchange(
        self,
        request: HttpRequest,
        read: Callable[[Opened], Awaitable[_T | Failure]],
        *,
        deadline: float,
        decode: bool,
    ) -> _T | Unreachable:
        """Attempt an exchange, again after a drop, each time within the host's limits."""
        route = self._guard.route(request.url)
        if isinstance(route, Unreachable):
            return route
        gate = self._gates.of(URL(request.url).host or "")

        if self._session is None:
            raise RuntimeError("the client is used outside of its context")
        wire = Wire(self._session, self._guard, self._limits)

        async def attempt() -> _T | Failure:
            async with gate.turn() as closed:
                if closed is not None:
                    return closed
                return await wire.carry(request, read, deadline=deadline, decode=decode)

        result: _T | Failure = await self._retrying.copy()(attempt)
        return _record(gate, result)


def _record(gate: Gate, result: _T | Failure) -> _T | Unreachable:
    """Record the result at the host's gate."""
    match result:
        case Dropped(because=because):
            gate.failed()
            return Unreachable(because)
        case Wait(because=because, seconds=seconds):
            gate.leave_alone(seconds)
            return Unreachable(because)
        case Unreachable():
            return result
        case _:
            gate.succeeded()
            return result


async def _hash(
    opened: Opened, algorithm: Literal["sha256", "sha512"], limit: int
) -> str | Unreachable:
    response = opened.response
    if response.status != _OK:
        return Unreachable(f"HTTP {response.status}")
    # "Not found", "log in" and "are you human" come as pages, and with status 200.
    if response.content_type in {"text/html", "application/xhtml+xml"}:
        return Unreachable("the answer is a web page")
    announced = response.content_length or 0
    if announced > limit:
        return Unreachable(f"the file is {announced} bytes, more than {limit}")
    hashing, size = hashlib.new(algorithm), 0
    async for chunk in chunks(response):
        size += len(chunk)
        if size > limit:
            return Unreachable(f"the file is larger than {limit} bytes")
        hashing.update(chunk)
    return hashing.hexdigest() if size else Unreachable("the file is empty")
