"""One package in its own lane: gather, decide the next right thing, do it, record why.

Every call does at most one step.  A step that calls for the next at once hints the lane again;
one that waits leaves a `due` time, and the sweep brings it back.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import assert_never

import structlog

from octobot.flows.announce import announce, raise_alarm
from octobot.flows.configuring import configured
from octobot.flows.deciding import (
    Alarm,
    Announce,
    Land,
    Propose,
    Rest,
    Settle,
    Step,
    View,
    Withdraw,
    decide,
)
from octobot.flows.land import land, settle
from octobot.flows.member import Member
from octobot.flows.outcome import Done
from octobot.flows.propose import propose
from octobot.flows.seams import World
from octobot.flows.withdraw import withdraw
from octobot.model.bump import ProposalState, Proposed
from octobot.model.errors import Misconfigured, TryLater, UserError
from octobot.model.ids import Key
from octobot.model.memory import Row
from octobot.model.pull_request import PullRequest
from octobot.model.reasons import Reason, ReasonCode

log = structlog.get_logger()

OVER: frozenset[ProposalState] = frozenset({"merged", "superseded", "withdrawn"})
"""States that octobot entered after its own act on GitHub."""

RETURNING = frozenset(
    {ReasonCode.PAUSED, ReasonCode.BAD_CONFIG, ReasonCode.HELD, ReasonCode.QUEUE_FULL}
)
"""Rests that the repository's file causes: looked at again, since the file may change."""


async def reconcile(world: World, key: Key) -> Reason | None:
    """Take one step for one package and give its reason; None for a package that is gone."""
    now = world.clock()
    row = await world.store.begin(key, now=now)
    if row is None:
        return None
    done = await _guarded(world, row)
    # The next step is due even if a death loses the hint to it.
    pause = timedelta() if done.again and done.due is None else done.due
    due = None if pause is None else now + pause
    await world.store.record(
        key, generation=row.generation, reason=done.reason, due=due, issue=done.issue
    )
    log.info("reconciled", reason=str(done.reason), due=due and due.isoformat())
    if done.again:
        await world.lanes.hint(key)
    return done.reason


async def _guarded(world: World, row: Row) -> Done:
    """Turn the errors that have a remedy into the reason that names it."""
    try:
        view = await _gather(world, row)
        return await _perform(world, view, decide(view))
    except TryLater as later:
        return Done(Reason(ReasonCode.TRY_LATER, str(later)), row.issue, due=later.after)
    except UserError as error:
        return Done(Reason(ReasonCode.FOREIGN_COMMIT, str(error)), row.issue, due=world.recheck)
    except Misconfigured as error:
        log.warning("misconfigured", error=str(error))
        reason = Reason(ReasonCode.MISCONFIGURED, str(error))
        return Done(reason, row.issue, due=timedelta(hours=1))


async def _gather(world: World, row: Row) -> View:
    settings = await configured(world)
    everyone = await world.github.open_pulls()
    seen = None
    if row.upstream and row.target:
        seen = await world.store.sighting(row.upstream, row.target.release.name)
    history = await world.store.proposed(world.watched.id, row.key.package)
    ours = (pull for pull in everyone if _is_ours(world, row, pull))
    return View(
        row=row,
        package=world.reader.read(row.path, row.blob, row.text),
        config=settings.config,
        history=history,
        pulls=tuple(pull for pull in ours if not _is_over(history, pull)),
        open_pulls=sum(pull.author == world.bot for pull in everyone),
        sighting=seen,
        now=world.clock(),
    )


def _is_ours(world: World, row: Row, pull: PullRequest) -> bool:
    """Tell by the branch and its repository; whose commits it has is the policy's question."""
    name, _, version = pull.branch.removeprefix("octobot/").rpartition("/")
    own = pull.head_repository == world.watched.id
    return own and name == row.key.package and bool(version)


def _is_over(history: Sequence[Proposed], pull: PullRequest) -> bool:
    """Tell whether octobot ended this pull request itself: a list that shows it open is late."""
    return any(p.number == pull.number and p.state in OVER for p in history)


async def _perform(world: World, view: View, step: Step) -> Done:
    row = view.row
    match step:
        case Rest(reason=reason):
            done = await _rest(world, row, reason)
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
        case Land(pull=pull, package=package):
            # What a merge rests on is read in full: the file may just have been paused.
            config = (await configured(world, fresh=True)).config
            done = await land(world, (Member(row, package),), pull, config)
        case _:
            assert_never(step)
    return done


async def _rest(world: World, row: Row, reason: Reason) -> Done:
    """Rest; an issue of ours that the spec has caught up with is closed."""
    issue = row.issue
    if issue is not None and reason.code in (ReasonCode.UP_TO_DATE, ReasonCode.MERGED):
        await world.github.close_issue(issue)
        issue = None
    return Done(reason, issue, due=world.recheck if reason.code in RETURNING else None)
