"""REST: check runs and suites, commit statuses, the CI's runs, jobs and logs."""

from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import cast, get_args

from octobot.model.ids import Sha
from octobot.model.pull_request import Conclusion
from octobot.sandbox.changes.checks import change_run, create_run, rerequest, set_status
from octobot.sandbox.http.call import Answer, Call, Page, Refusal, invalid, missing
from octobot.sandbox.http.fields import Fields, Json
from octobot.sandbox.rest.route import listed, route
from octobot.sandbox.state.hub import Hub
from octobot.sandbox.state.nouns import (
    CheckRunState,
    CheckStatus,
    CheckSuite,
    Output,
    Status,
    StatusState,
)
from octobot.sandbox.views import checks as views_checks
from octobot.sandbox.views import views

_CREATED = 201


def find_run(hub: Hub, call: Call, name: str = "check_run_id") -> CheckRunState:
    """Return the check run that a call names; 404 when it does not exist."""
    found = hub.state.check_runs.get(call.number(name))
    if found is None or found.repo != call.repo.id:
        raise missing()
    return found


def find_suite(hub: Hub, call: Call, name: str = "check_suite_id") -> CheckSuite:
    """Return the check suite that a call names; 404 when it does not exist."""
    found = hub.state.check_suites.get(call.number(name))
    if found is None or found.repo != call.repo.id:
        raise missing()
    return found


async def _sha(hub: Hub, call: Call, name: str = "ref") -> Sha:
    found = await hub.git(call.repo).resolve(call.parameters[name])
    if found is None:
        raise Refusal(422, f"No commit found for SHA: {call.parameters[name]}")
    return found


def _time(fields: Fields, name: str) -> datetime | None:
    return datetime.fromisoformat(fields.text(name)) if fields.has(name) else None


def _status_and_conclusion(
    fields: Fields, run: CheckRunState
) -> tuple[CheckStatus, Conclusion | None]:
    """Return the two as a body sets them: a conclusion completes the run."""
    status = fields.text("status", run.status)
    conclusion = fields.maybe("conclusion") or (run.conclusion if status == "completed" else None)
    if conclusion is not None:
        status = "completed"
    if status not in get_args(CheckStatus):
        raise invalid("CheckRun", "status", "invalid")
    if status == "completed" and conclusion not in get_args(Conclusion):
        raise invalid("CheckRun", "conclusion", "missing_field" if not conclusion else "invalid")
    return cast("CheckStatus", status), cast("Conclusion | None", conclusion)


def _output(fields: Fields, before: Output) -> Output:
    if not fields.has("output"):
        return before
    new = fields.inner("output")
    return Output(new.maybe("title") or before.title, new.text("summary"), new.maybe("text"))


def _updated(hub: Hub, fields: Fields, run: CheckRunState) -> CheckRunState:
    """Return a check run with the changes that a body asks for."""
    status, conclusion = _status_and_conclusion(fields, run)
    ended = _time(fields, "completed_at") or run.completed_at or hub.state.now()
    return replace(
        run,
        name=fields.text("name", run.name),
        status=status,
        conclusion=conclusion,
        started_at=_time(fields, "started_at") or run.started_at,
        completed_at=ended if status == "completed" else None,
        output=_output(fields, run.output),
        details_url=fields.maybe("details_url") or run.details_url,
        external_id=fields.text("external_id", run.external_id),
    )


async def post_run(hub: Hub, call: Call) -> Answer:
    """Create a check run; only an App can."""
    if call.actor.app is None:
        raise Refusal(403, "You must authenticate via a GitHub App.")
    fields = call.fields
    sha = await hub.git(call.repo).resolve(fields.text("head_sha"))
    if sha is None:
        raise Refusal(422, f"No commit found for SHA: {fields.text('head_sha')}")
    blank = CheckRunState(
        id=hub.state.next_id(),
        repo=call.repo.id,
        suite=0,
        app=call.actor.app,
        name=fields.text("name"),
        head_sha=sha,
        status="queued",
        conclusion=None,
        started_at=hub.state.now(),
    )
    made = create_run(hub, call.repo, _updated(hub, fields, blank))
    return Answer(views_checks.check_run(hub, call.repo, made), _CREATED)


async def patch_run(hub: Hub, call: Call) -> Answer:
    """Change a check run; only its own App can."""
    run = find_run(hub, call)
    if call.actor.app != run.app:
        raise Refusal(403, "Invalid app_id `for` check run.")
    changed = change_run(hub, call.repo, _updated(hub, call.fields, run))
    return Answer(views_checks.check_run(hub, call.repo, changed))


async def get_run(hub: Hub, call: Call) -> Answer:
    """Show a check run."""
    return Answer(views_checks.check_run(hub, call.repo, find_run(hub, call)))


async def rerequest_run(hub: Hub, call: Call) -> Answer:
    """Ask for a check run to be run again; an App only for its own."""
    run = find_run(hub, call)
    if call.actor.app != run.app and not hub.state.live.foreign_reruns:
        says = (
            "This check run is not rerequestable or doesn't belong to the authenticated GitHub App"
        )
        raise Refusal(403, says)
    rerequest(hub, call.repo, run)
    return Answer({}, _CREATED)


