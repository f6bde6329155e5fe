"""Failed checks run again: a workflow run's failed jobs together, another App's check alone.

Source: docs.github.com, REST "Re-run failed jobs from a workflow run", "Rerequest a check run".
"""

from collections.abc import Sequence

import structlog

from octobot.github.repository.handle import Handle
from octobot.github.repository.logs import ACTIONS
from octobot.github.transport.json_fields import at, maybe_number
from octobot.github.transport.request import AnswerLost
from octobot.model.pull_request import CheckRun, Rerun

log = structlog.get_logger()


class Reruns:
    """The checks of one repository that can be run again, in the words of the stories."""

    _handle: Handle

    async def rerunnable(self, checks: Sequence[CheckRun]) -> tuple[Rerun, ...]:
        """Find how these failed checks can be run again, now or when their run has ended."""
        return await rerunnable(self._handle, checks)

    async def rerun_failed(self, rerun: Rerun) -> bool:
        """Give one order; False when GitHub refused it for certain."""
        return await rerun_failed(self._handle, rerun)


async def rerunnable(handle: Handle, checks: Sequence[CheckRun]) -> tuple[Rerun, ...]:
    """Find the workflow runs of jobs, two requests each; other Apps' checks need none."""
    alone = [Rerun((check,), None) for check in checks if check.app != ACTIONS]
    runs: dict[int, list[CheckRun]] = {}
    for check in checks:
        if check.app == ACTIONS and (run := await _run_of(handle, check)) is not None:
            runs.setdefault(run, []).append(check)
    ours = [Rerun(tuple(each), run, await _is_over(handle, run)) for run, each in runs.items()]
    return (*ours, *alone)


async def rerun_failed(handle: Handle, rerun: Rerun) -> bool:
    """Give one order; a lost answer counts as taken, because asking twice is worse."""
    if rerun.run is not None:
        path = handle.path("actions/runs", rerun.run, "rerun-failed-jobs")
    else:
        path = handle.path("check-runs", rerun.checks[0].id, "rerequest")
    try:
        answer = await handle.road.exchange("POST", path)
    except AnswerLost:
        return True
    if not answer.fine:
        log.info("re-run refused", path=path, status=answer.status, because=answer.words)
    return answer.fine


async def _run_of(handle: Handle, check: CheckRun) -> int | None:
    answer = await handle.road.exchange("GET", handle.path("actions/jobs", check.id))
    return maybe_number(answer.data, "run_id") if answer.fine else None


async def _is_over(handle: Handle, run: int) -> bool:
    """Tell whether a run has ended: GitHub runs nothing of it again before."""
    answer = await handle.road.exchange("GET", handle.path("actions/runs", run), fresh=True)
    return answer.fine and at(answer.data, "status") == "completed"
