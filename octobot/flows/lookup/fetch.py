"""Ask upstreams again: in the batches of their datasources, with what is remembered of them."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, assert_never

from octobot.datasources.github import GitHub
from octobot.datasources.table import TABLE
from octobot.flows.lookup.contain import Caught, halving
from octobot.flows.lookup.drive import AT_ONCE, look_up
from octobot.flows.upstreams import Upstreams
from octobot.model.addresses import split
from octobot.model.lookup import (
    ConditionalDatasource,
    ConditionalLookup,
    Datasource,
    GraphQLRequest,
    GraphQLResponse,
    HttpRequest,
    Known,
    LookupResult,
    Postponed,
    Recall,
    Recalled,
    Request,
    Response,
    Shown,
    Unchanged,
)
from octobot.model.package import Upstream
from octobot.model.reasons import Reason, ReasonCode
from octobot.store.upstream_cache import UpstreamCache

Take = Callable[[Mapping[Upstream, LookupResult]], Awaitable[None]]
"""Takes each batch's news as it comes, so that nobody holds all releases of a distro at once."""

_OWNER_AND_NAME = 2


@dataclass(slots=True)
class Tally:
    """What was asked."""

    queries: int = 0
    """Of GitHub's GraphQL."""
    points: int = 0
    """That those cost, as GitHub says."""
    requests: int = 0
    """To all other hosts, and to GitHub's git."""

    def count(self, request: Request, response: Response) -> None:
        """Count one exchange."""
        match request:
            case GraphQLRequest():
                self.queries += 1
                limit: Mapping[str, Any] = {}
                if isinstance(response, GraphQLResponse):
                    limit = (response.data or {}).get("rateLimit") or {}
                cost = limit.get("cost")
                self.points += cost if isinstance(cost, int) else 0
            case HttpRequest():
                self.requests += 1
            case _:
                assert_never(request)


@dataclass(frozen=True, slots=True)
class Counted:
    """The upstreams, with a tally of what they are asked."""

    upstreams: Upstreams
    tally: Tally

    async def send(self, request: Request) -> Response:
        """Carry one request, and count it."""
        response = await self.upstreams.send(request)
        self.tally.count(request, response)
        return response

    async def digest(self, uri: str, algorithm: Literal["sha256", "sha512"]) -> str | None:
        """Download and hash."""
        return await self.upstreams.digest(uri, algorithm)


def place(upstream: Upstream) -> Upstream:
    """Return the one name under which an upstream is asked and remembered.

    A git repository on GitHub is asked in GitHub's batches, and case does not matter there.
    """
    if upstream.datasource == "github":
        return _on_github(upstream, upstream.identifier)
    if upstream.datasource != "git":
        return upstream
    parts = split(upstream.identifier)
    if parts is None:
        return upstream
    path = parts.path.strip("/").removesuffix(".git")
    if parts.netloc.lower() != "github.com" or len(path.split("/")) != _OWNER_AND_NAME:
        return upstream
    return _on_github(upstream, path)


def _on_github(upstream: Upstream, name: str) -> Upstream:
    return Upstream("github", name.lower(), upstream.kind, upstream.branch)


def is_on_other_host(upstream: Upstream) -> bool:
    """Return whether politeness to a host decides how often an upstream is asked."""
    return place(upstream).datasource != "github"


def host_of(upstream: Upstream) -> str:
    """Name the host that is asked for an upstream; a registry's is its datasource."""
    parts = split(upstream.identifier)
    return (parts.netloc.lower() if parts else "") or upstream.datasource


async def ask_again(
    upstreams: Counted, cache: UpstreamCache, known: Mapping[Upstream, Known], take: Take
) -> None:
    """Ask each upstream once; `take` gets the news of each batch as soon as it is complete.

    An upstream whose datasource is not in the table gets `UNSUPPORTED_SOURCE`.
    """
    by_source: dict[str, dict[Upstream, Known]] = defaultdict(dict)
    for upstream, before in known.items():
        by_source[upstream.datasource][upstream] = before
    async with asyncio.TaskGroup() as group:
        slots = asyncio.Semaphore(AT_ONCE)
        for name, asked in by_source.items():
            source = TABLE.get(name)
            if source is None:
                await take(dict.fromkeys(asked, Reason(ReasonCode.UNSUPPORTED_SOURCE, name)))
                continue
            # Queries that ask for much go one after the other: GitHub wants it so.
            own = asyncio.Semaphore(1) if isinstance(source, GitHub) else slots
            for batch in _batches(source, asked):
                group.create_task(_one(source, batch, upstreams, cache, take, own))


async def _one(
    source: Datasource,
    batch: Mapping[Upstream, Known],
    upstreams: Counted,
    cache: UpstreamCache,
    take: Take,
    slots: asyncio.Semaphore,
) -> None:
    async with slots:
        await take(await _news(source, batch, upstreams, cache))


async def _news(
    source: Datasource, batch: Mapping[Upstream, Known], upstreams: Counted, cache: UpstreamCache
) -> Mapping[Upstream, LookupResult]:
    if isinstance(source, ConditionalDatasource):
        remembering: ConditionalDatasource = source

        async def again(some: Sequence[Upstream]) -> Mapping[Upstream, LookupResult] | Caught:
            known = {upstream: batch[upstream] for upstream in some}
            return await _converse(remembering, known, upstreams, cache)

        return await halving(tuple(batch), again)
    found = await look_up(source, tuple(batch), upstreams)
    return {
        upstream: one if isinstance(one, Reason) else Shown(one, "")
        for upstream, one in found.items()
    }


async def _converse(
    source: ConditionalDatasource,
    known: Mapping[Upstream, Known],
    upstreams: Counted,
    cache: UpstreamCache,
) -> Mapping[Upstream, LookupResult] | Caught:
    """Carry the requests of a conversation, and recall for it what was shown before.

    What the store raises is no upstream's fault, and is not caught.
    """
    glance: ConditionalLookup | None = None
    answer: Response | Recalled | None = None
    while True:
        with Caught() as caught:
            try:
                glance = glance or source.lookup_if_changed(known)
                request = next(glance) if answer is None else glance.send(answer)
            except StopIteration as end:
                result: Mapping[Upstream, object] = end.value
                return _checked(result, known)
            if not isinstance(request, Recall):
                answer = await upstreams.send(request)
        if caught.error is not None:
            return caught
        if isinstance(request, Recall):
            answer = Recalled(await cache.recall(request.upstreams))


def _checked(
    answers: Mapping[Upstream, object], known: Mapping[Upstream, Known]
) -> Mapping[Upstream, LookupResult]:
    """Return what can be news; anything else counts as no answer."""
    return {
        upstream: one
        for upstream, one in answers.items()
        if isinstance(one, Shown | Postponed | Reason)
        or (isinstance(one, Unchanged) and known[upstream].mark)
    }


def _batches(
    source: Datasource, asked: Mapping[Upstream, Known]
) -> Iterator[Mapping[Upstream, Known]]:
    """Cut into what one look-up takes; what is of one repository stays together."""
    by_place: dict[str, list[Upstream]] = defaultdict(list)
    for upstream in asked:
        by_place[upstream.identifier].append(upstream)
    places: Sequence[list[Upstream]] = list(by_place.values())
    for start in range(0, len(places), source.batch):
        yield {
            upstream: asked[upstream]
            for together in places[start : start + source.batch]
            for upstream in together
        }
