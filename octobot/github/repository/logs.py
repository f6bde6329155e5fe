"""The logs of failed checks: GitHub Actions' own, or what another App's check run shows.

With a failed job's log the last successful one of the same job on the default branch is fetched:
what both print is not the cause.  That one is optional, so it costs few requests, is cached for
some hours, and its absence is never an error.
"""

import asyncio
import zlib
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field

from octobot.github.repository.checks import Checks
from octobot.github.repository.log_archives import is_archive, log_of
from octobot.github.transport.download import download
from octobot.github.transport.json_fields import at, items, maybe_number
from octobot.github.transport.session import Handle
from octobot.model.errors import TryLater
from octobot.model.pull_request import CheckRun, FailedCheck

_LIMIT = 2 << 20
"""Bytes, from the end: failures come last."""
_LARGEST_ARCHIVE = 32 << 20
"""Bytes of a run's archive; a larger one is not opened."""
_RUNS = 3
"""Successful runs of the default branch in which a job is searched."""
_CACHED = 12
"""Successful logs cached, compressed: about a tenth of their size."""
_FRESH = 6 * 3600.0
"""Seconds that one is good enough: what a job prints when all is well changes slowly."""


@dataclass(frozen=True, slots=True)
class Logs:
    """The logs of failed checks in one repository."""

    handle: Handle
    checks: Checks

    _cached: OrderedDict[str, tuple[float, bytes]] = field(default_factory=OrderedDict)
    """The last successful log of each job, cached in this process."""
    _one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def failed(self, checks: Sequence[CheckRun]) -> tuple[FailedCheck, ...]:
        """Fetch the log of each failed check with its baseline, in the order given.

        Of each log the last 2 MiB are kept.
        """
        return tuple(await asyncio.gather(*(self._failed(check) for check in checks)))

    async def _failed(self, check: CheckRun) -> FailedCheck:
        log = _text(await self._log(check))
        is_job = bool(log) and check.app == await self.checks.actions()
        baseline = await self._baseline(check.name) if is_job else ""
        return FailedCheck(check, log, baseline)

    async def _baseline(self, job: str) -> str:
        """Return the log of the last success of a job; empty when it is not available."""
        async with self._one_at_a_time:
            now = self.handle.session.server.now()
            cached = self._cached.get(job)
            if cached is None or now - cached[0] > _FRESH:
                cached = now, zlib.compress(await self._last_success(job))
                self._cached[job] = cached
                while len(self._cached) > _CACHED:
                    self._cached.popitem(last=False)
            self._cached.move_to_end(job)
        return _text(zlib.decompress(cached[1]))

    async def _log(self, check: CheckRun) -> bytes:
        if check.app == await self.checks.actions():
            raw = await self._job_log(check.id) or await self._run_log(check)
            if raw is not None:
                return raw
        # another App's, or a log that GitHub has deleted
        return (await self.checks.output_text(check)).encode("utf-8", "replace")

    async def _job_log(self, job: int) -> bytes | None:
        path = self.handle.path("actions/jobs", job, "logs")
        raw = await download(self.handle.session, path, limit=_LIMIT)
        return log_of(raw, limit=_LIMIT) if raw and is_archive(raw) else raw

    async def _run_log(self, check: CheckRun) -> bytes | None:
        """Look for a job's log in the archive of its whole run."""
        answer = await self.handle.session.exchange(
            "GET", self.handle.path("actions/jobs", check.id)
        )
        run = maybe_number(answer.data, "run_id") if answer.fine else None
        if run is None:
            return None
        path = self.handle.path("actions/runs", run, "logs")
        raw = await download(self.handle.session, path, limit=_LARGEST_ARCHIVE)
        return log_of(raw, check.name, limit=_LIMIT) if raw and is_archive(raw) else None

    async def _last_success(self, job: str) -> bytes:
        """Find and fetch the newest successful log of a job on the default branch."""
        try:
            number = await self._succeeded(job)
            return (number and await self._job_log(number)) or b""
        except TryLater:
            return b""

    async def _succeeded(self, job: str) -> int | None:
        branch = self.handle.watched.default_branch
        path = self.handle.path("actions/runs", branch=branch, status="success", per_page=_RUNS)
        answer = await self.handle.session.exchange("GET", path)
        runs = items(answer.data, "workflow_runs") if answer.fine else ()
        for run in list(runs)[:_RUNS]:
            if (number := maybe_number(run, "id")) is None:
                continue
            listed = await self.handle.session.exchange(
                "GET", self.handle.path("actions/runs", number, "jobs", per_page=100)
            )
            for one in items(listed.data, "jobs") if listed.fine else ():
                if at(one, "name") == job and at(one, "conclusion") == "success":
                    return maybe_number(one, "id")
        return None


def _text(raw: bytes) -> str:
    end = raw[-_LIMIT:]
    if len(end) == _LIMIT:
        end = end.partition(b"\n")[2]  # its first line is incomplete
    return end.decode("utf-8", "replace")
