"""The one way to GitHub: gidgethub shapes the calls, `_request` alone sends them.

Everything that decides whether and when a byte leaves is in `Session._request`: who asks, the
ETags, the rate gates, the gap between writes, the retries.  gidgethub's REST and GraphQL calls go
through it, and PyGithub's too (`octobot.github.app.pygithub_adapter`); nothing else in octobot
talks to GitHub.

* Refused for a limit (403, 429): repeated after the wait, whatever the method.
* Fault or broken line: repeated when that is safe, else `AnswerLost`.
* 401: once more with a fresh token, then `Misconfigured`.
* 403: `Misconfigured`, with the permission that GitHub names.
* A redirect is a renamed repository: never followed, since the old name may belong to another.
"""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Self

import aiohttp
import structlog
from gidgethub import aiohttp as gidgethub_aiohttp
from gidgethub import sansio
from tenacity import (
    AsyncRetrying,
    RetryCallState,
    retry_if_exception_type,
    stop_after_attempt,
    stop_after_delay,
    wait_random_exponential,
)

from octobot.github.transport.cache import Cache, Kept
from octobot.github.transport.clock import Clock, ServerClock
from octobot.github.transport.json_fields import at, items
from octobot.github.transport.request import (
    AGENT,
    Again,
    Answer,
    Raw,
    Request,
    kind_of,
    lenient,
    lost,
    send,
    tail,
    words_of,
)
from octobot.github.transport.scopes import Credential, Fixed, needs_of
from octobot.github.transport.throttle import UNHURRIED, Limits, Throttle
from octobot.model.errors import Misconfigured, TryLater
from octobot.model.lookup import GraphQLResponse

log = structlog.get_logger()

