import pytest

from octobot.model.errors import Misconfigured, TryLater
from octobot.model.pull_request import CheckRun, Rerun
from octobot.sandbox.http.call import Answer
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
    assert await os.github.checks.rerun_failed(rerun) is None
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


async def test_another_apps_check_is_left_to_its_app(os: Distro) -> None:
    """GitHub refuses that by design, so nothing is asked; nor for a job that it does not know."""
    pull = await os.propose()
    os.sandbox.post_check_run(NAME, pull.head, "scan", app_id=99, conclusion="failure")
    (check,) = (await os.github.snapshots.state(pull.number)).checks
    gone = CheckRun(424242, "build", 15368, "completed", "failure")
    os.sandbox.log.clear()
    assert await os.github.checks.rerunnable([gone, check]) == ()
    assert [each for each in os.sandbox.log.writes() if "access_tokens" not in each.path] == []


@pytest.mark.parametrize(
    "words", ["This workflow run cannot be retried", "This workflow is already running"]
)
async def test_a_403_of_a_workflow_run_is_no_lack_of_a_permission(os: Distro, words: str) -> None:
    """GitHub's words are returned, whatever they are."""
    (rerun,) = await os.github.checks.rerunnable(await checks_of(os, build="failure"))
    answer = Answer({"message": words}, 403, broken=True)
    os.sandbox.faults().strike("403", lambda call: "rerun" in call.path, answer=answer)
    assert await os.github.checks.rerun_failed(rerun) == words


@pytest.mark.parametrize("words", ["Resource not accessible by integration", ""])
async def test_a_missing_permission_is_reported_as_such(os: Distro, words: str) -> None:
    """The operator must grant it; so it is with a 403 that says nothing."""
    (rerun,) = await os.github.checks.rerunnable(await checks_of(os, build="failure"))
    answer = Answer({"message": words}, 403, broken=True)
    os.sandbox.faults().strike("403", lambda call: "rerun" in call.path, answer=answer, times=99)
    with pytest.raises(TryLater, match="does not know a new token yet"):
        await os.github.checks.rerun_failed(rerun)
    os.ticker.seconds += 60
    with pytest.raises(Misconfigured):
        await os.github.checks.rerun_failed(rerun)


async def test_a_run_that_is_gone_is_reported(os: Distro) -> None:
    """It is not run again, and nobody stops for that."""
    checks = await checks_of(os, build="failure")
    assert await os.github.checks.rerun_failed(Rerun(checks, 424242)) == "Not Found"
