"""Explain in full the verdict of a pull request, or a package's reason."""

from collections.abc import Sequence
from datetime import timedelta

from octobot.flows.context import RepoContext
from octobot.flows.land.judge import judge
from octobot.flows.orders import ordered_members
from octobot.flows.reconcile.gather import rows_of
from octobot.flows.settings import configured
from octobot.messages.why import explain
from octobot.model.ids import Key
from octobot.model.memory import Row
from octobot.model.pull_request import PullRequest
from octobot.model.verdict import Verdict

WAVES = timedelta(days=30)
"""How long a wave is shown after it began; one that runs is always shown."""


async def verdict_of(ctx: RepoContext, package: str, pull: PullRequest) -> Verdict | None:
    """Judge a pull request now, as the lane would; None: a spec is gone or cannot be read.

    `package` is a package's name, or a group's lane.
    """
    rows = await _changed(ctx, package, pull)
    members = await ordered_members(ctx, rows)
    if not members or len(members) < len(rows):
        return None
    config = (await configured(ctx, fresh=True)).config
    _, verdict = await judge(ctx, members, pull, config)
    return verdict


async def _changed(ctx: RepoContext, package: str, pull: PullRequest) -> Sequence[Row]:
    """Return the packages that a pull request is to change: by the ledger, else all of the lane."""
    rows = await rows_of(ctx, Key(ctx.watched.id, package))
    history = await ctx.store.ledger.proposed(ctx.watched.id, package)
    proposed = next((past for past in history if past.branch == pull.branch), None)
    inside = [row for row in rows if proposed and row.path in proposed.expected]
    return inside or rows


async def explained(ctx: RepoContext, row: Row) -> tuple[str, ...]:
    """Return all that is known of a package, as `octobot why` prints it."""
    sighting = None
    if row.upstream and row.target:
        sighting = await ctx.store.sightings.find(row.upstream, row.target.release.name)
    return explain(
        row,
        ctx.reader.read(row.path, row.blob, row.text),
        sighting=sighting,
        history=await ctx.store.ledger.proposed(ctx.watched.id, row.key.package),
        waves=await ctx.store.waves.recent(ctx.watched.id, since=ctx.clock() - WAVES),
    )
