"""GraphQL's view of check suites: their App, their workflow and their check runs."""

from functools import partial

from octobot.model.ids import Sha
from octobot.sandbox.graphql.nodes import Node, connect
from octobot.sandbox.state.hub import Hub
from octobot.sandbox.state.nouns import CheckRunState, CheckSuite, RepositoryState
from octobot.sandbox.views.checks import latest, outcome, run_html, runs_of, workflow_id
from octobot.sandbox.views.views import node_id, when


def suites_of(hub: Hub, repo: RepositoryState, sha: Sha, **window: object) -> Node:
    """List the check suites of a commit, oldest first."""
    found = [one for one in hub.state.check_suites.of(repo.id) if one.head_sha == sha]
    return connect(found, window, partial(_suite, hub, repo), "checkSuites")


def _suite(hub: Hub, repo: RepositoryState, one: CheckSuite) -> Node:
    status, conclusion = outcome(latest(runs_of(hub, one)))
    app = hub.state.apps[one.app]
    return {
        "__typename": "CheckSuite",
        "id": node_id("CS", one.id),
        "databaseId": one.id,
        "status": status.upper(),
        "conclusion": conclusion and conclusion.upper(),
        "createdAt": when(one.created_at),
        "updatedAt": when(one.updated_at),
        "app": {"__typename": "App", "databaseId": app.id, "slug": app.slug, "name": app.slug},
        "workflowRun": _workflow_run(hub, repo, one) if one.workflow else None,
        "checkRuns": partial(_runs, hub, repo, one),
    }


def _workflow_run(hub: Hub, repo: RepositoryState, one: CheckSuite) -> Node:
    workflow: Node = {
        "__typename": "Workflow",
        "id": node_id("W", workflow_id(one)),
        "databaseId": workflow_id(one),
        "name": one.workflow,
        "state": "ACTIVE",
    }
    return {
        "__typename": "WorkflowRun",
        "id": node_id("WFR", one.id),
        "databaseId": one.id,
        "event": one.event,
        "createdAt": when(one.created_at),
        "updatedAt": when(one.updated_at),
        "url": f"{hub.html_url(repo)}/actions/runs/{one.id}",
        "workflow": workflow,
    }


def _runs(hub: Hub, repo: RepositoryState, suite: CheckSuite, **window: object) -> Node:
    window.pop("filter_by", None)
    found = latest(runs_of(hub, suite))
    return connect(found, window, partial(_run, hub, repo), "checkRuns")


def rollup_of(hub: Hub, repo: RepositoryState, sha: Sha) -> Node | None:
    """Show the latest check runs and statuses of a commit; None where there is neither."""
    suites = [one for one in hub.state.check_suites.of(repo.id) if one.head_sha == sha]
    runs = [(suite, run) for suite in suites for run in latest(runs_of(hub, suite))]
    nodes: list[Node] = [
        {**_run(hub, repo, run), "checkSuite": partial(_suite, hub, repo, suite)}
        for suite, run in runs
    ]
    nodes += [
        {
            "__typename": "StatusContext",
            "id": node_id("SC", one.id),
            "context": one.context,
            "state": one.state.upper(),
            "createdAt": when(one.created_at),
        }
        for one in hub.state.statuses_on(repo.id, sha)
    ]
    if not nodes:
        return None
    return {
        "__typename": "StatusCheckRollup",
        "id": node_id("SCR", sha),
        "commit": {"__typename": "Commit", "oid": sha},
        "contexts": lambda **window: connect(nodes, window, lambda node: node, "contexts"),
    }


def _run(hub: Hub, repo: RepositoryState, one: CheckRunState) -> Node:
    return {
        "__typename": "CheckRun",
        "id": node_id("CR", one.id),
        "databaseId": one.id,
        "name": one.name,
        "status": one.status.upper(),
        "conclusion": one.conclusion and one.conclusion.upper(),
        "startedAt": when(one.started_at),
        "completedAt": when(one.completed_at),
        "permalink": run_html(hub, repo, one),
        "url": run_html(hub, repo, one),
        "title": one.output.title,
        "summary": one.output.summary,
    }
