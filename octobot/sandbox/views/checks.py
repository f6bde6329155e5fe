"""How check runs, check suites, statuses and the CI's runs and jobs look in GitHub's JSON."""

from zlib import crc32

from octobot.model.ids import Sha
from octobot.sandbox.git.objects import Commit
from octobot.sandbox.http.fields import Json
from octobot.sandbox.state.hub import Hub
from octobot.sandbox.state.nouns import (
    CheckRunState,
    CheckSuite,
    Pull,
    RepositoryState,
    Status,
)
from octobot.sandbox.views.git import simple_commit
from octobot.sandbox.views.views import account, app, node_id, repository, when

_WORST = (
    "startup_failure",
    "failure",
    "timed_out",
    "cancelled",
    "action_required",
    "stale",
    "success",
    "neutral",
    "skipped",
)


def latest(runs: tuple[CheckRunState, ...]) -> tuple[CheckRunState, ...]:
    """Return the newest run of each name in each suite."""
    return tuple({(run.name, run.suite): run for run in runs}.values())


def outcome(runs: tuple[CheckRunState, ...]) -> tuple[str, str | None]:
    """Return a suite's status and conclusion, which follow from its runs."""
    if not runs:
        return "queued", None
    if any(run.status != "completed" for run in runs):
        started = any(run.status != "queued" for run in runs)
        return ("in_progress" if started else "queued"), None
    conclusions = {run.conclusion for run in runs}
    return "completed", next((word for word in _WORST if word in conclusions), "neutral")


def pulls_at(hub: Hub, repo: RepositoryState, sha: Sha) -> list[Json]:
    """Show the open pull requests of a head commit, as checks do."""
    return [
        minimal_pull(hub, repo, pull)
        for pull, _ in hub.state.open_pulls(repo.id)
        if pull.head_sha == sha
    ]


def minimal_pull(hub: Hub, repo: RepositoryState, pull: Pull) -> Json:
    """Show a pull request in five lines."""
    head = hub.state.repositories[pull.head_repo]
    return {
        "url": f"{hub.repo_url(repo)}/pulls/{pull.number}",
        "id": pull.id,
        "number": pull.number,
        "head": {"ref": pull.head_ref, "sha": pull.head_sha, "repo": _tiny(hub, head)},
        "base": {"ref": pull.base_ref, "sha": pull.base_sha, "repo": _tiny(hub, repo)},
    }


def _tiny(hub: Hub, repo: RepositoryState) -> Json:
    return {"id": repo.id, "url": hub.repo_url(repo), "name": repo.name}


def run_html(hub: Hub, repo: RepositoryState, one: CheckRunState) -> str:
    """Return the page of a check run; for the CI's runs, the page of the job."""
    html = hub.html_url(repo)
    if one.app == hub.state.actions_app:
        return f"{html}/actions/runs/{one.suite}/job/{one.id}"
    return f"{html}/runs/{one.id}"


def check_run(hub: Hub, repo: RepositoryState, one: CheckRunState) -> Json:
    """Show a check run."""
    url, html = f"{hub.repo_url(repo)}/check-runs/{one.id}", run_html(hub, repo, one)
    return {
        "id": one.id,
        "name": one.name,
        "node_id": node_id("CR", one.id),
        "head_sha": one.head_sha,
        "external_id": one.external_id,
        "url": url,
        "html_url": html,
        "details_url": one.details_url or html,
        "status": one.status,
        "conclusion": one.conclusion,
        "started_at": when(one.started_at),
        "completed_at": when(one.completed_at),
        "output": {
            "title": one.output.title,
            "summary": one.output.summary,
            "text": one.output.text,
            "annotations_count": 0,
            "annotations_url": f"{url}/annotations",
        },
        "check_suite": {"id": one.suite},
        "app": app(hub, hub.state.apps[one.app]),
        "pull_requests": pulls_at(hub, repo, one.head_sha),
    }


def delivered_check_run(hub: Hub, repo: RepositoryState, one: CheckRunState) -> Json:
    """Show a check run as deliveries do: with its suite."""
    suite = hub.state.check_suites[one.suite]
    brief = suite_brief(hub, repo, suite)
    shown = check_run(hub, repo, one)
    shown["check_suite"] = {
        **brief,
        "app": shown["app"],
        "pull_requests": shown["pull_requests"],
    }
    return shown


def runs_of(hub: Hub, suite: CheckSuite) -> tuple[CheckRunState, ...]:
    """Return a suite's check runs, oldest first."""
    return tuple(r for r in hub.state.runs_on(suite.repo, suite.head_sha) if r.suite == suite.id)


