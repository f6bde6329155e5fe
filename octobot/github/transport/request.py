"""One request: what kind it is, its way over the wire, and its answer.

What may be repeated decides between a retry and a look-up: a lost answer to a write that must not
happen twice is `AnswerLost`, and whoever asked reads what became of it.  No proxy of the
environment, no cookies, no redirect that somebody did not decide to follow.
"""

import json
import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

import aiohttp
from yarl import URL

from octobot.model.errors import TryLater

_SOON = timedelta(seconds=30)
_HOOK = "/app/hook/deliveries/"
_CHATTER = re.compile(r".*/(?:issues/\d+/comments|issues/comments/\d+|.*/reactions)")
_MUTATION = re.compile(rb"\bmutation\b")
Raw = tuple[int, dict[str, str], bytes]
"""Status, headers with names in lower case, decoded body."""

AGENT = "octobot"
_DOWNLOAD_DEADLINE = aiohttp.ClientTimeout(total=180, connect=10, sock_connect=10, sock_read=30)
_CONNECT = 10.0
_SILENCE = 30.0
_LARGEST_ANSWER = 64 << 20
_LARGEST_DOWNLOAD = 512 << 20
_CHUNK = 1 << 16


@dataclass(frozen=True, slots=True)
class Kind:
    """What of a request matters for its pace and for repeating it."""

    bucket: str
    """`core`, `graphql` or `search`, as `x-ratelimit-resource` names them."""
    write: bool = False
    content: bool = False
    """Counts against 80 a minute and 500 an hour."""
    chatter: bool = False
    """A comment or a reaction: a part of that is not for these."""
    repeatable: bool = True
    """Doing it twice has the effect of doing it once."""

    @property
    def points(self) -> int:
        """What GitHub counts it as."""
        return 5 if self.write else 1


class Again(TryLater):
    """Not done, and safe to repeat; told outside only when the retries are used up."""

    def __init__(self, message: str, *, paused: bool = False) -> None:
        super().__init__(message, after=_SOON)
        self.paused = paused
        """True when a gate already makes the next try wait."""


class AnswerLost(TryLater):
    """A write whose answer never came: it may have taken place, so it is not repeated blindly."""

    def __init__(self, message: str) -> None:
        super().__init__(message, after=_SOON)


@dataclass(frozen=True, slots=True)
class Request:
    """One request, complete but for who asks."""

    method: str
    url: str
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes
    kind: Kind

    @property
    def name(self) -> str:
        """The request in words, for logs and errors; no query, no secrets."""
        return f"{self.method} {self.url.partition('?')[0]}"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: any status that is not a limit, a refusal of who we are, or a fault."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case."""
    data: object
    """The JSON; None where the body is empty or of another kind."""
    next: str | None = None
    """The address of the next page."""

    @property
    def fine(self) -> bool:
        """Whether the status is 2xx."""
        return self.status // 100 == 2  # noqa: PLR2004  (the class of successes)

    @property
    def words(self) -> str:
        """GitHub's own words about a refusal; foreign text."""
        return words_of(self.data)


def words_of(data: object) -> str:
    """Gather `message` and `errors` of an error's JSON in one line of at most 500 characters."""
    if not isinstance(data, Mapping):
        return ""
    errors = data.get("errors")
    details = errors if isinstance(errors, list) else []
    said = [data.get("message")]
    said += [error.get("message") if isinstance(error, Mapping) else error for error in details]
    return "; ".join(text for text in said if isinstance(text, str))[:500]


def lenient(body: bytes) -> object:
    """Parse an error's body; None for what is not JSON, such as a proxy's page."""
    try:
        parsed: object = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return parsed


def kind_of(method: str, path: str, body: bytes) -> Kind:
    """Return what kind of request this is; `path` has no query."""
    if path.endswith("/graphql"):
        # A query that merely mentions the word loses its retries, and nothing else.
        if _MUTATION.search(body):
            return Kind("graphql", write=True, content=True, repeatable=False)
        return Kind("graphql")
    if method in ("GET", "HEAD"):
        return Kind("search" if "/search/" in path else "core")
    if path.endswith("/access_tokens"):
        return Kind("core")  # one token more does no harm
    if _HOOK in path:
        return Kind("core", write=True)  # a delivery more does no harm
    return Kind(
        "core",
        write=True,
        content=method != "DELETE" and "/check-runs" not in path,
        chatter=_CHATTER.fullmatch(path) is not None,
        # A second merge of a merged pull request is refused, which would read as "not merged".
        repeatable=method in ("PUT", "DELETE") and not path.endswith("/merge"),
    )


def open_http(tls: ssl.SSLContext | None = None) -> aiohttp.ClientSession:
    """Open the one HTTP session for GitHub; close it with `async with`.

    `tls` trusts other authorities than the machine's own.
    """
    return aiohttp.ClientSession(
        trust_env=False,
        cookie_jar=aiohttp.DummyCookieJar(),
        connector=aiohttp.TCPConnector(ssl=tls or True),
    )


async def send(
    http: aiohttp.ClientSession, request: Request, headers: Mapping[str, str], *, deadline: float
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
    url = URL(request.url, encoded=True)  # quoted already; yarl would unquote some of it
    try:
        async with http.request(
            request.method,
            url,
            headers=headers,
            data=request.body or None,
            allow_redirects=False,
            timeout=timeout,  # whatever the session's own is
        ) as response:
            names = {name.lower(): value for name, value in response.headers.items()}
            return response.status, names, await _body(response, request)
    except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
        # Nothing was sent, so that even a POST may be repeated.
        raise Again(f"{request.name}: no connection ({type(error).__name__})") from error
    except (aiohttp.ClientError, TimeoutError) as error:
        raise lost(request, type(error).__name__) from error


def lost(request: Request, because: str) -> Again | AnswerLost:
    """Name what a missing answer means for this request."""
    kind = Again if request.kind.repeatable else AnswerLost
    return kind(f"{request.name}: no answer ({because})")


async def tail(http: aiohttp.ClientSession, url: str, limit: int) -> bytes | None:
    """Download without credentials and keep the last `limit` bytes; None when it is gone.

    Raises `Again` for everything that another try may mend, `TryLater` above 512 MiB.
    """
    kept, seen = bytearray(), 0
    try:
        async with http.get(
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


async def _body(response: aiohttp.ClientResponse, request: Request) -> bytes:
    body = bytearray()
    async for chunk in response.content.iter_chunked(_CHUNK):
        body += chunk
        _cap(len(body), _LARGEST_ANSWER, request.name)
    return bytes(body)


def _cap(size: int, limit: int, name: str) -> None:
    if size > limit:
        raise TryLater(f"{name} is larger than {limit >> 20} MiB", after=Again(name).after)
