"""The one way to GitHub: gidgethub shapes the calls, `_request` alone sends them.

Everything that decides whether and when a byte leaves is in `Session._request`: who asks, the
ETags, the rate gates, the gap between writes, the retries.  gidgethub's REST and GraphQL calls go
through it, and PyGithub's too (`octobot.github.app.pygithub_adapter`); nothing else in octobot
talks to GitHub.

* Refused for a limit (403, 429): repeated after the wait, whatever the method.
* Fault or broken line: repeated when that is safe, else `AnswerLost`.
* 401 or 403 to a new token: repeated for some seconds with the same one, then `TryLater`.
* 401: once more with a fresh token; to what is no token of an installation, `Misconfigured`.
* 403: `Misconfigured`, with the permission that GitHub names.
* A redirect is a renamed repository: never followed, since the old name may belong to another.
"""

import json
from collections.abc import Collection, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType
from typing import Self
from urllib.parse import quote, urlencode

import aiohttp
import structlog
from gidgethub import aiohttp as gidgethub_aiohttp
from gidgethub import sansio

from octobot.github.transport.json_fields import at, items, number, text
from octobot.github.transport.objects import Objects
from octobot.github.transport.refusals import denial_of, forbidden, has_effect
from octobot.github.transport.request import (
    AGENT,
    Again,
    Answer,
    Cache,
    CachedAnswer,
    Raw,
    Request,
    kind_of,
    lenient,
    lost,
    refusal,
    send,
    variant_of,
    words_of,
)
from octobot.github.transport.retries import retrying
from octobot.github.transport.schema import Compose, Unknown, unknown_names
from octobot.github.transport.scopes import Credential, Fixed, needs_of
from octobot.github.transport.throttle import UNHURRIED, Clock, Limits, ServerClock, Throttle
from octobot.github.transport.tokens import PAUSES, is_inconclusive, may_be_lag
from octobot.model.errors import Misconfigured, TryLater
from octobot.model.ids import BotAccount, Watched
from octobot.model.lookup import GraphQLResponse

log = structlog.get_logger()

API_VERSION = "2022-11-28"
_PAGES = 300
"""More pages than any list has: a list that links to itself ends here."""
_MOVED = frozenset({301, 307, 308})
_FORMER_ENTERPRISE = "/api/v3"


