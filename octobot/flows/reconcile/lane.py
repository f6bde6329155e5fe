"""A change in its own lane: gather, decide the next right thing, do it, record why.

Every call does at most one step.  A step that calls for the next at once hints the lane again;
one that waits leaves a `due` time, and the sweep brings it back.  The lane of a package that moves
with a group does nothing but hint the group's, so that two processes never build it twice.  What
is due is the packages' rows: a hint to the group that is lost comes again by one of them.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import assert_never

import structlog

from octobot.flows.context import RepoContext
from octobot.flows.land.after_merge import settle
from octobot.flows.land.land import land
from octobot.flows.land.merge import take_back_merges
from octobot.flows.lookup.second_source import PATIENCE, QUIET, behind_second_source
from octobot.flows.outcome import RETURNING, Done, lasting, with_remedy
from octobot.flows.propose.close import close, replace_by
from octobot.flows.propose.propose import propose
from octobot.flows.propose.recover import recover_unknown
from octobot.flows.reconcile.abandon import abandon, give_up
from octobot.flows.reconcile.decide import WAITING, decide, waiting
from octobot.flows.reconcile.gather import begin, gather
from octobot.flows.reconcile.issues import announce, raise_alarm
from octobot.flows.reconcile.orders import execute_orders
from octobot.flows.settings import configured
from octobot.flows.view import (
    Abandon,
    Alarm,
    Announce,
    Change,
    Close,
    Land,
    Leave,
    Propose,
    Rest,
    Settle,
    Step,
    Supersede,
    View,
)
from octobot.messages import notices
from octobot.model.bump import Proposed
from octobot.model.config import Config, Group
from octobot.model.errors import Misconfigured, TryLater, UserError
from octobot.model.ids import Key, display_name
from octobot.model.memory import Row
from octobot.model.reasons import Reason, ReasonCode
from octobot.policy.config.groups import group_of

log = structlog.get_logger()

Told = Config | Reason | TryLater | UserError | Misconfigured
"""The settings that hold, why there are none, or why they could not be read just now."""


async def reconcile(ctx: RepoContext, key: Key) -> None:
    """Take one step for a change, and record for each of its packages why it is where it is."""
    told = await _told(ctx)
    if key.group is None and isinstance(told, Config):
        group = group_of(told, key.package)
        if isinstance(group, Group):
            await ctx.lanes.hint(Key(key.repository, group.lane))
            return
        told = group or told
    config = told if isinstance(told, Config) else None
    if key.group and config is None:
        return  # its packages say why, each in its own lane
    change = await begin(ctx, key, config, now=ctx.clock())
    if change.rows or change.former:
        await _step(ctx, change, told)
    elif key.group is None and not isinstance(told, Exception):
        await give_up(ctx, key.package, told)


async def _told(ctx: RepoContext) -> Told:
    """Read the settings; an error is kept until there is a package to show it on."""
    try:
        return (await configured(ctx)).config
    except (TryLater, UserError, Misconfigured) as error:
        return error


async def _step(ctx: RepoContext, change: Change, told: Told) -> None:
    now = ctx.clock()
    done = await with_remedy(ctx, _done(ctx, change, told))
    # The next step is due even if a death loses the hint to it.
    pause = timedelta() if done.again and done.due is None else done.due
    due = None if pause is None else now + pause
    for row in change.rows:
        reason = lasting(row, _reason(change, row, done))
        issue = done.issues.get(row.key.package, row.issue)
        await ctx.store.packages.record(
            row.key, generation=row.generation, reason=reason, due=due, issue=issue
        )
        log.info("reconciled", package=row.key.package, reason=str(reason), due=due)
    if done.again:
        for row in change.former:
            await ctx.lanes.hint(row.key)
        await ctx.lanes.hint(change.key)


def _reason(change: Change, row: Row, done: Done) -> Reason:
    """Return a package's reason after the step; who is no member, or not in it, keeps its own."""
    name = row.key.package
    if name not in {member.name for member in change.members}:
        return row.reason
    if done.reasons is not None:
        return done.reasons.get(name, row.reason)
    if done.reason is None:
        return row.reason
    if done.package:
        return waiting(change.members, {done.package: done.reason})[name]
    return done.reason


