"""Check now and then what specs pin beyond their upstream: who the repositories are, and the tags.

A checkout of another repository than the watched one is as dangerous as that one: whoever takes
over its name gets code into the package.  So each of them is remembered by its id on GitHub, too.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from octobot.datasources.github_pins import Pinned
from octobot.flows.context import RepoContext
from octobot.flows.lookup.contain import Caught
from octobot.flows.lookup.fetch import Counted, Tally
from octobot.flows.lookup.pins import gone, look_up
from octobot.model.memory import PinFacts, Row
from octobot.model.package import Package, Upstream

EVERY = timedelta(hours=6)
"""Between two checks of the same pins."""
AGAIN = timedelta(minutes=30)
"""Until pins are checked again of which GitHub said nothing."""
A_PASS = 200
"""Packages of one pass: two queries, so that no pass costs much more than without."""


async def check_pins(ctx: RepoContext, tally: Tally) -> None:
    """Check the pins that are due; have packages selected again whose pins are not as before."""
    now, store = ctx.clock(), ctx.store.checked_pins
    names = await store.due(ctx.watched.id, before=now - EVERY, limit=A_PASS)
    if not names:
        return
    rows = await ctx.store.packages.some_rows(ctx.watched.id, names)
    packages = {row.path: package for row in rows if (package := _read(ctx, row))}
    found, wanted = await look_up(packages.values(), Counted(ctx.upstreams, tally))
    before = await store.facts(ctx.watched.id, names)
    await _identify(ctx, found, now=now)
    for row in rows:
        pins = wanted.get(row.path, {})
        unknown = not pins.keys() <= found.keys()
        kept = before.get(row.key.package, PinFacts()).gone if unknown else ()
        missing = tuple(gone(pins, found)) or kept
        at = now - EVERY + AGAIN if unknown else now
        await store.record(row.key, row.blob, repositories=tuple(pins), gone=missing, now=at)
    after = await store.facts(ctx.watched.id, names)
    for row in rows:
        name = row.key.package
        if before.get(name, PinFacts()) != after.get(name, PinFacts()):
            await ctx.store.schedule.select_again(row.key)


def _read(ctx: RepoContext, row: Row) -> Package | None:
    with Caught() as caught:
        package = ctx.reader.read(row.path, row.blob, row.text)
        return package if isinstance(package, Package) and package.update.enabled else None
    caught.reason("reading a spec", path=row.path)
    return None


async def _identify(ctx: RepoContext, found: Mapping[str, Pinned], *, now: datetime) -> None:
    ids = {
        Upstream("github", name, "tags"): pinned.id
        for name, pinned in found.items()
        if pinned.id is not None
    }
    if ids:
        await ctx.store.identities.identify(ids, now=now)
