"""One attempt of one exchange: the hops of its redirects, and a capped reading of the body.

Everything that may go wrong outside becomes a value here, of two kinds: what a retry may mend
(`Dropped`) and what it cannot (`Unreachable`).
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

import aiohttp
from yarl import URL

from octobot.model.lookup import HttpRequest, HttpResponse, Unreachable
from octobot.upstream.gate import Limits
from octobot.upstream.guard import Guard, RefusedAddress, read_url

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_SEE_OTHER, _REQUEST_TIMEOUT, _TOO_MANY, _SERVER_ERROR = 303, 408, 429, 500
_CHUNK = 1 << 16
_ASKED_TO_WAIT = 60.0
# A host that a redirect led to has no business with what was meant for another.
_OWN_HOST_ONLY = frozenset({"authorization", "cookie"})

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Dropped:
    """The host did not answer, or with a server error: the same may work a moment later."""

    because: str


@dataclass(frozen=True, slots=True)
class Wait:
    """The host asked to be left alone."""

    because: str
    seconds: float


Failure = Dropped | Wait | Unreachable


@dataclass(frozen=True, slots=True)
class Opened:
    """The headers have come, the body has not."""

    response: aiohttp.ClientResponse
    url: str
    """Where the redirects led, as asked for and not as mirrored."""


@dataclass(frozen=True, slots=True)
class Wire:
    """What an exchange needs of the outside."""

    session: aiohttp.ClientSession
    guard: Guard
    limits: Limits

    async def carry(
        self,
        request: HttpRequest,
        read: Callable[[Opened], Awaitable[_T | Failure]],
        *,
        deadline: float,
        decode: bool,
    ) -> _T | Failure:
        """Send a request, follow its redirects, and have `read` take the body."""
        try:
            async with asyncio.timeout(deadline):
                opened = await self._follow(request, decode=decode)
                if not isinstance(opened, Opened):
                    return opened
                try:
                    return _refusal(opened.response) or await read(opened)
                finally:
                    # Not `release`: a body that nobody wants to the end is not read to the end.
                    opened.response.close()
        except (aiohttp.ClientError, OSError, UnicodeError) as error:
            # A TimeoutError is an OSError; a UnicodeError is a host name that DNS cannot carry.
            return _failure(error)

    async def _follow(self, request: HttpRequest, *, decode: bool) -> Opened | Unreachable:
        url, method, body, headers = request.url, request.method, request.body, request.headers
        for _ in range(self.limits.redirects + 1):
            route = self.guard.route(url)
            if isinstance(route, Unreachable):
                return route
            response = await self.session.request(
                method,
                route,
                headers=headers,
                data=body or None,
                allow_redirects=False,
                auto_decompress=decode,
            )
            location = response.headers.get("location", "")
            if response.status not in _REDIRECTS or not location:
                return Opened(response, url)
            response.close()
            there = _join(url, location)
            if there is None:
                return Unreachable("a redirect leads to what is not an address")
            if response.status == _SEE_OTHER:
                method, body = "GET", b""
            headers = _onward(headers, url, there)
            url = there
        return Unreachable(f"more than {self.limits.redirects} redirects")


def _join(url: str, location: str) -> str | None:
    try:
        there = str(URL(url).join(URL(location)))
    except ValueError:
        return None
    return there if read_url(there) else None


def _onward(headers: Mapping[str, str], url: str, there: str) -> Mapping[str, str]:
    if (URL(url).host, URL(url).port) == (URL(there).host, URL(there).port):
        return headers
    return {name: value for name, value in headers.items() if name.lower() not in _OWN_HOST_ONLY}


def _refusal(response: aiohttp.ClientResponse) -> Failure | None:
    said = f"{response.url.host} answered HTTP {response.status}"
    waits = response.headers.get("retry-after", "")
    if response.status == _TOO_MANY or (response.status >= _SERVER_ERROR and waits):
        # An HTTP date is legal too, and rare enough to be read as a minute.
        return Wait(said, float(waits) if waits.isdecimal() else _ASKED_TO_WAIT)
    if response.status == _REQUEST_TIMEOUT or response.status >= _SERVER_ERROR:
        return Dropped(said)
    return None


async def read_body(opened: Opened, request: HttpRequest) -> HttpResponse | Unreachable:
    """Read the decoded body up to the request's limit."""
    announced = opened.response.content_length or 0
    if announced > request.limit and not request.partial:
        return Unreachable(f"the answer is {announced} bytes, more than {request.limit}")
    body = bytearray()
    async for chunk in chunks(opened.response):
        body += chunk
        if len(body) >= request.limit and request.partial:
            break
        if len(body) > request.limit:
            return Unreachable(f"the answer is larger than {request.limit} bytes")
    headers = {name.lower(): value for name, value in opened.response.headers.items()}
    return HttpResponse(opened.response.status, headers, bytes(body[: request.limit]), opened.url)


def chunks(response: aiohttp.ClientResponse) -> AsyncIterator[bytes]:
    """Give the body in pieces small enough that a bomb is noticed before it has grown."""
    return response.content.iter_chunked(_CHUNK)


def _failure(error: Exception) -> Dropped | Unreachable:
    because = f"{type(error).__name__}: {error}".removesuffix(": ")[:300]
    refused = isinstance(error, aiohttp.ClientConnectorError) and isinstance(
        error.os_error, RefusedAddress
    )
    if refused or isinstance(error, aiohttp.InvalidURL | UnicodeError):
        return Unreachable(because)
    return Dropped(because)