async def _done(ctx: RepoContext, change: Change, told: Told) -> Done:
    if isinstance(told, Exception):
        raise told
    view = await gather(ctx, change, told)
    if await recover_unknown(ctx, view):  # the ledger knows them now
        ledger = await ctx.store.ledger.proposed(ctx.watched.id, change.key.package)
        change = replace(change, ledger=ledger)
        view = await gather(ctx, change, told)
    ordered = await execute_orders(ctx, change, view)
    return ordered or await _perform(ctx, change, view, decide(view))


async def _perform(ctx: RepoContext, change: Change, view: View, step: Step) -> Done:
    match step:
        case Rest(unmerge=pulls):
            await take_back_merges(ctx, pulls)
            return await _rest(ctx, view, step)
        case Announce(bumps=bumps):
            return await announce(ctx, change, bumps)
        case Alarm(reason=reason, reasons=reasons, about=about):
            return replace(await raise_alarm(ctx, change, reason, about), reasons=reasons)
        case Leave(proposals=proposals):
            return await _leave(ctx, change, proposals)
        case _:
            return await _move(ctx, change, step)


async def _move(
    ctx: RepoContext, change: Change, step: Settle | Close | Abandon | Propose | Supersede | Land
) -> Done:
    """Move a pull request of the change on, or begin one."""
    match step:
        case Settle(proposed=proposed):
            return await settle(ctx, change.rows, proposed)
        case Close(pulls=pulls, reason=reason, reasons=reasons):
            return replace(await close(ctx, pulls, reason), reasons=reasons)
        case Abandon(proposals=proposals, reason=reason):
            await abandon(ctx, proposals, notices.closed(reason))
            return Done(None, again=True)
        case Propose():
            return await propose(ctx, step)
        case Supersede(pulls=pulls, by=by):
            return await replace_by(ctx, pulls, by)
        case Land():
            return await _land(ctx, step)
        case _:
            assert_never(step)


async def _land(ctx: RepoContext, step: Land) -> Done:
    # What a merge rests on is read in full: the file may just have been paused.
    config = (await configured(ctx, fresh=True)).config
    done = await land(ctx, step.members, step.pull, config)
    if step.newer and done.reason and done.reason.code not in WAITING:
        return replace(done, due=None, again=True)
    return done


async def _leave(ctx: RepoContext, change: Change, proposals: Sequence[Proposed]) -> Done:
    """Let groups that had this package give up what they proposed; then it goes on alone."""
    for proposed in proposals:
        await ctx.lanes.hint(Key(change.key.repository, proposed.package))
    name, number = display_name(proposals[0].package), proposals[0].number
    detail = f"#{number or 'the pull request'} of the group {name}, which is given up"
    return Done(Reason(ReasonCode.WAITS_FOR_GROUP, detail), due=ctx.recheck)


async def _rest(ctx: RepoContext, view: View, step: Rest) -> Done:
    """Rest; issues of ours that the specs have caught up with are closed."""
    reasons, issues, pause = dict(step.reasons), {}, None
    for member in view.members:
        reason = reasons.get(member.name)
        if reason is None or reason.code not in QUIET:
            continue
        if member.row.issue is not None:
            issues[member.name] = member.row.issue
        if isinstance(member.package, Reason):
            continue
        asked, behind = await behind_second_source(ctx, member.package, view.config)
        pause = ctx.recheck * PATIENCE if asked else pause
        reasons[member.name] = behind or reason
    for issue in sorted(set(issues.values())):
        await ctx.github.issues.close(issue)
    if step.again or any(reason.code in RETURNING for reason in reasons.values()):
        pause = ctx.recheck
    return Done(None, due=pause, reasons=reasons, issues=dict.fromkeys(issues))