def suite_brief(hub: Hub, repo: RepositoryState, suite: CheckSuite) -> Json:
    """Show a check suite without its commit."""
    status, conclusion = outcome(latest(runs_of(hub, suite)))
    return {
        "id": suite.id,
        "node_id": node_id("CS", suite.id),
        "head_branch": suite.head_branch,
        "head_sha": suite.head_sha,
        "status": status,
        "conclusion": conclusion,
        "url": f"{hub.repo_url(repo)}/check-suites/{suite.id}",
        "before": suite.before,
        "after": suite.head_sha,
        "created_at": when(suite.created_at),
        "updated_at": when(suite.updated_at),
    }


def check_suite(hub: Hub, repo: RepositoryState, suite: CheckSuite, head: Commit) -> Json:
    """Show a check suite."""
    shown = suite_brief(hub, repo, suite)
    return {
        **shown,
        "app": app(hub, hub.state.apps[suite.app]),
        "pull_requests": pulls_at(hub, repo, suite.head_sha),
        "head_commit": simple_commit(head),
        "repository": repository(hub, repo),
        "latest_check_runs_count": len(latest(runs_of(hub, suite))),
        "check_runs_url": f"{shown['url']}/check-runs",
    }


def status(hub: Hub, repo: RepositoryState, one: Status) -> Json:
    """Show a commit status."""
    creator = account(hub, hub.state.who(one.creator))
    return {
        "url": f"{hub.repo_url(repo)}/statuses/{one.sha}",
        "avatar_url": creator["avatar_url"],
        "id": one.id,
        "node_id": node_id("SC", one.id),
        "state": one.state,
        "description": one.description,
        "target_url": one.target_url,
        "context": one.context,
        "created_at": when(one.created_at),
        "updated_at": when(one.created_at),
        "creator": creator,
    }


def job(hub: Hub, repo: RepositoryState, one: CheckRunState) -> Json:
    """Show a check run of the CI as a job."""
    url, suite = hub.repo_url(repo), hub.state.check_suites[one.suite]
    return {
        "id": one.id,
        "run_id": one.suite,
        "workflow_name": suite.workflow or None,
        "head_branch": suite.head_branch,
        "run_url": f"{url}/actions/runs/{one.suite}",
        "run_attempt": 1,
        "node_id": node_id("CR", one.id),
        "head_sha": one.head_sha,
        "url": f"{url}/actions/jobs/{one.id}",
        "html_url": run_html(hub, repo, one),
        "status": one.status,
        "conclusion": one.conclusion,
        "created_at": when(one.started_at),
        "started_at": when(one.started_at),
        "completed_at": when(one.completed_at),
        "name": one.name,
        "steps": [],
        "check_run_url": f"{url}/check-runs/{one.id}",
        "labels": ["ubuntu-latest"],
        "runner_id": 1,
        "runner_name": "sandbox",
        "runner_group_id": 1,
        "runner_group_name": "sandbox",
    }


def workflow_id(suite: CheckSuite) -> int:
    """Return the number of a suite's workflow: the same for each of its runs."""
    return suite.repo + crc32(suite.workflow.encode()) % 10_000


def workflow_run(hub: Hub, repo: RepositoryState, suite: CheckSuite, head: Commit) -> Json:
    """Show a check suite of the CI as a workflow run."""
    brief = suite_brief(hub, repo, suite)
    url = f"{hub.repo_url(repo)}/actions/runs/{suite.id}"
    numbers = [s.id for s in hub.state.check_suites.of(repo.id) if s.app == hub.state.actions_app]
    same = {name: brief[name] for name in ("head_branch", "head_sha", "status", "conclusion")}
    return {
        **same,
        "id": suite.id,
        "name": suite.workflow or None,
        "node_id": node_id("WFR", suite.id),
        "check_suite_id": suite.id,
        "check_suite_node_id": node_id("CS", suite.id),
        "path": f".github/workflows/{suite.workflow}.yml",
        "display_title": head.message.partition("\n")[0],
        "run_number": numbers.index(suite.id) + 1,
        "run_attempt": 1,
        "event": suite.event,
        "workflow_id": workflow_id(suite),
        "url": url,
        "html_url": f"{hub.html_url(repo)}/actions/runs/{suite.id}",
        "pull_requests": pulls_at(hub, repo, suite.head_sha),
        "created_at": when(suite.created_at),
        "updated_at": when(suite.updated_at),
        "run_started_at": when(suite.created_at),
        "jobs_url": f"{url}/jobs",
        "logs_url": f"{url}/logs",
        "check_suite_url": brief["url"],
        "artifacts_url": f"{url}/artifacts",
        "cancel_url": f"{url}/cancel",
        "rerun_url": f"{url}/rerun",
        "previous_attempt_url": None,
        "workflow_url": f"{hub.repo_url(repo)}/actions/workflows/{workflow_id(suite)}",
        "head_commit": simple_commit(head),
        "repository": repository(hub, repo),
        "head_repository": repository(hub, repo),
        "referenced_workflows": [],
    }
