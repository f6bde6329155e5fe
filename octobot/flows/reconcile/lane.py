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
from octobot.flows.land.after_merge import record_end
from octobot.flows.land.land import land
from octobot.flows.land.merge import cancel_merges
from octobot.flows.lookup.second_source import PATIENCE, QUIET, behind_second_source
from octobot.flows.propose.close import close, replace_by
from octobot.flows.propose.propose import propose
from octobot.flows.propose.recover import recover_unknown
from octobot.flows.reconcile.abandon import abandon, abandon_removed
from octobot.flows.reconcile.decide import decide
from octobot.flows.reconcile.gather import begin, gather
from octobot.flows.reconcile.issues import open_issue
from octobot.flows.reconcile.members import reasons_waiting
from octobot.flows.reconcile.open_pulls import WAITING
from octobot.flows.reconcile.orders import execute_orders
from octobot.flows.reconcile.reverts import report_reverts
from octobot.flows.reconcile.stuck import close_ended, close_removed, report_stuck
from octobot.flows.settings import configured
from octobot.flows.steps import (
    Abandon,
    Alarm,
    Announce,
    Close,
    Done,
    Land,
    Leave,
    Propose,
    RecordEnd,
    ReportReverts,
    Rest,
    Step,
    Supersede,
)
from octobot.flows.view import FREEZING, Change, Found, Reasons, View
from octobot.flows.waiting import Entry
from octobot.messages import notices
from octobot.model.bump import Proposed
from octobot.model.config import Config, Group
from octobot.model.errors import Misconfigured, TryLater, UserError
from octobot.model.ids import Key, display_name
from octobot.model.memory import Row
from octobot.model.reasons import MEANING, Reason, ReasonCode
from octobot.model.version import order_key
from octobot.policy.config.groups import group_of

log = structlog.get_logger()

RETURNING = frozenset(
    {ReasonCode.PAUSED, ReasonCode.BAD_CONFIG, ReasonCode.ON_HOLD, ReasonCode.PR_LIMIT_REACHED}
)
"""Rests that the repository's file causes: checked again, since the file may change."""

Settings = Config | Reason | TryLater | UserError | Misconfigured
"""The settings that hold, why there are none, or why they could not be read just now."""


async def reconcile(ctx: RepoContext, key: Key) -> None:
    """Take one step for a change, and record for each of its packages why it is where it is."""
    settings = await _settings(ctx)
    if key.group is None and isinstance(settings, Config):
        group = group_of(settings, key.package)
        if isinstance(group, Group):
            await ctx.lanes.hint(Key(key.repository, group.lane))
            return
        settings = group or settings
    config = settings if isinstance(settings, Config) else None
    if key.group and config is None:
        return  # its packages say why, each in its own lane
    change = await begin(ctx, key, config, now=ctx.clock())
    if change.rows or change.former:
        await _step(ctx, change, settings)
    elif key.group is None and not isinstance(settings, Exception):
        await abandon_removed(ctx, key.package, settings)
        await close_removed(ctx, key.package, settings)


async def _settings(ctx: RepoContext) -> Settings:
    """Read the settings; an error is kept until there is a package to show it on."""
    try:
        return (await configured(ctx)).config
    except (TryLater, UserError, Misconfigured) as error:
        return error


async def _step(ctx: RepoContext, change: Change, settings: Settings) -> None:
    now = ctx.clock()
    seen = {row.key: ctx.waiting.begin(row.key) for row in change.rows}
    done = await _done(ctx, change, settings)
    # The next step is due even if a crash loses the hint to it.
    pause = timedelta() if done.again and done.due is None else done.due
    due = None if pause is None else now + pause
    for row in change.rows:
        # No step ends a freeze: what another tag than the target's did is remembered nowhere else.
        frozen = row.reason.code in FREEZING
        reason = row.reason if frozen else _reason(change, row, done)
        issue = done.issues.get(row.key.package, row.issue)
        await ctx.store.packages.record(
            row.key, generation=row.generation, reason=reason, due=due, issue=issue
        )
        log.info("reconciled", package=row.key.package, reason=str(reason), due=due)
        if done.resting and due and not done.again:
            ctx.waiting.entries[row.key] = Entry(done.resting, due, seen[row.key])
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
        return reasons_waiting(change.members, {done.package: done.reason})[name]
    return done.reason


async def _done(ctx: RepoContext, change: Change, settings: Settings) -> Done:
    """Take the step; an error that somebody can remedy ends it with its reason."""
    try:
        if isinstance(settings, Exception):
            raise settings
        return await _decided(ctx, change, settings)
    except TryLater as later:
        return Done(Reason(ReasonCode.RETRY_LATER, str(later)), due=later.after)
    except UserError as error:
        return Done(Reason(ReasonCode.UNKNOWN_COMMIT, str(error)), due=ctx.recheck)
    except Misconfigured as error:
        log.warning("misconfigured", error=str(error))
        return Done(Reason(ReasonCode.MISCONFIGURED, str(error)), due=timedelta(hours=1))


