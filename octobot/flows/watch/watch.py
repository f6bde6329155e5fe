"""One pass over a repository: ask the upstreams of the due packages, remember, hint lanes.

A look decides only what the newest version is.  What follows from it is `reconcile`'s, in the
package's own lane.

Packages come in parts of a pass; each part is recorded as its news come in, so that a kill costs
no more than a part.  GitHub and all other hosts are two passes: a slow host delays nobody else.
"""

from dataclasses import dataclass

import structlog

from octobot.flows.context import RepoContext
from octobot.flows.lookup.fetch import Tally
from octobot.flows.reconcile.abandon import hint_orphans
from octobot.flows.watch.batch import Part, Passing
from octobot.flows.watch.schedule import stretch
from octobot.flows.watch.sync_specs import follow

log = structlog.get_logger()

NEAR_PART = 2000
"""Packages of one part of the pass over GitHub: large, so that few queries are not full."""
FAR_PART = 250
"""The same for other hosts: asked once a second, a part is done before its leases are over."""


@dataclass(frozen=True, slots=True)
class Pass:
    """What one pass did."""

    looked: int
    hinted: int
    tally: Tally


async def watch(ctx: RepoContext, *, far: bool | None = None) -> Pass:
    """Look at every due package of the repository once; `far`: only of GitHub, or of the others."""
    if far is not True:
        await follow(ctx)
        await hint_orphans(ctx)
    tally = Tally()
    looked = hinted = 0
    for reach in (False, True) if far is None else (far,):
        some, news = await _pass(ctx, tally, far=reach)
        looked, hinted = looked + some, hinted + news
    log.info(
        "pass finished",
        looked=looked,
        hinted=hinted,
        queries=tally.queries,
        points=tally.points,
        requests=tally.requests,
    )
    return Pass(looked, hinted, tally)


async def _pass(ctx: RepoContext, tally: Tally, *, far: bool) -> tuple[int, int]:
    """Look at all that is due now, part by part; gives how many, and how many had news."""
    now, limit = ctx.clock(), FAR_PART if far else NEAR_PART
    looked = hinted = 0
    passing = None
    while True:
        dues = await ctx.store.schedule.due(ctx.watched.id, far=far, now=now, limit=limit)
        if dues:
            if passing is None:
                at_least = stretch(0 if far else await ctx.store.schedule.population())
                passing = Passing(now, far, at_least, tally)
            hinted += await Part(ctx, passing).look(dues)
            looked += len(dues)
        if len(dues) < limit:
            return looked, hinted
