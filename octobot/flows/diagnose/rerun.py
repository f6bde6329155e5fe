"""Run failed checks again: once on evidence that a second run may fix them, or on order.

It is done at most once, whatever crashes when: the re-run is claimed in the store, then asked for.
A claim whose request never reached GitHub is not repeated; a person can order the re-run instead.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import structlog

from octobot.flows.context import RepoContext
from octobot.github.repository.checks import ACTIONS
from octobot.model.errors import Misconfigured
from octobot.model.ids import Sha
from octobot.model.pull_request import CheckRun, NotRerun, Rerun
from octobot.model.triage import FLAKES, Diagnosis

log = structlog.get_logger()

NOT_YET = timedelta(minutes=10)
"""The pause before asking again whether a workflow run has ended: builds take their time."""

SURE = 0.7
"""The least confidence in a cause on which octobot runs something again by itself."""


@dataclass(frozen=True, slots=True)
class Rerunning:
    """Which failed checks run again."""

    checks: tuple[CheckRun, ...] = ()
    """Those that now run again."""
    later: timedelta | None = None
    """When to ask again: a workflow run of theirs has not ended, and cannot be run again yet."""


async def rerun_flakes(
    ctx: RepoContext, head: Sha, found: Sequence[tuple[CheckRun, Diagnosis]]
) -> Rerunning:
    """Run failed checks again that a second run may fix.

    Once for each head commit and check.  A workflow run in which another of the checks failed for
    good is left alone: it would fail again.
    """
    flaky = {check.id for check, diagnosis in found if _is_flake(diagnosis)}
    if not flaky:
        return Rerunning()
    again: list[CheckRun] = []
    later: timedelta | None = None
    for rerun in await ctx.github.checks.rerunnable([check for check, _ in found]):
        if not flaky.issuperset(check.id for check in rerun.checks):
            continue
        if not rerun.ready:
            later = NOT_YET
        elif await _once(ctx, head, rerun):
            again += rerun.checks
    return Rerunning(tuple(again), later)


async def _once(ctx: RepoContext, head: Sha, rerun: Rerun) -> bool:
    now = ctx.clock()
    if not await ctx.store.posted.claim_reruns(ctx.watched.id, head, rerun.checks, now=now):
        return False
    try:
        return await ctx.github.checks.rerun_failed(rerun) is None
    except Misconfigured as error:  # it helps nobody to stop for a convenience
        log.warning("re-run not allowed", because=str(error))
        return False


async def rerun_ordered(
    ctx: RepoContext, checks: Sequence[CheckRun]
) -> tuple[Sequence[CheckRun], Sequence[NotRerun]]:
    """Run failed checks again because a person said so; return those that do, and do not."""
    again: list[CheckRun] = []
    left = {
        check.id: NotRerun(check, "not-found" if check.app == ACTIONS else "other-app")
        for check in checks
    }
    for rerun in await ctx.github.checks.rerunnable(checks):
        refused = await ctx.github.checks.rerun_failed(rerun) if rerun.ready else None
        if rerun.ready and refused is None:
            again += rerun.checks
        for check in rerun.checks:
            why = NotRerun(check, "refused", refused) if refused else NotRerun(check, "running")
            left[check.id] = why
    named = {check.id for check in again}
    return again, [why for number, why in left.items() if number not in named]


def _is_flake(diagnosis: Diagnosis) -> bool:
    return diagnosis.why.kind in FLAKES and diagnosis.why.confidence >= SURE
