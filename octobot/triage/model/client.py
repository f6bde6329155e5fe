"""The client of a model's service: it connects to the operator's address only.

No redirect is followed, no proxy of the environment is used, and the key is sent in a header only.
A question has no effect but its price, so one that was certainly not answered is repeated (no
connection, too busy, out of order), but not after a time-out: it may have been charged already.
"""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from ipaddress import ip_address

import aiohttp
import tenacity
from aiohttp import AddrInfoType
from yarl import URL

from octobot.model.errors import Misconfigured
from octobot.model.lookup import HttpRequest, HttpResponse, Unreachable

Sleep = Callable[[float], Awaitable[None]]

_CHUNK = 1 << 16
_TRIES = 3
_BUSY = frozenset({429, 500, 502, 503, 529})


class _Again(Exception):  # noqa: N818  (what to do, not what is wrong)
    """The same question may be asked again; carries the answer for when it is the last."""

    def __init__(self, answer: HttpResponse | Unreachable) -> None:
        super().__init__()
        self.answer = answer


class ModelClient:
    """Carries requests to one service."""

    def __init__(self, session: aiohttp.ClientSession, origin: URL, sleep: Sleep) -> None:
        self._session, self._origin, self._sleep = session, origin, sleep

    @classmethod
    @asynccontextmanager
    async def open(
        cls, url: str, *, patience: float, loopback: bool, sleep: Sleep = asyncio.sleep
    ) -> AsyncIterator["ModelClient"]:
        """Open a client of the service at `url`; `patience` is in seconds, for one answer.

        https only; plain http and this machine's own addresses are for `loopback`, a setting.
        """
        origin = _checked(url, loopback=loopback)

        def admit(address: AddrInfoType) -> socket.socket:
            family, kind, protocol, _, target = address
            if not _admits(str(target[0]), loopback=loopback, secure=origin.scheme == "https"):
                raise OSError("the address is not one that the settings allow")
            return socket.socket(family=family, type=kind, proto=protocol)

        async with aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(socket_factory=admit, limit=4),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=patience, sock_connect=10),
            trust_env=False,
            headers={"user-agent": "octobot"},
        ) as session:
            yield cls(session, origin, sleep)

    async def send(self, request: HttpRequest) -> HttpResponse | Unreachable:
        """Send one request; any failure outside octobot is the answer `Unreachable`."""
        url = URL(request.url, encoded=True)
        if url.origin() != self._origin.origin():
            return Unreachable("that is not the address of the settings")
        retrying = tenacity.AsyncRetrying(
            stop=tenacity.stop_after_attempt(_TRIES),
            wait=tenacity.wait_exponential_jitter(initial=1, max=15, jitter=1),
            retry=tenacity.retry_if_exception_type(_Again),
            sleep=self._sleep,
            reraise=True,
        )
        try:
            return await retrying(self._once, url, request)
        except _Again as last:
            return last.answer

    async def _once(self, url: URL, request: HttpRequest) -> HttpResponse | Unreachable:
        try:
            async with self._session.request(
                request.method,
                url,
                headers=request.headers,
                data=request.body,
                allow_redirects=False,
            ) as response:
                answer = await _read(response, request.limit)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise _Again(Unreachable(type(error).__name__)) from error
        except (aiohttp.ClientError, OSError) as error:  # a TimeoutError is an OSError
            return Unreachable(type(error).__name__)
        if isinstance(answer, HttpResponse) and answer.status in _BUSY:
            raise _Again(answer)
        return answer


async def _read(response: aiohttp.ClientResponse, limit: int) -> HttpResponse | Unreachable:
    """Read the decoded body, up to a limit that no real answer reaches."""
    body = bytearray()
    async for chunk in response.content.iter_chunked(_CHUNK):
        body += chunk
        if len(body) > limit:
            response.close()
            return Unreachable(f"the answer is larger than {limit} bytes")
    headers = {name.lower(): value for name, value in response.headers.items()}
    return HttpResponse(response.status, headers, bytes(body))


def _checked(url: str, *, loopback: bool) -> URL:
    try:
        address = URL(url)
    except ValueError as error:
        raise Misconfigured(f"OCTOBOT_MODEL_URL is not an address: {url!r}") from error
    if address.user is not None or address.password is not None or not address.host:
        raise Misconfigured("OCTOBOT_MODEL_URL must be https://HOST/…, without a user name")
    if address.scheme != "https" and not (loopback and address.scheme == "http"):
        raise Misconfigured(
            "OCTOBOT_MODEL_URL must be https; http only with OCTOBOT_MODEL_LOOPBACK"
        )
    return address


def _admits(host: str, *, loopback: bool, secure: bool) -> bool:
    """Judge the address that a socket is about to be opened to.

    A private network is the operator's to name; a cloud's metadata service is nobody's.
    """
    address = ip_address(host.partition("%")[0])
    if address.is_loopback:
        return loopback
    return secure and not address.is_link_local and not address.is_unspecified
