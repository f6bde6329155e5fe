"""One request: what kind it is, how it is sent, its answer, and the cache of answers.

What may be repeated decides between a retry and a look-up: a lost answer to a write that must not
happen twice is `AnswerLost`, and the caller reads whether it took place.  No proxy from the
environment, no cookies, no redirect that the caller did not ask for.
"""

import asyncio
import hashlib
import json
import re
import ssl
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from weakref import WeakValueDictionary

import aiohttp
from yarl import URL

from octobot.github.transport.json_fields import at
from octobot.github.transport.objects import Objects
from octobot.github.transport.schema import Unknowns
from octobot.model.errors import TryLater

_SOON = timedelta(seconds=30)
_HOOK = "/app/hook/deliveries/"
_CHATTER = re.compile(r".*/(?:issues/\d+/comments|issues/comments/\d+|.*/reactions)")
_MUTATION = re.compile(rb"\bmutation\b")
Raw = tuple[int, dict[str, str], bytes]
"""Status, headers with names in lower case, decoded body."""

AGENT = "octobot"
_CONNECT = 10.0
_SILENCE = 30.0
_LARGEST_ANSWER = 64 << 20
CHUNK = 1 << 16
"""Bytes read at once."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What the throttle and the retries need to know of a request."""

    bucket: str
    """`core`, `graphql` or `search`, as `x-ratelimit-resource` names them."""
    write: bool = False
    content: bool = False
    """Counts against 80 a minute and 500 an hour."""
    chatter: bool = False
    """A comment or a reaction: a part of that is not for these."""
    repeatable: bool = True
    """Doing it twice has the effect of doing it once."""


class Again(TryLater):
    """Not done, and safe to repeat; callers see it only when the retries are used up."""

    def __init__(self, message: str, *, paused: bool = False) -> None:
        super().__init__(message, after=_SOON)
        self.paused = paused
        """Whether a gate already makes the next try wait."""


class AnswerLost(TryLater):
    """A write whose answer never came: it may have taken place, so it is not repeated blindly."""

    def __init__(self, message: str) -> None:
        super().__init__(message, after=_SOON)


@dataclass(frozen=True, slots=True)
class Request:
    """One request, complete but for its credential."""

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
    """An answer of any status but those of a limit, of refused credentials and of faults."""

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
        """GitHub's error message; foreign text."""
        return words_of(self.data)


def words_of(data: object) -> str:
    """Gather `message` and `errors` of an error's JSON in one line of at most 500 characters."""
    if not isinstance(data, Mapping):
        return ""
    errors = data.get("errors")
    details = errors if isinstance(errors, list) else []
    texts = [data.get("message")]
    texts += [error.get("message") if isinstance(error, Mapping) else error for error in details]
    return "; ".join(text for text in texts if isinstance(text, str))[:500]


def lenient(body: bytes) -> object:
    """Parse an error's body; None for what is not JSON, such as a proxy's page."""
    try:
        parsed: object = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return parsed


def blames_secondary_limit(body: bytes) -> bool:
    """Return whether GitHub blames a secondary limit; without Retry-After only the text says so.

    Source: docs.github.com, "Rate limits for the REST API", exceeding the rate limit.
    """
    error = lenient(body)
    words = f"{at(error, 'message')} {at(error, 'documentation_url')}".lower()
    return any(sign in words for sign in ("secondary rate limit", "secondary-rate-limits", "abuse"))


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


def variant_of(headers: Mapping[str, str]) -> str:
    """Return what an answer depends on beside its address: the form and the token; no secret."""
    bearer = hashlib.sha256(headers.get("authorization", "").encode()).hexdigest()
    return f"{headers.get('accept', '')} {bearer}"


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


class Gone(TryLater):
    """410: what was asked for is gone or, with issues, switched off."""


def refusal(name: str, answer: Answer) -> TryLater:
    """Return the error for a refusal that the caller has no use for: lag, or something gone."""
    kind = Gone if answer.status == 410 else TryLater  # noqa: PLR2004  (Gone)
    return kind(f"{name} answered {answer.status} {answer.words}", after=timedelta(minutes=1))


def lost(request: Request, because: str) -> Again | AnswerLost:
    """Return the error for a missing answer: whether this request may be repeated."""
    kind = Again if request.kind.repeatable else AnswerLost
    return kind(f"{request.name}: no answer ({because})")


async def _body(response: aiohttp.ClientResponse, request: Request) -> bytes:
    body = bytearray()
    async for chunk in response.content.iter_chunked(CHUNK):
        body += chunk
        if len(body) > _LARGEST_ANSWER:
            raise too_large(request.name, _LARGEST_ANSWER)
    return bytes(body)


def too_large(name: str, limit: int) -> TryLater:
    """Return the error for a body of more than `limit` bytes."""
    return TryLater(f"{name} is larger than {limit >> 20} MiB", after=_SOON)


@dataclass(frozen=True, slots=True)
class CachedAnswer:
    """An answer of 200 with its ETag."""

    etag: str
    headers: Mapping[str, str]
    body: bytes


class Cache:
    """The answers of one installation with their ETags: an unchanged one costs no rate limit.

    GitHub binds ETags to the token, so an answer is of use only to the credential that got it.
    Bounded in entries and in bytes; what was used least recently is dropped first.  Source:
    docs.github.com, "Best practices for using the REST API", conditional requests; github/docs,
    issue 34689.
    """

    def __init__(
        self, unknowns: Unknowns | None = None, *, entries: int = 4096, size: int = 64 << 20
    ) -> None:
        self._entries, self._size = entries, size
        self.unknowns = unknowns or Unknowns()
        """What the server's GraphQL does not know; all installations on it share that."""
        self.objects = Objects()
        """What never changes, and needs no ETag."""
        self._answers: OrderedDict[tuple[str, str], CachedAnswer] = OrderedDict()
        self._locks = WeakValueDictionary[tuple[str, str], asyncio.Lock]()
        self._bytes = 0

    def lock(self, url: str, variant: str) -> asyncio.Lock:
        """Return the lock under which one of several equal requests is sent."""
        return self._locks.setdefault((url, variant), asyncio.Lock())

    def find(self, url: str, variant: str) -> CachedAnswer | None:
        """Return the cached answer of this address; `variant` is what else it depends on."""
        found = self._answers.get((url, variant))
        if found is not None:
            self._answers.move_to_end((url, variant))
        return found

    def store(self, url: str, variant: str, answer: CachedAnswer) -> None:
        """Store an answer in place of the former one."""
        former = self._answers.pop((url, variant), None)
        self._bytes += len(answer.body) - (len(former.body) if former else 0)
        self._answers[url, variant] = answer
        while len(self._answers) > self._entries or self._bytes > self._size:
            _, dropped = self._answers.popitem(last=False)
            self._bytes -= len(dropped.body)
