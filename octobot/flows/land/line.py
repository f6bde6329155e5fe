"""Recreate one pull request at a time, where branches must be up to date: builds are money."""

from octobot.flows.context import RepoContext
from octobot.flows.ownership import package_of
from octobot.model.ids import Key
from octobot.model.pull_request import PullRequest
from octobot.model.reasons import Reason, ReasonCode
from octobot.model.verdict import Outcome, Verdict
from octobot.store.merge_line import Front

_STAYING = frozenset(
    {
        ReasonCode.BEHIND,
        ReasonCode.CHECKS_PENDING,
        ReasonCode.NOT_MERGEABLE,
        ReasonCode.PIN_UNRESOLVED,
        ReasonCode.SECOND_SOURCE_UNCONFIRMED,
        ReasonCode.UPSTREAM_UNREACHABLE,
        ReasonCode.CONFLICT,
        ReasonCode.LEFT_TO_GITHUB,
        ReasonCode.MERGE_REFUSED,
    }
)
"""What a pull request waits for that will be merged soon; otherwise the next one is first."""


async def wait_in_line(ctx: RepoContext, pull: PullRequest) -> Reason | None:
    """Return why a pull request that is behind waits; None: it is its turn."""
    front = await ctx.store.merge_line.take_turn(
        ctx.watched.id, pull.number, package_of(pull), now=ctx.clock()
    )
    if front.number == pull.number:
        return None
    await _call(ctx, front)
    return Reason(ReasonCode.BEHIND, f"#{front.number} is recreated on the newest base first")


async def keep_place(ctx: RepoContext, pull: PullRequest, verdict: Verdict) -> None:
    """Leave the line when more than time is needed."""
    waits = verdict.outcome is Outcome.WAIT or verdict.reason.code is ReasonCode.CONFLICT
    if verdict.outcome is Outcome.MERGE or (waits and verdict.reason.code in _STAYING):
        return
    await leave_line(ctx, pull)


async def leave_line(ctx: RepoContext, pull: PullRequest) -> None:
    """Leave the line, and call the next one."""
    front = await ctx.store.merge_line.leave(ctx.watched.id, pull.number, now=ctx.clock())
    if front is not None:
        await _call(ctx, front)


async def _call(ctx: RepoContext, front: Front) -> None:
    if front.waits:
        await ctx.lanes.hint(Key(ctx.watched.id, front.change))
