"""Bytes to GitHub and back: the session, its deadlines and caps, and what a broken line means.

No proxy of the environment, no cookies, no redirect that somebody did not decide to follow.
"""

import ssl
from collections.abc import Mapping

import aiohttp
from yarl import URL

from octobot.github.transport.request import Again, AnswerLost, Ask
from octobot.model.errors import TryLater

Raw = tuple[int, dict[str, str], bytes]
"""Status, headers with names in lower case, decoded body."""

AGENT = "octobot"
_DOWNLOAD_DEADLINE = aiohttp.ClientTimeout(total=180, connect=10, sock_connect=10, sock_read=30)
_CONNECT = 10.0
_SILENCE = 30.0
_LARGEST_ANSWER = 64 << 20
_LARGEST_DOWNLOAD = 512 << 20
_CHUNK = 1 << 16


def open_session(tls: ssl.SSLContext | None = None) -> aiohttp.ClientSession:
    """Open the one HTTP session for GitHub; close it with `async with`.

    `tls` trusts other authorities than the machine's own.
    """
    return aiohttp.ClientSession(
        trust_env=False,
        cookie_jar=aiohttp.DummyCookieJar(),
        connector=aiohttp.TCPConnector(ssl=tls or True),
    )


async def send(
    session: aiohttp.ClientSession, ask: Ask, headers: Mapping[str, str], *, deadline: float
) -> Raw:
    """Carry one request; raises `Again` or, for a write that may have arrived, `AnswerLost`.

    `deadline` is in seconds, for all of it.
    """
    timeout = aiohttp.ClientTimeout(
        total=deadline,
        connect=min(deadline, _CONNECT),
        sock_connect=min(deadline, _CONNECT),
        sock_read=min(deadline, _SILENCE),
    )
    url = URL(ask.url, encoded=True)  # quoted already; yarl would unquote some of it
    try:
        async with session.request(
            ask.method,
            url,
            headers=headers,
            data=ask.body or None,
            allow_redirects=False,
            timeout=timeout,  # whatever the session's own is
        ) as response:
            names = {name.lower(): value for name, value in response.headers.items()}
            return response.status, names, await _body(response, ask)
    except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
        # Nothing was sent, so that even a POST may be repeated.
        raise Again(f"{ask.name}: no connection ({type(error).__name__})") from error
    except (aiohttp.ClientError, TimeoutError) as error:
        raise lost(ask, type(error).__name__) from error


def lost(ask: Ask, because: str) -> Again | AnswerLost:
    """Name what a missing answer means for this request."""
    kind = Again if ask.kind.repeatable else AnswerLost
    return kind(f"{ask.name}: no answer ({because})")


async def tail(session: aiohttp.ClientSession, url: str, limit: int) -> bytes | None:
    """Download without credentials and keep the last `limit` bytes; None when it is gone.

    Raises `Again` for everything that another try may mend, `TryLater` above 512 MiB.
    """
    kept, seen = bytearray(), 0
    try:
        async with session.get(
            URL(url, encoded=True),
            headers={"user-agent": AGENT},
            allow_redirects=False,
            timeout=_DOWNLOAD_DEADLINE,
        ) as response:
            if response.status != 200:  # noqa: PLR2004  (OK)
                _faulty(response.status)
                return None
            async for chunk in response.content.iter_chunked(_CHUNK):
                seen += len(chunk)
                _cap(seen, _LARGEST_DOWNLOAD, "a download")
                kept += chunk
                if len(kept) > limit + (1 << 20):
                    del kept[:-limit]
    except (aiohttp.ClientError, TimeoutError) as error:
        raise Again(f"a download broke off ({type(error).__name__})") from error
    return bytes(kept[-limit:])


def _faulty(status: int) -> None:
    if status >= 500 or status == 429:  # noqa: PLR2004  (server errors; Too Many Requests)
        raise Again(f"a download answered {status}")


async def _body(response: aiohttp.ClientResponse, ask: Ask) -> bytes:
    body = bytearray()
    async for chunk in response.content.iter_chunked(_CHUNK):
        body += chunk
        _cap(len(body), _LARGEST_ANSWER, ask.name)
    return bytes(body)


def _cap(size: int, limit: int, name: str) -> None:
    if size > limit:
        raise TryLater(f"{name} is larger than {limit >> 20} MiB", after=Again(name).after)
