"""Check runs and statuses as they are created and changed, with their deliveries."""

from dataclasses import replace

from octobot.sandbox.changes.announce import run_changed, status_changed, suite_changed
from octobot.sandbox.changes.refs import announce_head, suite_for
from octobot.sandbox.state.hub import Hub
from octobot.sandbox.state.nouns import (
    Account,
    CheckRunState,
    CheckSuite,
    RepositoryState,
    Status,
)
from octobot.sandbox.views.checks import latest, outcome, runs_of

_FAILED = ("failure", "cancelled", "timed_out", "startup_failure")


def create_run(hub: Hub, repo: RepositoryState, run: CheckRunState) -> CheckRunState:
    """Store a new check run and send events; without a suite it gets its App's newest one."""
    suite = run.suite or suite_for(hub, repo, run.app, run.head_sha)[0].id
    run = hub.state.check_runs.put(replace(run, suite=suite))
    run_changed(hub, repo, run, "created")
    if run.status == "completed":
        _completed(hub, repo, run)
    return run


def change_run(hub: Hub, repo: RepositoryState, run: CheckRunState) -> CheckRunState:
    """Store a changed check run, and send events when it is completed."""
    before = hub.state.check_runs[run.id]
    hub.state.check_runs.put(run)
    if run.status == "completed" and before != run:
        _completed(hub, repo, run)
    return run


def _completed(hub: Hub, repo: RepositoryState, run: CheckRunState) -> None:
    run_changed(hub, repo, run, "completed")
    suite = hub.state.check_suites.put(
        replace(hub.state.check_suites[run.suite], updated_at=hub.state.now())
    )
    if outcome(latest(runs_of(hub, suite)))[0] == "completed":
        bot = hub.state.who(hub.state.apps[run.app].bot)
        hub.outbox.spawn(suite_changed(hub, repo, suite, "completed", bot))


def rerequest(hub: Hub, repo: RepositoryState, run: CheckRunState) -> None:
    """Ask the App of a check run to run it again; the CI is called with the head."""
    if run.app == hub.app.id:
        run_changed(hub, repo, run, "rerequested")
    if run.app == hub.state.actions_app:
        for pull, _ in hub.state.open_pulls(repo.id):
            if pull.head_sha == run.head_sha:
                announce_head(hub, pull)


def rerun_failed(hub: Hub, repo: RepositoryState, suite: CheckSuite) -> bool:
    """Put a workflow run's failed jobs back in the queue; False when none failed."""
    failed = [run for run in latest(runs_of(hub, suite)) if run.conclusion in _FAILED]
    for run in failed:
        queued = replace(
            run,
            id=hub.state.next_id(),
            status="queued",
            conclusion=None,
            started_at=hub.state.now(),
            completed_at=None,
            log="",
        )
        create_run(hub, repo, queued)
    if failed:
        rerequest(hub, repo, failed[0])
    return bool(failed)


async def set_status(hub: Hub, repo: RepositoryState, status: Status, by: Account) -> Status:
    """Store a commit status and send an event."""
    hub.state.statuses.put(status)
    await status_changed(hub, repo, status, by)
    return status
