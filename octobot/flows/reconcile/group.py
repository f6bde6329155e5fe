"""A group in its one lane: the packages that the repository's file lets move together.

The lane's key has the group in place of a package.  The lanes of its packages do nothing but hint
it, so that two processes never build it twice; each package's own row shows the reason.  What is
due is the packages' rows: a hint to the group that is lost comes again by one of them.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import assert_never

import structlog

from octobot.flows.land.after_merge import settle
from octobot.flows.land.land import land
from octobot.flows.land.merge import take_back_merges
from octobot.flows.lookup.second_source import PATIENCE, QUIET, behind_second_source
from octobot.flows.outcome import RETURNING, Done, lasting, with_remedy
from octobot.flows.propose.close import replace_by, withdraw
from octobot.flows.propose.propose import propose_together
from octobot.flows.propose.recover import adopt_together
from octobot.flows.reconcile.gather import Company, begin_all, look_at
from octobot.flows.reconcile.group_decide import decide_together, waiting
from octobot.flows.reconcile.group_orders import carry_out_together
from octobot.flows.reconcile.issues import announce, raise_alarm
from octobot.flows.seams.seams import World
from octobot.flows.settings import configured
from octobot.flows.view import (
    AlarmTogether,
    AnnounceTogether,
    GroupDone,
    GroupView,
    LandTogether,
    ProposeTogether,
    RestTogether,
    Settle,
    Supersede,
    WithdrawTogether,
)
from octobot.model.bump import Bump
from octobot.model.config import LANE, Config
from octobot.model.ids import Key
from octobot.model.memory import Row
from octobot.model.reasons import Reason, ReasonCode

log = structlog.get_logger()


async def reconcile_together(world: World, key: Key, config: Config) -> None:
    """Take one step for a group and record for each package why it is where it is."""
    now = world.clock()
    found = await begin_all(world, key, config, now=now)
    if not found.rows and not found.former:
        return
    result = await with_remedy(world, None, _step(world, key, config, found))
    told = result if isinstance(result, GroupDone) else GroupDone(result)
    done = told.done
    pause = timedelta() if done.again and done.due is None else done.due
    for row in found.rows:
        reason, issue = _of_package(found, told, row)
        await world.store.record(
            row.key,
            generation=row.generation,
            reason=lasting(row, reason),
            due=None if pause is None else now + pause,
            issue=issue,
        )
    log.info("reconciled", reason=str(done.reason), packages=len(found.rows))
    if done.again:
        for row in found.former:
            await world.lanes.hint(row.key)
        await world.lanes.hint(key)


def _of_package(found: Company, told: GroupDone, row: Row) -> tuple[Reason, int | None]:
    """Give a package's reason and issue after the step."""
    name, done = row.key.package, told.done
    issue = (told.issues or {}).get(name, row.issue)
    if name not in {peer.name for peer in found.peers}:
        return row.reason, issue  # not kept current: the group moves without it
    if told.reasons is not None:
        return told.reasons.get(name, row.reason), issue
    if done.reason is _anyone(found).reason:
        return row.reason, issue  # nothing is known yet, but that there is more to do
    if done.package:
        return waiting(found.peers, {done.package: done.reason})[name], issue
    return done.reason, issue


def _anyone(found: Company) -> Row:
    """Give a row to speak for all where a step of one package wants one."""
    return (*found.rows, *found.former)[0]


async def _step(world: World, key: Key, config: Config, found: Company) -> GroupDone:
    view = await look_at(world, key, config, found)
    if await adopt_together(world, key.package, view):
        found = replace(found, history=await world.store.proposed(world.watched.id, key.package))
        view = await look_at(world, key, config, found)  # the ledger knows them now
    ordered = await carry_out_together(world, key, found, view)
    return ordered or await _perform(world, key, found, view)


async def _perform(world: World, key: Key, found: Company, view: GroupView) -> GroupDone:
    row, step = _anyone(found), decide_together(view)
    match step:
        case RestTogether(unmerge=pulls):
            await take_back_merges(world, pulls)
            came = await _rest(world, found, view, step)
        case Settle(proposed=proposed):
            came = GroupDone(await settle(world, row, proposed))
        case WithdrawTogether(pulls=pulls, reason=reason, reasons=reasons):
            came = GroupDone(await withdraw(world, row, pulls, reason), reasons)
        case AnnounceTogether(bumps=bumps):
            done = await announce(world, _labelled(key, found), _as_one(key, bumps))
            came = GroupDone(done, issues={bump.package: done.issue for bump in bumps})
        case AlarmTogether(reason=reason, reasons=reasons, about=about):
            done = await raise_alarm(world, _labelled(key, found), reason)
            came = GroupDone(done, reasons, dict.fromkeys(about, done.issue))
        case ProposeTogether():
            came = GroupDone(await propose_together(world, step))
        case Supersede(pulls=pulls, by=by):
            came = GroupDone(await replace_by(world, row, pulls, by))
        case LandTogether(pull=pull, members=members):
            # What a merge rests on is read in full: the file may just have been paused.
            settings = await configured(world, fresh=True)
            came = GroupDone(await land(world, members, pull, settings.config))
        case _:
            assert_never(step)
    return came


async def _rest(world: World, found: Company, view: GroupView, step: RestTogether) -> GroupDone:
    """Rest; issues of ours that the specs have caught up with are closed."""
    told = dict(step.reasons)
    over = [
        row
        for row in found.rows
        if row.issue is not None and (reason := told.get(row.key.package)) and reason.code in QUIET
    ]
    for issue in sorted({row.issue for row in over if row.issue is not None}):
        await world.github.close_issue(issue)
    pause = await _second_sources(world, view, told)
    if step.again or any(reason.code in RETURNING for reason in told.values()):
        pause = world.recheck
    first = next(iter(told.values()), Reason(ReasonCode.UP_TO_DATE))
    return GroupDone(Done(first, due=pause), told, {row.key.package: None for row in over})


async def _second_sources(
    world: World, view: GroupView, told: dict[str, Reason]
) -> timedelta | None:
    """Put in the reasons of packages whose second source is ahead; give when to ask again."""
    pause = None
    for peer in view.peers:
        quiet = peer.name in told and told[peer.name].code in QUIET
        if not quiet or isinstance(peer.package, Reason):
            continue
        asked, behind = await behind_second_source(world, peer.package, view.config)
        pause = world.recheck * PATIENCE if asked else pause
        told[peer.name] = behind or told[peer.name]
    return pause


def _as_one(key: Key, bumps: Sequence[Bump]) -> Bump:
    """Put bumps together, to be announced as one."""
    paths = ", ".join(bump.path for bump in bumps)
    return Bump(key.package.removeprefix(LANE), paths, bumps[0].current, bumps[0].target)


def _labelled(key: Key, found: Company) -> Row:
    """Give a row that stands for the whole group, with an issue that any package has."""
    issue = next((row.issue for row in found.rows if row.issue is not None), None)
    label = Key(key.repository, key.package.removeprefix(LANE))
    return replace(_anyone(found), key=label, issue=issue)