async def _decided(ctx: RepoContext, change: Change, config: Config | Reason) -> Done:
    view = await gather(ctx, change, config)
    if await recover_unknown(ctx, view):  # the ledger knows them now
        ledger = await ctx.store.ledger.proposed(ctx.watched.id, change.key.package)
        change = replace(change, ledger=ledger)
        view = await gather(ctx, change, config)
    await close_ended(ctx, view)
    ordered = await execute_orders(ctx, view)
    return ordered or await _perform(ctx, change, view, decide(view))


async def _perform(ctx: RepoContext, change: Change, view: View, step: Step) -> Done:
    """Do what was decided."""
    match step:
        case Rest():
            await cancel_merges(ctx, step.unmerge)
            done = await _rest(ctx, view, step)
        case Announce() | Alarm() | ReportReverts():
            done = await _to_people(ctx, change, step)
        case Leave():
            done = await _leave(ctx, change, step.proposals)
        case RecordEnd():
            done = await record_end(ctx, change.rows, step.proposed)
        case Close():
            done = replace(await close(ctx, step.pulls, step.reason), reasons=step.reasons)
        case Abandon():
            await abandon(ctx, step.proposals, notices.closed(step.reason))
            done = Done(None, again=True)
        case Propose():
            done = await propose(ctx, step)
        case Supersede():
            done = await replace_by(ctx, step.pulls, step.by)
        case Land():
            done = await _land(ctx, view, step)
        case _:
            assert_never(step)
    return done


async def _land(ctx: RepoContext, view: View, step: Land) -> Done:
    # Read in full once more right before a merge: the file may just have been paused.
    config = (await configured(ctx)).config
    done = await land(ctx, step.members, step.pull, config)
    if not step.newer or done.reason is None:
        return done
    if done.reason.code not in WAITING:
        return replace(done, due=None, again=True)
    return replace(done, reason=_with_newer(view, done.reason))


def _with_newer(view: View, reason: Reason) -> Reason:
    """Add to a reason which version waits for the one that is open."""
    targets = [one.row.target.version for one in view.members if one.row.target]
    note = f"{max(targets, key=order_key)} waits until this one is merged, or fails"
    return replace(reason, detail=f"{reason.detail or MEANING[reason.code]}; {note}")


async def _to_people(
    ctx: RepoContext, change: Change, step: Announce | Alarm | ReportReverts
) -> Done:
    if isinstance(step, ReportReverts):
        return await report_reverts(ctx, step)
    return await open_issue(ctx, change, step)


async def _leave(ctx: RepoContext, change: Change, proposals: Sequence[Proposed]) -> Done:
    """Let groups that had this package abandon what they proposed; then it moves alone."""
    for proposed in proposals:
        await ctx.lanes.hint(Key(change.key.repository, proposed.package))
    name, number = display_name(proposals[0].package), proposals[0].number
    detail = f"#{number or 'the pull request'} of the group {name}, which is given up"
    return Done(Reason(ReasonCode.WAITS_FOR_GROUP, detail), due=ctx.recheck)


async def _rest(ctx: RepoContext, view: View, step: Rest) -> Done:
    """Rest; close octobot's issues that the specs have caught up with."""
    codes = {name: reason.code for name, reason in step.reasons.items()}
    quiet = [member for member in view.members if codes.get(member.name) in QUIET]
    asked, behind = await _behind(ctx, quiet, view.config)
    reasons, pause = {**step.reasons, **behind}, ctx.recheck * PATIENCE if asked else None
    closed = await _close_issues(ctx, quiet)
    waits = await report_stuck(ctx, view, reasons)
    pause = min(waits, pause or waits) if waits else pause
    if step.again or any(reason.code in RETURNING for reason in reasons.values()):
        pause = ctx.recheck
    return Done(None, due=pause, reasons=reasons, issues=dict.fromkeys(closed))


async def _close_issues(ctx: RepoContext, members: Sequence[Found]) -> Sequence[str]:
    """Close what is open about these packages; return which had an issue."""
    issues = {member.name: member.row.issue for member in members if member.row.issue is not None}
    for issue in sorted(set(issues.values())):
        await ctx.github.issues.close(issue)
    return list(issues)


async def _behind(
    ctx: RepoContext, members: Sequence[Found], config: Config | Reason
) -> tuple[bool, Reasons]:
    """Ask second sources; return whether any was asked, and what is behind one of them."""
    any_asked, reasons = False, dict[str, Reason]()
    for member in members:
        if isinstance(member.package, Reason):
            continue
        asked, behind = await behind_second_source(ctx, member.package, config)
        any_asked = any_asked or asked
        if behind:
            reasons[member.name] = behind
    return any_asked, reasons
