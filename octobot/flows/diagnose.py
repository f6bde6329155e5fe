"""A required check failed: say on the pull request what broke."""

import asyncio

from octobot.flows.seams import World
from octobot.messages import failure
from octobot.model.verdict import Snapshot, Verdict

BAD = frozenset({"failure", "timed_out", "cancelled", "startup_failure", "action_required"})


async def diagnose(world: World, snapshot: Snapshot, verdict: Verdict) -> None:
    """Fetch the failed checks' logs, cut them to what matters, and put it in one comment."""
    failed = [
        check
        for check in snapshot.state.checks
        if check.app != world.app and check.conclusion in BAD
    ]
    logs = await world.github.failed_logs(failed)
    # Masking and cutting 2 MiB takes seconds; the other lanes go on meanwhile.
    diagnoses = [await asyncio.to_thread(world.triage.diagnose, each) for each in logs]
    body = failure.comment(diagnoses, verdict)
    await world.github.comment(snapshot.state.pull.number, tag="failure", body=body)
