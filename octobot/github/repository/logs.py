"""The logs of failed checks: GitHub Actions' own, or what another App's check run shows.

Beside a failed job's log the last successful one of the same job on the default branch is fetched:
what both print is no cause.  That one is a convenience, so it costs few requests, is kept for some
hours, and its absence is never an error.
"""

import asyncio
import zlib
from collections import OrderedDict
from collections.abc import Sequence

from octobot.github.repository import checks
from octobot.github.repository.handle import Handle
from octobot.github.repository.log_archives import is_archive, log_of
from octobot.github.transport.json_fields import at, items, maybe_number
from octobot.model.errors import TryLater
from octobot.model.pull_request import CheckRun, FailedCheck

ACTIONS = 15368
"""The App id of GitHub Actions, whose check runs are jobs with the same id."""
_LIMIT = 2 << 20
"""Bytes, from the end: failures come last."""
_LARGEST_ARCHIVE = 32 << 20
"""Bytes of a run's archive; a larger one is not looked into."""
_RUNS = 3
"""Successful runs of the default branch in which a job is looked for."""
_KEPT = 12
"""Successful logs kept, compressed: about a tenth of their size."""
_FRESH = 6 * 3600.0
"""Seconds that one is good enough: what a job prints when all is well changes slowly."""


class Baselines:
    """The last successful log of each job of a repository, kept in this process."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, tuple[float, bytes]] = OrderedDict()
        self._one_at_a_time = asyncio.Lock()

    async def of(self, handle: Handle, job: str) -> str:
        """Give the log of the last success of a job; empty when there is none at hand."""
        async with self._one_at_a_time:
            now = handle.road.server.now()
            kept = self._kept.get(job)
            if kept is None or now - kept[0] > _FRESH:
                kept = now, zlib.compress(await _last_success(handle, job))
                self._kept[job] = kept
                while len(self._kept) > _KEPT:
                    self._kept.popitem(last=False)
            self._kept.move_to_end(job)
        return _text(zlib.decompress(kept[1]))


async def failed_logs(
    handle: Handle, failed: Sequence[CheckRun], baselines: Baselines
) -> tuple[FailedCheck, ...]:
    """Fetch the log of each failed check with its baseline, in the order given."""
    return tuple(await asyncio.gather(*(_failed(handle, check, baselines) for check in failed)))


async def _failed(handle: Handle, check: CheckRun, baselines: Baselines) -> FailedCheck:
    log = _text(await _log(handle, check))
    baseline = await baselines.of(handle, check.name) if log and check.app == ACTIONS else ""
    return FailedCheck(check, log, baseline)


async def _log(handle: Handle, check: CheckRun) -> bytes:
    if check.app == ACTIONS:
        raw = await _job_log(handle, check.id) or await _run_log(handle, check)
        if raw is not None:
            return raw
    # another App's, or a log that GitHub keeps no more
    return (await checks.output_text(handle, check)).encode("utf-8", "replace")


async def _job_log(handle: Handle, job: int) -> bytes | None:
    path = handle.path("actions/jobs", job, "logs")
    raw = await handle.road.download(path, limit=_LIMIT)
    return log_of(raw, limit=_LIMIT) if raw and is_archive(raw) else raw


async def _run_log(handle: Handle, check: CheckRun) -> bytes | None:
    """Look for a job's log in the archive of its whole run."""
    answer = await handle.road.exchange("GET", handle.path("actions/jobs", check.id))
    run = maybe_number(answer.data, "run_id") if answer.fine else None
    if run is None:
        return None
    path = handle.path("actions/runs", run, "logs")
    raw = await handle.road.download(path, limit=_LARGEST_ARCHIVE)
    return log_of(raw, check.name, limit=_LIMIT) if raw and is_archive(raw) else None


async def _last_success(handle: Handle, job: str) -> bytes:
    """Find and fetch the newest successful log of a job on the default branch."""
    try:
        number = await _succeeded(handle, job)
        return (number and await _job_log(handle, number)) or b""
    except TryLater:
        return b""


async def _succeeded(handle: Handle, job: str) -> int | None:
    branch = handle.watched.default_branch
    path = handle.path("actions/runs", branch=branch, status="success", per_page=_RUNS)
    answer = await handle.road.exchange("GET", path)
    runs = items(answer.data, "workflow_runs") if answer.fine else ()
    for run in list(runs)[:_RUNS]:
        if (number := maybe_number(run, "id")) is None:
            continue
        listed = await handle.road.exchange(
            "GET", handle.path("actions/runs", number, "jobs", per_page=100)
        )
        for one in items(listed.data, "jobs") if listed.fine else ():
            if at(one, "name") == job and at(one, "conclusion") == "success":
                return maybe_number(one, "id")
    return None


def _text(raw: bytes) -> str:
    kept = raw[-_LIMIT:]
    if len(kept) == _LIMIT:
        kept = kept.partition(b"\n")[2]  # its first line is a piece
    return kept.decode("utf-8", "replace")
