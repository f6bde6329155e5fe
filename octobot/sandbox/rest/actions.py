"""REST: the CI's workflow runs, jobs and logs."""

from functools import partial

from octobot.sandbox.changes.checks import rerun_failed
from octobot.sandbox.http.call import Answer, Call, Page, Refusal, missing
from octobot.sandbox.http.fields import Json
from octobot.sandbox.rest.checks import find_run, find_suite
from octobot.sandbox.rest.route import listed, route
from octobot.sandbox.state.hub import Hub
from octobot.sandbox.state.nouns import CheckRunState, CheckSuite
from octobot.sandbox.views import checks as views_checks
from octobot.sandbox.views.checks import latest, outcome, runs_of

_CREATED = 201


async def _workflow_run(hub: Hub, call: Call, suite: CheckSuite) -> Json:
    head = await hub.git(call.repo).commit_of(suite.head_sha)
    if head is None or suite.app != hub.state.actions_app:
        raise missing()
    return views_checks.workflow_run(hub, call.repo, suite, head)


def _branch(call: Call, suite: CheckSuite) -> str:
    """Return the branch of a run: the base, when the commit is in no pull request."""
    return suite.head_branch or call.repo.default_branch


async def list_workflow_runs(hub: Hub, call: Call) -> Answer:
    """List the CI's runs, newest first."""
    query = call.query
    found = [
        one
        for one in reversed(hub.state.check_suites.of(call.repo.id))
        if one.app == hub.state.actions_app
        and query.get("head_sha", one.head_sha) == one.head_sha
        and query.get("branch", _branch(call, one)) == _branch(call, one)
        and query.get("status") in (None, *outcome(latest(runs_of(hub, one))))
    ]
    page = Page.of(call, len(found))
    shown = [await _workflow_run(hub, call, one) for one in page.cut(found)]
    body = {"total_count": len(found), "workflow_runs": shown}
    return Answer(body, headers=page.links(hub.api, call))


async def get_workflow_run(hub: Hub, call: Call) -> Answer:
    """Show one of the CI's runs."""
    return Answer(await _workflow_run(hub, call, find_suite(hub, call, "run_id")))


async def list_jobs(hub: Hub, call: Call) -> Answer:
    """List the jobs of a run."""
    runs = runs_of(hub, find_suite(hub, call, "run_id"))
    found = latest(runs) if call.query.get("filter") != "all" else runs
    return listed(hub, call, found, partial(views_checks.job, hub, call.repo), under="jobs")


def _job(hub: Hub, call: Call) -> CheckRunState:
    found = find_run(hub, call, "job_id")
    if found.app != hub.state.actions_app:
        raise missing()
    return found


async def get_job(hub: Hub, call: Call) -> Answer:
    """Show a job."""
    return Answer(views_checks.job(hub, call.repo, _job(hub, call)))


async def job_log(hub: Hub, call: Call) -> Answer:
    """Redirect to the log, at an address that needs no credential."""
    found = _job(hub, call)
    if found.status != "completed":
        raise missing()
    return Answer(status=302, headers={"Location": hub.signed(f"/logs/{found.id}.txt")})


async def run_logs(hub: Hub, call: Call) -> Answer:
    """Redirect to the archive of a run's logs, at an address that needs no credential."""
    suite = find_suite(hub, call, "run_id")
    return Answer(status=302, headers={"Location": hub.signed(f"/logs/{suite.id}.zip")})


async def rerun(hub: Hub, call: Call) -> Answer:
    """Run a run's failed jobs again."""
    suite = find_suite(hub, call, "run_id")
    if outcome(latest(runs_of(hub, suite)))[0] != "completed":
        raise Refusal(403, "This workflow is already running")
    if not rerun_failed(hub, call.repo, suite):
        raise Refusal(403, "This workflow run cannot be retried")
    return Answer({}, _CREATED)


_ACTIONS = "/repos/{owner}/{repo}/actions"
ROUTES = (
    route(f"GET {_ACTIONS}/runs", list_workflow_runs, "actions:read"),
    route(f"GET {_ACTIONS}/runs/{{run_id}}", get_workflow_run, "actions:read"),
    route(f"GET {_ACTIONS}/runs/{{run_id}}/jobs", list_jobs, "actions:read"),
    route(f"GET {_ACTIONS}/runs/{{run_id}}/logs", run_logs, "actions:read"),
    route(f"POST {_ACTIONS}/runs/{{run_id}}/rerun-failed-jobs", rerun, "actions:write"),
    route(f"GET {_ACTIONS}/jobs/{{job_id}}", get_job, "actions:read"),
    route(f"GET {_ACTIONS}/jobs/{{job_id}}/logs", job_log, "actions:read"),
)