class Session(gidgethub_aiohttp.GitHubAPI):
    """The session of one credential."""

    def __init__(
        self,
        http: aiohttp.ClientSession,
        base_url: str,
        credential: Credential,
        throttle: Throttle,
        cache: Cache,
    ) -> None:
        """Take what all sessions of one installation share, because GitHub counts them together."""
        super().__init__(http, AGENT, base_url=base_url.rstrip("/"))
        self.http = http
        self._credential, self._throttle, self._answers = credential, throttle, cache
        self.objects: Objects = cache.objects
        """What never changes; all sessions of one installation share it."""
        self._unknowns = cache.unknowns
        self.clock, self.server = throttle.clock, throttle.server
        """The machine's clocks, and GitHub's clock as its answers show it."""
        self.graphql_url = _graphql_url(self.base_url)
        self._has_read = ""
        """The credential that read something last."""
        self.retrying = retrying(self.clock)

    @classmethod
    def for_token(
        cls,
        http: aiohttp.ClientSession,
        base_url: str = sansio.DOMAIN,
        token: str | None = None,
        *,
        limits: Limits = UNHURRIED,
        clock: Clock | None = None,
    ) -> Self:
        """Open a session for a person's token or, without one, for the public."""
        machine = clock or Clock()
        throttle = Throttle(limits, machine, ServerClock(machine))
        return cls(http, base_url, Fixed(token), throttle, Cache())

    async def get(self, path: str, *, fresh: bool = False) -> object:
        """Read one thing as JSON; any refusal, also 404, which may be lag, is `TryLater`.

        `fresh` reads in full, past the cache.
        """
        answer = await self.exchange("GET", path, fresh=fresh)
        if not answer.fine:
            raise refusal(f"GET {path}", answer)
        return answer.data

    async def find(
        self, path: str, *, absent: Collection[int] = (404,), fresh: bool = False
    ) -> object | None:
        """Read one thing as JSON; None where GitHub answers with one of `absent`."""
        answer = await self.exchange("GET", path, fresh=fresh)
        if answer.status in absent:
            return None
        if not answer.fine or answer.data is None:
            raise refusal(f"GET {path}", answer)
        return answer.data

    async def write(self, method: str, path: str, data: object) -> object:
        """Write one thing and return the answer's JSON; any refusal is `TryLater`."""
        answer = await self.exchange(method, path, data)
        if not answer.fine:
            raise refusal(f"{method} {path}", answer)
        return answer.data

    async def pages(self, path: str, key: str = "", *, fresh: bool = False) -> list[object]:
        """Read a list to its last page; `key` names the list where a page is an object."""
        found: list[object] = []
        url = f"{path}{'&' if '?' in path else '?'}per_page=100"
        for _ in range(_PAGES):
            answer = await self.exchange("GET", url, fresh=fresh)
            if not answer.fine:
                raise refusal(f"GET {path}", answer)
            found += items(answer.data, *([key] if key else []))
            if answer.next is None:
                return found
            url = answer.next
            if not url.startswith(f"{self.base_url}/"):
                raise Misconfigured(
                    f"the next page of GET {path} is on another host ({url[:200]}): is "
                    f"OCTOBOT_GITHUB_URL, {self.base_url}, the address that GitHub has itself?"
                )
        raise TryLater(f"GET {path} has no last page", after=timedelta(minutes=10))

    async def exchange(
        self,
        method: str,
        path: str,
        data: object = None,
        *,
        fresh: bool = False,
        headers: Mapping[str, str] = MappingProxyType({}),
    ) -> Answer:
        """Send one REST request and return its answer, whatever GitHub decided.

        `path` is quoted already.  Raises `TryLater`, its kind `AnswerLost`, and `Misconfigured`.
        """
        url = sansio.format_url(path, None, base_url=self.base_url)
        sent = {**sansio.create_headers(self.requester), **headers}
        if fresh:
            sent["cache-control"] = "no-cache"
        body = b"" if data is None else json.dumps(data).encode()
        if body:
            sent["content-type"] = "application/json; charset=utf-8"
        status, names, raw = await self._request(method, url, sent, body)
        if status // 100 != 2:  # noqa: PLR2004  (the class of successes)
            return Answer(status, names, lenient(raw))
        try:
            parsed, self.rate_limit, more = sansio.decipher_response(status, names, raw)
        except ValueError as error:
            request = Request(
                method, url, sent, body, kind_of(method, path.partition("?")[0], body)
            )
            raise lost(request, "its JSON is broken") from error
        return Answer(status, names, parsed, more)

    async def revalidate(self, path: str, etag: str) -> Answer:
        """Ask whether something changed since an answer with this ETag; status 304: it did not."""
        return await self.exchange("GET", path, fresh=True, headers={"if-none-match": etag})

    async def graphql_response(
        self, query: str, variables: Mapping[str, object]
    ) -> GraphQLResponse:
        """Send one GraphQL document; return `data` and `errors` as they are.

        An exhausted budget, which GitHub reports with status 200, is `TryLater`; a document with
        names that this server does not know, of which nothing is done, is `Unknown`.
        """
        headers = sansio.create_headers(self.requester)
        headers["content-type"] = "application/json; charset=utf-8"
        body = json.dumps({"query": query, "variables": dict(variables)}).encode()
        status, names, raw = await self._request("POST", self.graphql_url, headers, body)
        answer = lenient(raw)
        data, errors = at(answer, "data"), at(answer, "errors") or []
        if status != 200 or not isinstance(answer, dict) or not isinstance(errors, list):  # noqa: PLR2004  (OK)
            request = Request(
                "POST", self.graphql_url, headers, body, kind_of("POST", "/graphql", body)
            )
            raise lost(request, f"status {status}, {words_of(answer) or 'not JSON'}")
        if _out_of_budget(errors):
            after = await self._throttle.close("graphql", names)
            raise TryLater("GitHub's GraphQL budget is used up", after=after)
        if not data and (lacking := unknown_names(errors)):
            self._unknowns.learn(lacking, self.clock.steady())
            raise Unknown(lacking)
        return GraphQLResponse(data if isinstance(data, dict) else None, tuple(errors))

    def unknown(self) -> frozenset[str]:
        """Return the names that this server's GraphQL is known not to know."""
        return self._unknowns.now(self.clock.steady())

    async def graphql_known(self, compose: Compose) -> tuple[GraphQLResponse, frozenset[str]]:
        """Send a document without what this server does not know; return what that is, too.

        `Unknown` where a name is in no part that can be left out.
        """
        while True:
            unknown = self.unknown()
            document = compose(unknown)
            try:
                return await self.graphql_response(*document), unknown
            except Unknown:
                if compose(self.unknown()) == document:
                    raise

    async def graphql(self, query: str, *, endpoint: str = "", **variables: object) -> object:
        """Send a query the way of gidgethub, to the GraphQL that belongs to `base_url`."""
        url = endpoint or self.graphql_url
        data: object = await super().graphql(query, endpoint=url, **variables)
        return data

    async def _request(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes = b""
    ) -> tuple[int, Mapping[str, str], bytes]:
        if url != self.graphql_url and not url.startswith(f"{self.base_url}/"):
            raise ValueError("octobot's credentials travel to GitHub's API only")
        names = {name.lower(): value for name, value in headers.items()}
        names.setdefault("x-github-api-version", API_VERSION)
        kind = kind_of(method, url.partition("?")[0], body)
        return await self.retrying.copy()(self._attempt, Request(method, url, names, body, kind))

    async def _attempt(self, request: Request) -> Raw:
        """Send a request once; raise what no caller can use."""
        raw = await self._authorized(request)
        status, headers, body = raw
        if await self._throttle.learn(request.kind, raw):
            raise Again(f"{request.name}: GitHub asks to wait", paused=True)
        if status >= 500:  # noqa: PLR2004  (server errors)
            raise lost(request, f"status {status}")
        if status in _MOVED:
            raise TryLater(
                f"{request.name}: the repository was renamed or moved; its new name is read with "
                "the next list of installations",
                after=timedelta(minutes=5),
            )
        if status in (401, 403):
            raise forbidden(request, headers, words_of(lenient(body)))
        return raw

    async def _authorized(self, request: Request) -> Raw:
        """Send a request with the credential that it needs, twice where the first is refused."""
        if "authorization" in request.headers:
            return await self._once(request)
        needs = needs_of(request)
        header = await self._credential.header(needs)
        raw = await self._patiently(request, header)
        if raw[0] == 401 and header and self._credential.refused(header):  # noqa: PLR2004  (Unauthorized)
            raw = await self._patiently(request, await self._credential.header(needs))
        return raw

    async def _patiently(self, request: Request, header: str | None) -> Raw:
        """Send it, again with the same token while GitHub may not know that one everywhere.

        `TryLater` where that takes longer, since nothing is wrong with the setup.
        """
        raw = await self._once(request, header)
        if header is None:
            return raw
        for pause in PAUSES:
            age, denial = self._credential.age(header), denial_of(request, raw)
            has_read = self._has_read == header
            if not may_be_lag(denial, age, has_read=has_read) or has_effect(raw):
                break
            log.info("a new token is not known yet", request=request.name, status=raw[0])
            await self.clock.sleep(pause)
            raw = await self._once(request, header)
        if is_inconclusive(denial_of(request, raw), self._credential.age(header)):
            raise TryLater(
                f"GitHub does not know a new token yet: {request.name} answered {raw[0]} "
                f"{words_of(lenient(raw[2]))}",
                after=timedelta(minutes=1),
            )
        if request.method == "GET" and raw[0] == 200:  # noqa: PLR2004  (OK)
            self._has_read = header
        return raw

    async def _once(self, request: Request, authorization: str | None = None) -> Raw:
        """Send it one time; read and fill the cache of answers."""
        throttle = self._throttle
        may_cache = request.method == "GET" and "cache-control" not in request.headers
        sent = dict(request.headers)
        if authorization:
            sent["authorization"] = authorization
        variant = variant_of(sent)
        # Two equal reads at once would both be counted; the second of two is a 304.
        alone = self._answers.lock(request.url, variant) if may_cache else nullcontext()
        async with alone, throttle.slot(request.kind):
            cached = self._answers.find(request.url, variant) if may_cache else None
            if cached:
                sent["if-none-match"] = cached.etag
            raw = await send(self.http, request, sent, deadline=throttle.deadline)
        status, headers, body = raw
        self.server.observe(headers.get("date"))
        if cached and status == 304:  # noqa: PLR2004  (Not Modified)
            return 200, {**cached.headers, **headers}, cached.body
        if request.method == "GET" and status == 200 and "etag" in headers:  # noqa: PLR2004  (OK)
            self._answers.store(request.url, variant, CachedAnswer(headers["etag"], headers, body))
        return raw