API_VERSION = "2022-11-28"
_TRIES = 4
_PATIENCE = 150
"""Seconds after which nothing is tried again, not counting the try under way."""
_PAGES = 300
"""More pages than any list of ours has: a list that links to itself ends here."""
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
        self._credential, self._throttle, self._answers = credential, throttle, cache
        self._wait = wait_random_exponential(multiplier=0.5, max=20)
        self.clock, self.server = throttle.clock, throttle.server
        """The clocks that this session goes by, and GitHub's clock as its answers told it."""

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

    @property
    def graphql_url(self) -> str:
        """GitHub's GraphQL, or that of GitHub Enterprise Server, which has it beside `/api/v3`."""
        if self.base_url.endswith(_FORMER_ENTERPRISE):
            return self.base_url.removesuffix(_FORMER_ENTERPRISE) + "/api/graphql"
        return f"{self.base_url}/graphql"

    async def get(self, path: str, *, fresh: bool = False) -> object:
        """Read one thing as JSON; a refusal such as 404, which may be lag, is `TryLater`.

        `fresh` reads in full, past what was kept with an ETag.
        """
        answer = await self.exchange("GET", path, fresh=fresh)
        if not answer.fine:
            raise refusal(f"GET {path}", answer)
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
        raise TryLater(f"GET {path} has no last page", after=timedelta(minutes=10))

    async def exchange(
        self, method: str, path: str, data: object = None, *, fresh: bool = False
    ) -> Answer:
        """Send one REST request and give its answer, whatever GitHub decided.

        `path` is quoted already.  Raises `TryLater`, its kind `AnswerLost`, and `Misconfigured`.
        """
        url = sansio.format_url(path, None, base_url=self.base_url)
        headers = sansio.create_headers(self.requester)
        if fresh:
            headers["cache-control"] = "no-cache"
        body = b"" if data is None else json.dumps(data).encode()
        if body:
            headers["content-type"] = "application/json; charset=utf-8"
        status, names, raw = await self._request(method, url, headers, body)
        if status // 100 != 2:  # noqa: PLR2004  (the class of successes)
            return Answer(status, names, lenient(raw))
        try:
            parsed, self.rate_limit, more = sansio.decipher_response(status, names, raw)
        except ValueError as error:
            request = Request(
                method, url, headers, body, kind_of(method, path.partition("?")[0], body)
            )
            raise lost(request, "its JSON is broken") from error
        return Answer(status, names, parsed, more)

    async def graphql_response(
        self, query: str, variables: Mapping[str, object]
    ) -> GraphQLResponse:
        """Send one GraphQL document; `data` and `errors` are given as they came.

        An exhausted budget, which GitHub tells with status 200, is `TryLater`.
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
        return GraphQLResponse(data if isinstance(data, dict) else None, tuple(errors))

    async def graphql(self, query: str, *, endpoint: str = "", **variables: object) -> object:
        """Send a query the way of gidgethub, to the GraphQL that belongs to `base_url`."""
        url = endpoint or self.graphql_url
        data: object = await super().graphql(query, endpoint=url, **variables)
        return data

    async def download(self, path: str, *, limit: int) -> bytes | None:
        """Follow a download's one redirect without credentials; the last `limit` bytes.

        None when GitHub has it no more.
        """
        answer = await self.exchange("GET", path)
        location = answer.headers.get("location", "")
        if answer.status != 302:  # noqa: PLR2004  (Found)
            return answer.data.encode()[-limit:] if isinstance(answer.data, str) else None
        if not location.startswith(("https://", f"{self.base_url.partition('//')[0]}//")):
            raise TryLater(f"GET {path} redirects away from https", after=timedelta(hours=1))
        return await self._retrying()(tail, self._session, location, limit)

    async def _request(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes = b""
    ) -> tuple[int, Mapping[str, str], bytes]:
        if url != self.graphql_url and not url.startswith(f"{self.base_url}/"):
            raise ValueError("octobot's credentials travel to GitHub's API only")
        names = {name.lower(): value for name, value in headers.items()}
        names.setdefault("x-github-api-version", API_VERSION)
        kind = kind_of(method, url.partition("?")[0], body)
        return await self._retrying()(self._attempt, Request(method, url, names, body, kind))

    def _retrying(self) -> AsyncRetrying:
        return AsyncRetrying(
            sleep=self.clock.sleep,
            wait=self._pause,
            stop=stop_after_attempt(_TRIES) | stop_after_delay(_PATIENCE),
            retry=retry_if_exception_type(Again),
            reraise=True,
        )

    def _pause(self, state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        log.info("asking again", because=str(error), attempt=state.attempt_number)
        return 0.0 if isinstance(error, Again) and error.paused else self._wait(state)

    async def _attempt(self, request: Request) -> Raw:
        if "authorization" in request.headers:
            return await self._judge(request, await self._once(request, {}))
        path = request.url.partition("?")[0]
        needs = needs_of(request.method, path, request.body, write=request.kind.write)
        header = await self._credential.header(needs)
        raw = await self._once(request, {"authorization": header} if header else {})
        if raw[0] == 401 and header and self._credential.refused(header):  # noqa: PLR2004  (Unauthorized)
            renewed = await self._credential.header(needs) or ""
            raw = await self._once(request, {"authorization": renewed})
        return await self._judge(request, raw)

    async def _once(self, request: Request, authorization: Mapping[str, str]) -> Raw:
        """Send it one time, using and feeding the answers kept with their ETags."""
        throttle, accept = self._throttle, request.headers.get("accept", "")
        keeps = request.method == "GET" and "cache-control" not in request.headers
        kept = self._answers.find(request.url, accept) if keeps else None
        condition = {"if-none-match": kept.etag} if kept else {}
        async with throttle.slot(request.kind):
            sent = {**request.headers, **authorization, **condition}
            raw = await send(self._session, request, sent, deadline=throttle.deadline)
        status, headers, body = raw
        self.server.heard(headers.get("date"))
        if kept and status == 304:  # noqa: PLR2004  (Not Modified)
            return 200, {**kept.headers, **headers}, kept.body
        if request.method == "GET" and status == 200 and "etag" in headers:  # noqa: PLR2004  (OK)
            self._answers.keep(request.url, accept, Kept(headers["etag"], headers, body))
        return raw

    async def _judge(self, request: Request, raw: Raw) -> Raw:
        """Let an answer pass that the caller can use; raise what every caller would."""
        status, headers, body = raw
        secondary = status in (403, 429) and _secondary(lenient(body))
        if await self._throttle.heed(request.kind, status, headers, secondary=secondary):
            raise Again(f"{request.name}: GitHub asks to wait", paused=True)
        if status >= 500:  # noqa: PLR2004  (server errors)
            raise lost(request, f"status {status}")
        if status in _MOVED:
            raise TryLater(
                f"{request.name}: the repository was renamed or moved; the next look at the "
                "installations tells its new name",
                after=timedelta(minutes=5),
            )
        if status in (401, 403):
            raise _misconfigured(request, headers, words_of(lenient(body)))
        return raw


def refusal(name: str, answer: Answer) -> TryLater:
    """Name a refusal for which the asker has no use: lag, or something that is gone."""
    return TryLater(f"{name} answered {answer.status} {answer.words}", after=timedelta(minutes=1))


def _out_of_budget(errors: list[object]) -> bool:
    """Return whether a limit is among GraphQL's errors; the secondary one has words only."""
    return any(
        at(error, "type") == "RATE_LIMITED" or "secondary rate limit" in str(at(error, "message"))
        for error in errors
    )


def _secondary(blamed: object) -> bool:
    """Return whether a secondary limit is blamed; without Retry-After only the text says so.

    Source: docs.github.com, "Rate limits for the REST API", exceeding the rate limit.
    """
    words = f"{at(blamed, 'message')} {at(blamed, 'documentation_url')}".lower()
    return any(sign in words for sign in ("secondary rate limit", "secondary-rate-limits", "abuse"))


def _misconfigured(request: Request, headers: Mapping[str, str], words: str) -> Misconfigured:
    needed = headers.get("x-accepted-github-permissions", "")
    hint = f"; it needs the permission {needed}" if needed else ""
    return Misconfigured(f"GitHub refuses {request.name}{hint}: {words or 'no reason given'}")
