from octobot.model.pull_request import CheckRun, Rerun
from tests.github.distro import NAME, Distro


async def checks_of(os: Distro, **conclusions: str) -> tuple[CheckRun, ...]:
    """Propose a bump with jobs of these conclusions, and read them."""
    pull = await os.propose()
    for name, conclusion in conclusions.items():
        running = conclusion == "running"
        os.sandbox.post_check_run(
            NAME,
            pull.head,
            name,
            status="in_progress" if running else "completed",
            conclusion=None if running else "failure" if conclusion == "failure" else "success",
        )
    return (await os.github.snapshots.state(pull.number)).checks


async def test_failed_jobs_of_a_run_are_run_again_together(os: Distro) -> None:
    """One order for the run: its failed jobs are queued again, the others stay."""
    checks = await checks_of(os, build="failure", check="failure", lint="success")
    failed = [check for check in checks if check.conclusion == "failure"]
    (rerun,) = await os.github.checks.rerunnable(failed)
    assert rerun.ready
    assert {check.name for check in rerun.checks} == {"build", "check"}
    assert await os.github.checks.rerun_failed(rerun)
    pull = (await os.github.pulls.list_open())[0]
    after = {
        check.name: check.status for check in (await os.github.snapshots.state(pull.number)).checks
    }
    assert after == {"build": "queued", "check": "queued", "lint": "completed"}


async def test_a_run_that_is_at_work_waits(os: Distro) -> None:
    """GitHub runs nothing of it again before its end, so it is not even asked."""
    checks = await checks_of(os, build="failure", slow="running")
    (rerun,) = await os.github.checks.rerunnable([c for c in checks if c.conclusion == "failure"])
    assert not rerun.ready


async def test_another_apps_check_is_asked_of_its_app(os: Distro) -> None:
    """Through `rerequest`; a job that GitHub does not know any more is left out."""
    pull = await os.propose()
    os.sandbox.post_check_run(NAME, pull.head, "scan", app_id=99, conclusion="failure")
    (check,) = (await os.github.snapshots.state(pull.number)).checks
    gone = CheckRun(424242, "build", 15368, "completed", "failure")
    assert await os.github.checks.rerunnable([gone, check]) == (Rerun((check,), None),)
    os.sandbox.log.clear()
    assert await os.github.checks.rerun_failed(Rerun((check,), None))
    (posted,) = (each for each in os.sandbox.log.writes() if "access_tokens" not in each.path)
    assert posted.path.endswith(f"/check-runs/{check.id}/rerequest")


async def test_a_refusal_is_reported(os: Distro) -> None:
    """A check that is gone is not run again, and nobody stops for that."""
    gone = CheckRun(424242, "scan", 99, "completed", "failure")
    assert not await os.github.checks.rerun_failed(Rerun((gone,), None))