def _graphql_url(base_url: str) -> str:
    """Return GitHub's GraphQL; GitHub Enterprise Server has it beside `/api/v3`."""
    if base_url.endswith(_FORMER_ENTERPRISE):
        return base_url.removesuffix(_FORMER_ENTERPRISE) + "/api/graphql"
    return f"{base_url}/graphql"


def _out_of_budget(errors: list[object]) -> bool:
    """Return whether a limit is among GraphQL's errors; the secondary one has words only."""
    return any(
        at(error, "type") == "RATE_LIMITED" or "secondary rate limit" in str(at(error, "message"))
        for error in errors
    )


@dataclass(frozen=True, slots=True)
class Handle:
    """What every read and write of one repository needs."""

    session: Session
    """Narrowed to this repository: its token opens no other one that takes over the name."""
    watched: Watched
    bot: BotAccount

    def path(self, *segments: str | int, **query: str | int) -> str:
        """Return the quoted path below `/repos/OWNER/NAME`; a segment may hold slashes."""
        repository = self.watched.repository
        parts = ["repos", repository.owner, repository.name, *map(str, segments)]
        joined = "/".join(parts)
        if not {".", "..", ""}.isdisjoint(joined.split("/")):
            raise ValueError(f"{joined!r} would lead to another address")
        return f"/{quote(joined, safe='/')}" + (f"?{urlencode(query)}" if query else "")

    async def node(self) -> str:
        """Return the repository's GraphQL id, which never changes.

        It is read once, with the proof that the name means this repository; the token is narrowed
        to the repository by its number, so another one that takes over the name stays out of reach.
        """
        if known := self.session.objects.find(str, "node", self.watched):
            return known
        data = await self.session.get(self.path())
        if number(data, "id") != self.watched.id:
            raise Misconfigured(
                f"{self.watched.repository} is not repository {self.watched.id} any more"
            )
        node = text(data, "node_id")
        self.session.objects.store(node, "node", self.watched, size=len(node))
        return node
