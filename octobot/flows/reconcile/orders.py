"""Carry out what people ordered about a change: close, recreate, ignore; a rebuild last.

Each order is looked at in the change's own lane, so that it never meets another step of the same
change, and it is bound to what it was given for: a head commit, a number, a full version.  What is
bound to the pull request (a closing, a new start, a waiver) is ordered for the change; what is
about a package (a version that is ignored or wished for, a rebuild, a tag that may have moved) is
ordered for each member.
"""

from collections.abc import Sequence

from octobot.flows.context import RepoContext
from octobot.flows.land.merge import take_back_merge
from octobot.flows.orders import by, package_of
from octobot.flows.outcome import FREEZING, Done
from octobot.flows.ownership import is_recreating, made_head, version_of
from octobot.flows.propose.close import close, take_back
from octobot.flows.propose.recreate import renew
from octobot.flows.reconcile.decide import unlisted
from octobot.flows.reconcile.rebuild import rebuild
from octobot.flows.view import Change, View
from octobot.messages.commands import replies as words
from octobot.model.orders import NO_ORDERS, PackageOrders
from octobot.model.pull_request import PullRequest
from octobot.model.reasons import Reason, ReasonCode


async def execute_orders(ctx: RepoContext, change: Change, view: View) -> Done | None:
    """Take the one step that an order calls for; None: none does, decide as always."""
    if ctx.paused or unlisted(view.history, view.pulls):
        return None
    own = change.orders.get(change.key.package, NO_ORDERS)
    closed = await _close(ctx, view.pulls, own)
    if closed:
        return Done(closed, again=True)
    config = view.config
    if isinstance(config, Reason) or config.paused or _is_stopped(view):
        return None
    renewed = await _recreate(ctx, view, own)
    if renewed:
        return Done(renewed, again=True)
    return await _ignore(ctx, change, view) or await rebuild(ctx, change, view, config)


def _is_stopped(view: View) -> bool:
    """Tell whether a spec cannot be read, a member is frozen, or the group is in no file."""
    gone = view.key.group is not None and view.group is None
    unread = any(isinstance(member.package, Reason) for member in view.members)
    frozen = any(member.row.reason.code in FREEZING for member in view.members)
    return gone or unread or frozen


async def _close(
    ctx: RepoContext, pulls: Sequence[PullRequest], own: PackageOrders
) -> Reason | None:
    """Close the pull request that a person wants closed; None: there is none."""
    closing = own.closing
    if closing is None:
        return None
    pull = next((pull for pull in pulls if pull.number == closing.number), None)
    if pull is None or not await made_head(ctx, pull):
        return None
    known = await ctx.store.ledger.proposed(ctx.watched.id, package_of(pull))
    if any((p.number, p.state) == (pull.number, "closed-by-person") for p in known):
        return None  # done: a list that shows it open is late, or somebody opened it again
    said = words.taken_back("close", closing.said.login)
    await take_back(ctx, pull, said, state="closed-by-person")
    return Reason(ReasonCode.CLOSED_BY_USER, f"#{pull.number}, by {by(closing.said)}")


async def _recreate(ctx: RepoContext, view: View, own: PackageOrders) -> Reason | None:
    """Have the pull request recreated that a person wants to be; None: there is none."""
    anew = own.anew
    if anew is None:
        return None
    pulls = (pull for pull in view.pulls if not is_recreating(view.history, pull))
    pull = next((pull for pull in pulls if pull.head == anew.head), None)
    if pull is None or not (anew.foreign or await made_head(ctx, pull)):
        return None
    await take_back_merge(ctx, pull, merge_by=None)  # it is not judged until it is made
    what = "reset" if anew.foreign else "recreate"
    await renew(ctx, pull, words.taken_back(what, anew.said.login))
    return Reason(ReasonCode.UPDATE_FOUND, "it is proposed anew")


async def _ignore(ctx: RepoContext, change: Change, view: View) -> Done | None:
    """Close a pull request whose version any member ignores, unless it is wished for."""
    orders = [change.orders.get(row.key.package, NO_ORDERS) for row in change.rows]
    wished = {one.wish.target.version for one in orders if one.wish and one.wish.target}
    for pull in view.pulls:
        version = version_of(pull)
        ignored = (one.ignores(version) for one in orders)
        ignore = next((ignore for ignore in ignored if ignore), None)
        if ignore is None or version in wished or not await made_head(ctx, pull):
            continue
        reason = Reason(ReasonCode.IGNORED, f"{version}, by {by(ignore.said)}")
        return await close(ctx, [pull], reason)
    return None
