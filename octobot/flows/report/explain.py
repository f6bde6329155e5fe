"""Say in full why something is as it is: the verdict of a pull request, or a package's reason."""

from collections.abc import Sequence

from octobot.flows.context import RepoContext
from octobot.flows.land.judge import judged
from octobot.flows.orders import lockstep, with_target
from octobot.flows.reconcile.gather import rows_of
from octobot.flows.settings import configured
from octobot.flows.view import Member
from octobot.messages.why import explain
from octobot.model.ids import Key
from octobot.model.memory import Row
from octobot.model.orders import NO_ORDERS
from octobot.model.package import Package
from octobot.model.pull_request import PullRequest
from octobot.model.verdict import Verdict


async def verdict_of(ctx: RepoContext, package: str, pull: PullRequest) -> Verdict | None:
    """Judge a pull request now, as the lane would; None: a spec is gone or cannot be read.

    `package` is a package's name, or a group's lane.
    """
    rows = await _changed(ctx, package, pull)
    names = [row.key.package for row in rows]
    orders = lockstep(await ctx.store.orders.by_package(ctx.watched.id, names), names)
    members = []
    for row in rows:
        read = ctx.reader.read(row.path, row.blob, row.text)
        if isinstance(read, Package):
            steering = orders.get(row.key.package, NO_ORDERS)
            members.append(Member(with_target(row, read, steering), read))
    if not members or len(members) < len(rows):
        return None
    config = (await configured(ctx, fresh=True)).config
    _, verdict = await judged(ctx, members, pull, config)
    return verdict


async def _changed(ctx: RepoContext, package: str, pull: PullRequest) -> Sequence[Row]:
    """Give the packages that a pull request is to change: by the ledger, else all of the lane."""
    rows = await rows_of(ctx, Key(ctx.watched.id, package))
    history = await ctx.store.ledger.proposed(ctx.watched.id, package)
    proposed = next((past for past in history if past.branch == pull.branch), None)
    inside = [row for row in rows if proposed and row.path in proposed.expected]
    return inside or rows


async def explained(ctx: RepoContext, row: Row) -> tuple[str, ...]:
    """Tell all that is known of a package, as `octobot why` does."""
    sighting = None
    if row.upstream and row.target:
        sighting = await ctx.store.sightings.find(row.upstream, row.target.release.name)
    return explain(
        row,
        ctx.reader.read(row.path, row.blob, row.text),
        sighting=sighting,
        history=await ctx.store.ledger.proposed(ctx.watched.id, row.key.package),
    )
