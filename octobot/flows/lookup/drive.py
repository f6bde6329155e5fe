"""Drive the pure conversations: a datasource's requests and a bump's questions."""

import asyncio
from collections import defaultdict
from collections.abc import Generator, Iterable, Sequence
from itertools import groupby
from typing import TypeVar, assert_never

from octobot.datasources.ancestry import contained
from octobot.datasources.git import resolve
from octobot.datasources.github import GitHub
from octobot.datasources.gomod import Reading, go_mod, read_go_mod
from octobot.datasources.table import TABLE
from octobot.flows.lookup.contain import Caught, halving
from octobot.flows.upstreams import Upstreams
from octobot.model.bump import (
    Answer,
    Ask,
    CommitOf,
    ContainedIn,
    DigestOf,
    GoModOf,
)
from octobot.model.lookup import Datasource, Findings, Request, Response
from octobot.model.package import Upstream
from octobot.model.reasons import Reason, ReasonCode
from octobot.model.release import Release

T = TypeVar("T")

AT_ONCE = 16
"""Conversations under way at one time; the upstream room paces each host by itself."""


async def converse(conversation: Generator[Request, Response, T], upstreams: Upstreams) -> T:
    """Send every request of a conversation; return what it concludes."""
    try:
        request = next(conversation)
        while True:
            request = conversation.send(await upstreams.send(request))
    except StopIteration as end:
        result: T = end.value
        return result


async def ask(
    upstreams: Upstreams, asked: Iterable[Upstream]
) -> dict[Upstream, tuple[Release, ...] | Reason]:
    """Ask each upstream once, in the batches its datasource allows.

    An upstream whose datasource is not in the table gets `UNSUPPORTED_SOURCE`.
    """
    found: dict[Upstream, tuple[Release, ...] | Reason] = {}
    by_source: dict[str, list[Upstream]] = defaultdict(list)
    for upstream in dict.fromkeys(asked):
        if upstream.datasource in TABLE:
            by_source[upstream.datasource].append(upstream)
        else:
            found[upstream] = Reason(ReasonCode.UNSUPPORTED_SOURCE, upstream.datasource)
    slots = asyncio.Semaphore(AT_ONCE)

    async def one(source: Datasource, batch: Sequence[Upstream]) -> Findings:
        async with slots:
            return await look_up(source, batch, upstreams)

    async with asyncio.TaskGroup() as group:
        tasks = [
            group.create_task(one(TABLE[name], whole[start : start + TABLE[name].batch]))
            for name, whole in by_source.items()
            for start in range(0, len(whole), TABLE[name].batch)
        ]
    for task in tasks:
        found.update(task.result())
    return found


async def look_up(
    source: Datasource, asked: Sequence[Upstream], upstreams: Upstreams
) -> dict[Upstream, tuple[Release, ...] | Reason]:
    """Ask for some upstreams of one datasource; what raises costs its own upstream alone.

    GitHub is asked for all of them at once.  Any other datasource asks one after another anyway,
    so each has a conversation of its own: none is asked twice because another one failed.
    """

    async def some(batch: Sequence[Upstream]) -> Findings | Caught:
        with Caught() as caught:
            findings = await converse(source.lookup(batch), upstreams)
            return {one: found for one, found in findings.items() if _is_finding(found)}
        return caught

    if isinstance(source, GitHub):
        return await halving(asked, some)
    in_order = sorted(asked, key=lambda upstream: upstream.identifier)
    together = groupby(in_order, key=lambda upstream: upstream.identifier)
    news: dict[Upstream, tuple[Release, ...] | Reason] = {}
    for _, group in together:
        news.update(await halving(tuple(group), some))
    return news


def _is_finding(found: object) -> bool:
    return isinstance(found, Reason) or (
        isinstance(found, tuple) and all(isinstance(one, Release) for one in found)
    )


async def answer(
    asking: Generator[Ask, Answer, T], upstreams: Upstreams, *, reading: Reading = read_go_mod
) -> T:
    """Answer every question about a spec from the upstreams; return what it concludes."""
    try:
        question = next(asking)
        while True:
            question = asking.send(await _answer_one(question, upstreams, reading))
    except StopIteration as end:
        result: T = end.value
        return result


async def commit_of(repository: str, ref: str, upstreams: Upstreams) -> str | None:
    """Return the commit that `ref` names now; None when it cannot be resolved."""
    found = await converse(resolve(repository, ref), upstreams)
    return None if isinstance(found, Reason) else found


async def _answer_one(question: Ask, upstreams: Upstreams, reading: Reading) -> Answer:
    match question:
        case CommitOf(repository=repository, ref=ref):
            return await commit_of(repository, ref, upstreams)
        case DigestOf(uri=uri, algorithm=algorithm):
            return await upstreams.digest(uri, algorithm)
        case GoModOf(repository=repository, ref=ref, directory=directory):
            return await converse(go_mod(repository, ref, directory, reading), upstreams)
        case ContainedIn(repository=repository, ref=ref, commits=commits):
            return await converse(contained(repository, ref, commits), upstreams)
        case _:
            assert_never(question)
