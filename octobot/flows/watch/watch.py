"""One pass over a repository: ask the upstreams of the due packages, remember, hint lanes.

A pass finds only what the newest version is.  What is done about it is `reconcile`'s, in the
package's own lane.

Packages come in batches; each batch is recorded as its news come in, so that a kill costs no more
than a batch.  GitHub and all other hosts are two passes: a slow host delays nobody else.
"""

from dataclasses import dataclass, replace
from datetime import timedelta

import structlog

from octobot.flows.context import RepoContext
from octobot.flows.lookup.fetch import Tally
from octobot.flows.watch.batch import Batch
from octobot.flows.watch.check_pins import check_pins
from octobot.flows.watch.outcome import PassState
from octobot.flows.watch.schedule import Budget, github_budget, hosts_budget
from octobot.flows.watch.sync_specs import hint_orphans, sync_specs

log = structlog.get_logger()

GITHUB_BATCH = 2000
"""Packages of one batch of the pass over GitHub: large, so that few queries are not full."""
EARLY = 1 / 10
"""Of the check interval: what is due so soon is checked now, since the next pass may be far off."""
LONG = timedelta(minutes=5)
"""After so long a pass over GitHub ends: the specs are to be read again."""
OTHER_HOSTS_BATCH = 250
"""The same for other hosts: asked once a second, a batch is done before its leases are over."""


@dataclass(frozen=True, slots=True)
class Pass:
    """What one pass did."""

    checked: int
    hinted: int
    tally: Tally
    more: bool = False
    """It ended by its own limits, and the next one has work at once."""


async def watch(ctx: RepoContext, *, other_hosts: bool | None = None) -> Pass:
    """Check every due package of the repository once; `other_hosts`: only those, or only GitHub."""
    if other_hosts is not True:
        await sync_specs(ctx)
        await hint_orphans(ctx)
    tally = Tally()
    if other_hosts is not True:
        await check_pins(ctx, tally)
    parts = [
        await _pass(ctx, tally, other_hosts=others)
        for others in ((False, True) if other_hosts is None else (other_hosts,))
    ]
    checked, hinted = sum(one.checked for one in parts), sum(one.hinted for one in parts)
    log.info(
        "pass finished",
        checked=checked,
        hinted=hinted,
        queries=tally.queries,
        points=tally.points,
        requests=tally.requests,
    )
    return Pass(checked, hinted, tally, more=any(one.more for one in parts))


async def _pass(ctx: RepoContext, tally: Tally, *, other_hosts: bool) -> Pass:
    """Check all that is due now in batches."""
    now, limit = ctx.clock(), OTHER_HOSTS_BATCH if other_hosts else GITHUB_BATCH
    checked = hinted = 0
    state = None
    while True:
        soon = now if other_hosts else now + ctx.check_interval * EARLY
        dues = await ctx.store.schedule.due(ctx.watched.id, far=other_hosts, now=soon, limit=limit)
        if dues:
            if state is None:
                state = PassState(
                    now, other_hosts, await _budget(ctx, other_hosts=other_hosts), tally
                )
            hinted += await Batch(ctx, replace(state, now=now)).check(dues)
            checked += len(dues)
        long = state is not None and now - state.now > LONG
        if len(dues) < limit or long:
            late = state is not None and state.left_turns
            return Pass(checked, hinted, tally, more=late or long)
        if not other_hosts:  # what became due meanwhile has its turn among the rest
            now = ctx.clock()


async def _budget(ctx: RepoContext, *, other_hosts: bool) -> Budget:
    if other_hosts:
        return hosts_budget(await ctx.store.schedule.rhythms())
    return github_budget(await ctx.store.schedule.demand())
