"""One package in its own lane: gather, decide the next right thing, do it, record why.

Every call does at most one step.  A step that calls for the next at once hints the lane again;
one that waits leaves a `due` time, and the sweep brings it back.
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
from octobot.flows.orders import steer, steered, with_target
from octobot.flows.outcome import RETURNING, Done, lasting, with_remedy
from octobot.flows.ownership import STANDING, is_of, is_over
from octobot.flows.propose.close import replace_by, withdraw
from octobot.flows.propose.propose import propose
from octobot.flows.propose.recover import adopt_unknown
from octobot.flows.reconcile.decide import WAITING, decide
from octobot.flows.reconcile.group import reconcile_together
from octobot.flows.reconcile.issues import announce, raise_alarm
from octobot.flows.reconcile.orders import carry_out
from octobot.flows.reconcile.pr_limits import opened_lately
from octobot.flows.reconcile.removed_spec import give_up
from octobot.flows.seams.seams import World
from octobot.flows.settings import configured
from octobot.flows.view import (
    Alarm,
    Announce,
    Land,
    Leave,
    Member,
    Propose,
    Rest,
    Settle,
    Step,
    Supersede,
    View,
    Withdraw,
)
from octobot.model.bump import Proposed
from octobot.model.config import LANE, Config, Group
from octobot.model.errors import Misconfigured, TryLater, UserError
from octobot.model.ids import Key
from octobot.model.memory import Row
from octobot.model.package import Package
from octobot.model.reasons import Reason, ReasonCode
from octobot.policy.config.groups import group_of

log = structlog.get_logger()

Told = Config | Reason | TryLater | UserError | Misconfigured
"""The settings that hold, why there are none, or why they could not be read just now."""


async def reconcile(world: World, key: Key) -> Reason | None:
    """Take one step for one package and give its reason; None for a package that is gone.

    A package of a group leaves the step to the group's lane, whose key is in the place of a
    package's: then there is no reason to give, either.
    """
    told = await _told(world)
    if key.package.startswith(LANE):
        orders = await world.store.steered(world.watched.id)
        config = told if isinstance(told, Exception) else steered(told, orders, world.clock())
        if isinstance(config, Config):  # else its packages say why, each in its own lane
            await reconcile_together(world, key, config)
        return None
    group = group_of(told, key.package) if isinstance(told, Config) else None
    if isinstance(group, Group):
        await world.lanes.hint(Key(key.repository, group.lane))
        return None
    return await _alone(world, key, group or told)


async def _told(world: World) -> Told:
    """Read the settings; an error is kept until there is a package to show it on."""
    try:
        return (await configured(world)).config
    except (TryLater, UserError, Misconfigured) as error:
        return error


async def _alone(world: World, key: Key, told: Told) -> Reason | None:
    """Take one step for a package that is in no group."""
    now = world.clock()
    row = await world.store.begin(key, now=now)
    if row is None:
        if not isinstance(told, Exception):
            await give_up(world, key.package, told)
        return None
    done = await with_remedy(world, row.issue, _step(world, row, told))
    # The next step is due even if a death loses the hint to it.
    pause = timedelta() if done.again and done.due is None else done.due
    due = None if pause is None else now + pause
    await world.store.record(
        key, generation=row.generation, reason=lasting(row, done.reason), due=due, issue=done.issue
    )
    log.info("reconciled", reason=str(done.reason), due=due and due.isoformat())
    if done.again:
        await world.lanes.hint(key)
    return done.reason


async def _step(world: World, row: Row, told: Told) -> Done:
    if isinstance(told, Exception):
        raise told
    steering = await world.store.steering(world.watched.id, row.key.package)
    wanted = with_target(row, world.reader.read(row.path, row.blob, row.text), steering)
    view = steer(await _gather(world, wanted, told), steering)
    ordered = await carry_out(world, view, steering)
    return ordered or await _perform(world, view, decide(view))


async def _gather(world: World, row: Row, config: Config | Reason) -> View:
    everyone = await world.github.open_pulls()
    seen, package = None, row.key.package
    if row.upstream and row.target:
        seen = await world.store.sighting(row.upstream, row.target.release.name)
    known = await world.store.proposed(world.watched.id, package)
    history = tuple(proposed for proposed in known if proposed.package == package)
    ours = (pull for pull in everyone if is_of(world, package, pull))
    view = View(
        row=row,
        package=world.reader.read(row.path, row.blob, row.text),
        config=config,
        history=history,
        pulls=tuple(pull for pull in ours if not is_over(history, pull)),
        open_pulls=sum(pull.author == world.bot for pull in everyone),
        new_pulls=await opened_lately(world, config),
        sighting=seen,
        now=world.clock(),
        left=tuple(p for p in known if p.package != package and p.state in STANDING),
    )
    if await adopt_unknown(world, view):
        return await _gather(world, row, config)  # the ledger knows them now
    return view


async def _perform(world: World, view: View, step: Step) -> Done:
    row = view.row
    match step:
        case Rest(unmerge=pulls):
            await take_back_merges(world, pulls)
            done = await _rest(world, view, step)
        case Settle(proposed=proposed):
            done = await settle(world, row, proposed)
        case Withdraw(pulls=pulls, reason=reason):
            done = await withdraw(world, row, pulls, reason)
        case Announce(bump=bump):
            done = await announce(world, row, bump)
        case Alarm(reason=reason):
            done = await raise_alarm(world, row, reason)
        case Propose():
            done = await propose(world, row, step)
        case Supersede(pulls=pulls, by=by):
            done = await replace_by(world, row, pulls, by)
        case Land():
            done = await _land(world, row, step)
        case Leave(proposals=proposals):
            done = await _leave(world, row, proposals)
        case _:
            assert_never(step)
    return done


async def _land(world: World, row: Row, step: Land) -> Done:
    # What a merge rests on is read in full: the file may just have been paused.
    config = (await configured(world, fresh=True)).config
    done = await land(world, (Member(row, step.package),), step.pull, config)
    if step.newer and done.reason.code not in WAITING:
        return replace(done, due=None, again=True)
    return done


async def _leave(world: World, row: Row, proposals: Sequence[Proposed]) -> Done:
    """Let groups that had this package give up what they proposed; then it goes on alone."""
    for proposed in proposals:
        await world.lanes.hint(Key(row.key.repository, proposed.package))
    name, number = proposals[0].package.removeprefix(LANE), proposals[0].number
    detail = f"#{number or 'the pull request'} of the group {name}, which is given up"
    return Done(Reason(ReasonCode.WAITS_FOR_GROUP, detail), row.issue, due=world.recheck)


async def _rest(world: World, view: View, step: Rest) -> Done:
    """Rest; an issue of ours that the spec has caught up with is closed."""
    reason, issue = step.reason, view.row.issue
    quiet = reason.code in QUIET
    if issue is not None and quiet:
        await world.github.close_issue(issue)
        issue = None
    if quiet and isinstance(view.package, Package):
        asked, behind = await behind_second_source(world, view.package, view.config)
        if asked:
            return Done(behind or reason, issue, due=world.recheck * PATIENCE)
    returning = step.again or reason.code in RETURNING
    return Done(reason, issue, due=world.recheck if returning else None)
