from octobot.model.ids import Sha
from octobot.model.pull_request import CheckRun, FailedCheck
from octobot.sandbox.http.call import Answer
from octobot.sandbox.state.nouns import CI_APP
from tests.github.distro import NAME, Distro

FINE, BROKEN = "all is well\n", "a.c:1:1: error: no\n"


async def failed_on_pull(os: Distro, log: str = BROKEN) -> CheckRun:
    """Propose a bump whose job `build` fails, and read its check run."""
    pull = await os.propose()
    os.sandbox.post_check_run(NAME, pull.head, "build", conclusion="failure", log=log)
    return (await os.github.snapshots.state(pull.number)).checks[0]


async def default_head(os: Distro) -> Sha:
    """Return the default branch's head."""
    return (await os.github.trees.outline()).commit


async def test_the_last_success_comes_with_a_failure(os: Distro) -> None:
    """Of the same job on the default branch, not of another one, nor a failed one."""
    head = await default_head(os)
    post = os.sandbox.post_check_run
    post(NAME, head, "lint", conclusion="success", log="something else\n")
    post(NAME, head, "build", conclusion="success", log=FINE)
    (failed,) = await os.github.logs.failed([await failed_on_pull(os)])
    assert (failed.log, failed.baseline) == (BROKEN, FINE)


async def test_a_job_that_never_succeeded_has_no_baseline(os: Distro) -> None:
    """Neither a failure on the default branch nor a success elsewhere is one."""
    head = await default_head(os)
    os.sandbox.post_check_run(NAME, head, "build", conclusion="failure", log="also broken\n")
    check = await failed_on_pull(os)
    assert await os.github.logs.failed([check]) == (FailedCheck(check, BROKEN),)


async def test_the_baseline_is_asked_for_once(os: Distro) -> None:
    """Many failures of a job in a day cost one look for its last success, and few requests."""
    head = await default_head(os)
    os.sandbox.post_check_run(NAME, head, "build", conclusion="success", log=FINE)
    check = await failed_on_pull(os)
    os.sandbox.log.clear()
    first = await os.github.logs.failed([check, check])
    assert [each.baseline for each in first] == [FINE, FINE]
    asked = [each.path for each in os.sandbox.log]
    assert sum("/actions/runs" in path for path in asked) <= 4
    os.sandbox.log.clear()
    again = await os.github.logs.failed([check])
    assert again[0].baseline == FINE
    assert not any("/actions/runs" in each.path for each in os.sandbox.log)


async def test_a_log_that_is_gone_is_taken_from_its_runs_archive(os: Distro) -> None:
    """A job's own log answers 404 while it is put away; the archive of the run has it."""
    check = await failed_on_pull(os)
    lost = CheckRun(check.id, check.name, CI_APP, "completed", "failure")
    gone = Answer({"message": "Not Found"}, 404)
    os.sandbox.faults().strike("gone", lambda call: call.path.endswith("/logs"), answer=gone)
    (failed,) = await os.github.logs.failed([lost])
    assert failed.log == BROKEN
