"""Several suites of one App on one commit: each run of a workflow has its own."""

from octobot.sandbox.server import Sandbox
from tests.sandbox.test_checks import REPO, head_of
from tests.sandbox.visitor import DISTRO, Visitor

_ASK = """query($owner: String!, $name: String!, $oid: GitObjectID!) {
  repository(owner: $owner, name: $name) {
    object(oid: $oid) { ... on Commit { checkSuites(first: 10) { nodes {
      databaseId
      app { databaseId }
      workflowRun { event workflow { name databaseId } }
      checkRuns(first: 10) { nodes { name databaseId } }
    } } } }
  }
}"""


async def test_each_suite_keeps_its_newest_run(sandbox: Sandbox, bot: Visitor) -> None:
    """The list of the commit has one run of a name from each suite, and GraphQL its workflow."""
    head = await head_of(bot)
    one, two = (sandbox.open_suite(DISTRO, head, workflow=name) for name in ("ci", "nightly"))
    none = sandbox.open_suite(DISTRO, head, workflow="")
    for suite in (one, one, two, none):
        sandbox.post_check_run(DISTRO, head, "build", conclusion="success", suite=suite)
    listed = (await bot.get(f"{REPO}/commits/{head}/check-runs"))["check_runs"]
    assert sorted(run["check_suite"]["id"] for run in listed) == [one, two, none]
    owner, _, name = DISTRO.partition("/")
    shown = await bot.graphql(_ASK, owner=owner, name=name, oid=head)
    suites = shown["data"]["repository"]["object"]["checkSuites"]["nodes"]
    found = {one["databaseId"]: one["workflowRun"] for one in suites if one["databaseId"]}
    assert found[one]["workflow"]["name"] == "ci"
    assert found[two]["event"] == "pull_request"
    assert found[one]["workflow"]["databaseId"] != found[two]["workflow"]["databaseId"]
    assert found[none] is None


async def test_a_failed_job_runs_again_in_its_own_suite(sandbox: Sandbox, bot: Visitor) -> None:
    """A cancelled job is a failed one; the newer suite has nothing to do with it."""
    head = await head_of(bot)
    old = sandbox.open_suite(DISTRO, head)
    sandbox.post_check_run(DISTRO, head, "build", conclusion="cancelled", suite=old)
    new = sandbox.open_suite(DISTRO, head)
    sandbox.post_check_run(DISTRO, head, "build", conclusion="success", suite=new)
    answer = await bot.send("POST", f"{REPO}/actions/runs/{old}/rerun-failed-jobs")
    assert answer.status == 201
    runs = sandbox.check_runs(DISTRO, head)
    assert [(run.suite, run.status) for run in runs] == [
        (old, "completed"),
        (new, "completed"),
        (old, "queued"),
    ]
