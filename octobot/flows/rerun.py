"""Failed checks run again: once on evidence that a second run may cure them, or on order.

The order of the acts makes it at most once, whoever dies when: the re-run is claimed in the store,
then asked for.  A claim whose order never reached GitHub is not taken up again; a person can give
the order instead.
"""

from collections.abc import Sequence

import structlog

from octobot.flows.seams import World
from octobot.model.errors import Misconfigured
from octobot.model.ids import Sha
from octobot.model.pull_request import CheckRun
from octobot.model.triage import FLAKES, Diagnosis

log = structlog.get_logger()

SURE = 0.7
"""The least confidence in a cause on which octobot runs something again by itself."""


async def rerun_flakes(
    world: World, head: Sha, found: Sequence[tuple[CheckRun, Diagnosis]]
) -> tuple[CheckRun, ...]:
    """Run failed checks again that a second run may cure; gives those that now run again.

    Once for each head commit and check.  A workflow run in which another of the checks failed for
    good is left alone: it would fail again.
    """
    flaky = {check.id for check, diagnosis in found if _is_flake(diagnosis)}
    if not flaky:
        return ()
    again: list[CheckRun] = []
    for rerun in await world.github.rerunnable([check for check, _ in found]):
        if not flaky.issuperset(check.id for check in rerun.checks):
            continue
        now = world.clock()
        if not await world.store.claim_reruns(world.watched.id, head, rerun.checks, now=now):
            continue
        try:
            taken = await world.github.rerun_failed(rerun)
        except Misconfigured as error:  # it helps nobody to stop for a convenience
            log.warning("re-run not allowed", because=str(error))
            taken = False
        again += rerun.checks if taken else ()
    return tuple(again)


async def rerun_ordered(world: World, checks: Sequence[CheckRun]) -> tuple[CheckRun, ...]:
    """Run failed checks again because a person said so; gives those that now run again."""
    again: list[CheckRun] = []
    for rerun in await world.github.rerunnable(checks):
        if await world.github.rerun_failed(rerun):
            again += rerun.checks
    return tuple(again)


def _is_flake(diagnosis: Diagnosis) -> bool:
    return diagnosis.why.kind in FLAKES and diagnosis.why.confidence >= SURE
