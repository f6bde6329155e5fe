"""The logs of failed checks: GitHub Actions' own, or what another App's check run shows."""

import asyncio
from collections.abc import Sequence

from octobot.github import checks
from octobot.github.handle import Handle
from octobot.model.pull_request import CheckRun, FailedCheck

ACTIONS = 15368
"""The App id of GitHub Actions, whose check runs are jobs with the same id."""
_LIMIT = 2 << 20
"""Bytes, from the end: failures come last."""


async def failed_logs(handle: Handle, failed: Sequence[CheckRun]) -> tuple[FailedCheck, ...]:
    """Fetch the log of each failed check, in the order given."""
    logs = await asyncio.gather(*(_log(handle, check) for check in failed))
    return tuple(FailedCheck(check, log) for check, log in zip(failed, logs, strict=True))


async def _log(handle: Handle, check: CheckRun) -> str:
    raw = None
    if check.app == ACTIONS:
        path = handle.path("actions/jobs", check.id, "logs")
        raw = await handle.road.download(path, limit=_LIMIT)
    if raw is None:  # another App's, or a log that GitHub keeps no more
        raw = (await checks.output_text(handle, check)).encode("utf-8", "replace")
    kept = raw[-_LIMIT:]
    if len(kept) == _LIMIT:
        kept = kept.partition(b"\n")[2]  # its first line is a piece
    return kept.decode("utf-8", "replace")
