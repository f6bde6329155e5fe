"""One attempt of an exchange: its redirects, a capped reading of the body, and cached answers.

Whatever goes wrong outside becomes a value here: `Dropped` where a retry may help, `Unreachable`
where it cannot.  Conditional requests: RFC 9110, section 13.
"""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import BinaryIO, TypeVar

import aiohttp
from yarl import URL

from octobot.model.lookup import HttpRequest, HttpResponse, Unreachable
from octobot.upstream.gate import Limits
from octobot.upstream.guard import Guard, RefusedAddress, read_url

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_SEE_OTHER, _REQUEST_TIMEOUT, _TOO_MANY, _SERVER_ERROR = 303, 408, 429, 500
_CHUNK = 1 << 16
_ASKED_TO_WAIT = 60.0
# A redirect must not carry credentials to another host.
_OWN_HOST_ONLY = frozenset({"authorization", "cookie"})

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Dropped:
    """The host did not answer, or with a server error: a retry may succeed."""

    because: str


@dataclass(frozen=True, slots=True)
class Wait:
    """The host asked to wait."""

    because: str
    seconds: float


Failure = Dropped | Wait | Unreachable


@dataclass(frozen=True, slots=True)
class Opened:
    """A response whose headers were read, and whose body was not."""

    response: aiohttp.ClientResponse
    url: str
    """The address after redirects, as requested and not as mirrored."""


@dataclass(frozen=True, slots=True)
class Wire:
    """What an exchange needs to send requests."""

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
                    # Not `release`, which reads the body to its end.
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
    because = f"{response.url.host} answered HTTP {response.status}"
    waits = response.headers.get("retry-after", "")
    if response.status == _TOO_MANY or (response.status >= _SERVER_ERROR and waits):
        # An HTTP date is legal too, and rare enough to be read as a minute.
        return Wait(because, float(waits) if waits.isdecimal() else _ASKED_TO_WAIT)
    if response.status == _REQUEST_TIMEOUT or response.status >= _SERVER_ERROR:
        return Dropped(because)
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


async def write_body(
    opened: Opened, request: HttpRequest, into: BinaryIO
) -> HttpResponse | Unreachable:
    """Write the body, as it was sent, up to the request's limit; what was there is dropped."""
    response, size = opened.response, 0
    if response.status not in (_OK, _NOT_MODIFIED):
        return Unreachable(f"HTTP {response.status}")
    if (announced := response.content_length or 0) > request.limit:
        return Unreachable(f"the answer is {announced} bytes, more than {request.limit}")
    into.seek(0)
    into.truncate()
    async for chunk in chunks(response):
        size += len(chunk)
        if size > request.limit:
            return Unreachable(f"the answer is larger than {request.limit} bytes")
        into.write(chunk)
    headers = {name.lower(): value for name, value in response.headers.items()}
    return HttpResponse(response.status, headers, b"", opened.url)


def chunks(response: aiohttp.ClientResponse) -> AsyncIterator[bytes]:
    """Return the body in chunks: small ones, so that a decompression bomb is noticed early."""
    return response.content.iter_chunked(_CHUNK)


def _failure(error: Exception) -> Dropped | Unreachable:
    because = f"{type(error).__name__}: {error}".removesuffix(": ")[:300]
    refused = isinstance(error, aiohttp.ClientConnectorError) and isinstance(
        error.os_error, RefusedAddress
    )
    if refused or isinstance(error, aiohttp.InvalidURL | UnicodeError):
        return Unreachable(because)
    return Dropped(because)


_Key = tuple[str, tuple[tuple[str, str], ...]]
_LARGEST_SHARE = 8
_OK, _NOT_MODIFIED = 200, 304
_CONDITIONS = {"etag": "If-None-Match", "last-modified": "If-Modified-Since"}


class Memory:
    """Cached answers to GETs that carried a validator; the least recently used go first."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._used = 0
        self._answers: OrderedDict[_Key, HttpResponse] = OrderedDict()

    def conditions(self, request: HttpRequest) -> Mapping[str, str]:
        """Return the headers that ask for an answer only if it changed."""
        cached = self._answers.get(_key(request)) if request.method == "GET" else None
        if cached is None:
            return {}
        return {
            header: cached.headers[name]
            for name, header in _CONDITIONS.items()
            if name in cached.headers
        }

    def update(self, request: HttpRequest, answer: HttpResponse) -> HttpResponse:
        """Cache an answer and return it; for "not modified", return the cached one."""
        key = _key(request)
        if answer.status == _NOT_MODIFIED and key in self._answers:
            self._answers.move_to_end(key)
            return self._answers[key]
        if request.method == "GET":
            self._drop(key)
            if self._is_cacheable(request, answer):
                self._store(key, answer)
        return answer

    def _is_cacheable(self, request: HttpRequest, answer: HttpResponse) -> bool:
        if answer.status != _OK or request.partial:
            return False
        small = len(answer.body) <= self._size // _LARGEST_SHARE
        return small and any(name in answer.headers for name in _CONDITIONS)

    def _store(self, key: _Key, answer: HttpResponse) -> None:
        self._answers[key] = answer
        self._used += len(answer.body)
        while self._used > self._size:
            self._drop(next(iter(self._answers)))

    def _drop(self, key: _Key) -> None:
        dropped = self._answers.pop(key, None)
        self._used -= len(dropped.body) if dropped else 0


def _key(request: HttpRequest) -> _Key:
    return request.url, tuple(sorted(request.headers.items()))
