"""The index of built packages: fetched when it changed, and believed only with reason.

An index that goes back or lost much is believed when a second look, some minutes later, finds the
same: the store remembers the first one, so that a restart is no second look.
"""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from tempfile import SpooledTemporaryFile
from typing import BinaryIO, cast

import structlog

from octobot.flows.context import RepoContext
from octobot.flows.indexes import Fetched, Looked
from octobot.model.config import IndexRules
from octobot.model.lookup import HttpRequest, Unreachable
from octobot.model.memory import SeenIndex
from octobot.specs.graph.apkindex import LARGEST, BadIndexError, Keys, public_key, read_index
from octobot.specs.graph.index import Index, believe, merged
from octobot.upstream.client import Client

log = structlog.get_logger()

EVERY = timedelta(minutes=5)
"""The pause between two looks at an index."""
_CHUNK = 1 << 20
_IN_MEMORY = 32 << 20
"""Bytes of a download above which it is written to a temporary file."""
_NOT_MODIFIED = 304


@dataclass(frozen=True, slots=True)
class BuiltPackages:
    """What is published, as far as it is known."""

    index: Index | None
    """None: the file names no index, or it cannot be used now."""
    problem: str = ""
    """Why the index of the file cannot be used now: then nothing counts as published."""


async def built_packages(ctx: RepoContext, rules: IndexRules | None) -> BuiltPackages:
    """Return what the repository's file says is published; each address is asked seldom."""
    if rules is None:
        return BuiltPackages(None)
    here = ctx.watched.id
    async with ctx.indexes.reading[here]:
        looked = [await _look(ctx, rules, address) for address in rules.addresses]
    if problems := [each.problem for each in looked if each.problem]:
        return BuiltPackages(None, "; ".join(problems))
    parts = tuple(each.fetched.index for each in looked if each.fetched)
    known = ctx.indexes.joined.get(here)
    if known is None or known[0] != parts:
        known = ctx.indexes.joined[here] = parts, await asyncio.to_thread(merged, parts)
    return BuiltPackages(known[1])


async def fetch(client: Client, address: str, keys: Keys, before: Fetched | None = None) -> Fetched:
    """Fetch one index, or return `before` when it is the same; else it is a `BadIndexError`."""
    condition = {"If-None-Match": before.etag} if before and before.etag else {}
    with SpooledTemporaryFile(max_size=_IN_MEMORY) as file:
        into = cast("BinaryIO", file)
        request = HttpRequest(address, headers=condition, limit=LARGEST)
        answer = await client.download(request, into)
        if isinstance(answer, Unreachable):
            raise BadIndexError(answer.because)
        if answer.status == _NOT_MODIFIED and before:
            return before
        file.seek(0)
        index = await asyncio.to_thread(read_index, _chunks(into), keys)
    return Fetched(index, answer.headers.get("etag", ""))


async def _look(ctx: RepoContext, rules: IndexRules, address: str) -> Looked:
    key, now = (ctx.watched.id, address), ctx.clock()
    last = ctx.indexes.last.get(key)
    if last and last.rules != rules:
        last = None  # what other keys signed must be read again
    if last and now - last.at < EVERY:
        return last
    before = last.fetched if last else None
    try:
        fetched = await _fetch(ctx, rules, address, before)
    except BadIndexError as error:
        looked = Looked(now, rules, before, f"{address} cannot be used: {error}")
    else:
        doubt = await _doubt(ctx, address, fetched.index)
        looked = Looked(
            now, rules, fetched, f"{address} is not believed yet: {doubt}" if doubt else ""
        )
    if looked.problem:
        log.warning("index not used", because=looked.problem)
    ctx.indexes.last[key] = looked
    return looked


async def _fetch(
    ctx: RepoContext, rules: IndexRules, address: str, before: Fetched | None
) -> Fetched:
    if ctx.indexes.client is None:
        raise BadIndexError("there is no client for other hosts")
    known = {each.name: public_key(each.name, each.pem.encode()) for each in rules.keys}
    keys = Keys(known, allow_sha1=rules.allow_sha1)
    return await fetch(ctx.indexes.client, address, keys, before)


async def _doubt(ctx: RepoContext, address: str, index: Index) -> str:
    """Return why an index is not believed, and remember what was seen; empty: it is believed."""
    here, now = ctx.watched.id, ctx.clock()
    stored = await ctx.store.package_indexes.seen(here, address)
    seen, at = stored or (SeenIndex(), now)
    # By another process, or before a restart, somebody looked just now: that is no second look.
    soon = bool(seen.doubted) and now - at < EVERY
    after, doubt = believe(replace(seen, doubted="") if soon else seen, index)
    if after != seen and not (soon and doubt):
        await ctx.store.package_indexes.record(here, address, after, now=now)
    return doubt


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    while chunk := file.read(_CHUNK):
        yield chunk