def _runs(hub: Hub, call: Call, runs: tuple[CheckRunState, ...]) -> Answer:
    query = call.query
    if query.get("filter", "latest") == "latest":
        runs = views_checks.latest(runs)
    found = [
        run
        for run in reversed(runs)
        if query.get("check_name", run.name) == run.name
        and query.get("status", run.status) == run.status
        and query.get("app_id", str(run.app)) == str(run.app)
    ]
    return listed(
        hub, call, found, partial(views_checks.check_run, hub, call.repo), under="check_runs"
    )


async def runs_for_ref(hub: Hub, call: Call) -> Answer:
    """List the check runs on a commit, newest first."""
    return _runs(hub, call, hub.state.runs_on(call.repo.id, await _sha(hub, call)))


async def runs_for_suite(hub: Hub, call: Call) -> Answer:
    """List a suite's check runs."""
    return _runs(hub, call, views_checks.runs_of(hub, find_suite(hub, call)))


async def _suite_json(hub: Hub, call: Call, suite: CheckSuite) -> Json:
    head = await hub.git(call.repo).commit_of(suite.head_sha)
    if head is None:
        raise missing()
    return views_checks.check_suite(hub, call.repo, suite, head)


async def get_suite(hub: Hub, call: Call) -> Answer:
    """Show a check suite."""
    return Answer(await _suite_json(hub, call, find_suite(hub, call)))


async def suites_for_ref(hub: Hub, call: Call) -> Answer:
    """List the check suites of a commit."""
    sha, wanted = await _sha(hub, call), call.query.get("app_id")
    found = [
        one
        for one in hub.state.check_suites.of(call.repo.id)
        if one.head_sha == sha and wanted in (None, str(one.app))
    ]
    page = Page.of(call, len(found))
    shown = [await _suite_json(hub, call, one) for one in page.cut(found)]
    body = {"total_count": len(found), "check_suites": shown}
    return Answer(body, headers=page.links(hub.api, call))


async def post_status(hub: Hub, call: Call) -> Answer:
    """Set a commit status."""
    fields, sha = call.fields, await _sha(hub, call, "sha")
    state = fields.text("state")
    if state not in get_args(StatusState):
        raise invalid("Status", "state", "invalid")
    status = Status(
        id=hub.state.next_id(),
        repo=call.repo.id,
        sha=sha,
        context=fields.text("context", "default"),
        state=cast("StatusState", state),
        description=fields.maybe("description"),
        target_url=fields.maybe("target_url"),
        creator=call.actor.id,
        created_at=hub.state.now(),
    )
    await set_status(hub, call.repo, status, hub.state.who(call.actor.id))
    return Answer(views_checks.status(hub, call.repo, status), _CREATED)


async def list_statuses(hub: Hub, call: Call) -> Answer:
    """List every status of a commit, newest first."""
    sha = await _sha(hub, call)
    found = [one for one in hub.state.statuses.of(call.repo.id) if one.sha == sha][::-1]
    return listed(hub, call, found, partial(views_checks.status, hub, call.repo))


async def combined_status(hub: Hub, call: Call) -> Answer:
    """Show the latest status of each context, and the worst of them."""
    sha = await _sha(hub, call)
    found = hub.state.statuses_on(call.repo.id, sha)
    states = {one.state for one in found}
    bad = states & {"failure", "error"}
    page = Page.of(call, len(found))
    shown = [views_checks.status(hub, call.repo, one) for one in page.cut(found)]
    for one in shown:
        one.pop("creator")
    url = f"{hub.repo_url(call.repo)}/commits/{sha}"
    body = {
        "state": "failure" if bad else "success" if states == {"success"} else "pending",
        "statuses": shown,
        "sha": sha,
        "total_count": len(found),
        "repository": views.repository(hub, call.repo),
        "commit_url": url,
        "url": f"{url}/status",
    }
    return Answer(body, headers=page.links(hub.api, call))


_REPO = "/repos/{owner}/{repo}"
_RUN = f"{_REPO}/check-runs/{{check_run_id}}"
ROUTES = (
    route(f"POST {_REPO}/check-runs", post_run, "checks:write"),
    route(f"GET {_RUN}", get_run, "checks:read"),
    route(f"PATCH {_RUN}", patch_run, "checks:write"),
    route(f"POST {_RUN}/rerequest", rerequest_run, "checks:write"),
    route(f"GET {_REPO}/commits/{{ref}}/check-runs", runs_for_ref, "checks:read"),
    route(f"GET {_REPO}/check-suites/{{check_suite_id}}", get_suite, "checks:read"),
    route(f"GET {_REPO}/check-suites/{{check_suite_id}}/check-runs", runs_for_suite, "checks:read"),
    route(f"GET {_REPO}/commits/{{ref}}/check-suites", suites_for_ref, "checks:read"),
    route(f"POST {_REPO}/statuses/{{sha}}", post_status, "statuses:write"),
    route(f"GET {_REPO}/commits/{{ref}}/statuses", list_statuses, "statuses:read"),
    route(f"GET {_REPO}/commits/{{ref}}/status", combined_status, "statuses:read"),
)
