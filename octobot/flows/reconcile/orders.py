"""Execute what people ordered about a change: close, recreate, ignore; a rebuild last.

Each order is executed in the change's own lane, so that it never meets another step of the same
change, and only on what it was given for: a head commit, a number, a full version.
"""

from octobot.flows.context import RepoContext
from octobot.flows.land.merge import cancel_merge
from octobot.flows.ownership import made_head, package_of, version_of
from octobot.flows.propose.close import close, close_pull, recreate
from octobot.flows.reconcile.open_pulls import unlisted
from octobot.flows.reconcile.rebuild import rebuild
from octobot.flows.steps import Done
from octobot.flows.view import FREEZING, PullOrder, View
from octobot.messages.commands import replies as words
from octobot.model.reasons import Reason, ReasonCode


async def execute_orders(ctx: RepoContext, view: View) -> Done | None:
    """Take the one step that an order calls for; None: none does, decide as always."""
    if ctx.paused or unlisted(view.history, view.pulls):
        return None
    closed = view.ordered.close and await _close(ctx, view.ordered.close)
    if closed:
        return Done(closed, again=True)
    config = view.config
    if isinstance(config, Reason) or config.paused or _is_stopped(view):
        return None
    recreated = view.ordered.recreate and await _recreate(ctx, view.ordered.recreate)
    if recreated:
        return Done(recreated, again=True)
    return await _ignore(ctx, view) or await rebuild(ctx, view, config)


def _is_stopped(view: View) -> bool:
    """Return whether a spec cannot be read, a member is frozen, or the group is in no file."""
    gone = view.key.group is not None and view.group is None
    unread = any(isinstance(member.package, Reason) for member in view.members)
    frozen = any(member.row.reason.code in FREEZING for member in view.members)
    return gone or unread or frozen


async def _close(ctx: RepoContext, order: PullOrder) -> Reason | None:
    """Close the pull request that a person wants closed; None: it is closed, or not octobot's."""
    pull = order.pull
    if not await made_head(ctx, pull):
        return None
    known = await ctx.store.ledger.proposed(ctx.watched.id, package_of(pull))
    if any((p.number, p.state) == (pull.number, "closed-by-person") for p in known):
        return None  # done: a list that shows it open is late, or somebody opened it again
    comment = words.taken_back("close", order.login)
    await close_pull(ctx, pull, comment, state="closed-by-person")
    return Reason(ReasonCode.CLOSED_BY_USER, f"#{pull.number}, by {order.login}")


async def _recreate(ctx: RepoContext, order: PullOrder) -> Reason | None:
    """Have the pull request recreated; None: somebody else's work is on it."""
    pull = order.pull
    if not (order.foreign or await made_head(ctx, pull)):
        return None
    await cancel_merge(ctx, pull, merge_by=None)  # it is not judged until it is made
    what = "reset" if order.foreign else "recreate"
    await recreate(ctx, pull, words.taken_back(what, order.login))
    return Reason(ReasonCode.UPDATE_FOUND, "it is recreated")


async def _ignore(ctx: RepoContext, view: View) -> Done | None:
    """Close the first pull request of octobot's whose version is ignored; None: no such one."""
    for order in view.ordered.ignored:
        if await made_head(ctx, order.pull):
            version = version_of(order.pull)
            reason = Reason(ReasonCode.IGNORED, f"{version}, by {order.login}")
            return await close(ctx, [order.pull], reason)
    return None
