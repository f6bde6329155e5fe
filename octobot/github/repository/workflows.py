"""Of which workflow each check suite of a commit is: what REST's check runs do not say.

GraphQL says it in the query of `merge_state`, so it costs no request of its own.
Source: docs.github.com, GraphQL `Commit.checkSuites` and `CheckSuite.workflowRun`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from octobot.github.transport.json_fields import at, maybe_number
from octobot.model.pull_request import CheckRun, Workflow

SUITE_FIELDS = "databaseId workflowRun { event workflow { databaseId name } }"
"""What of a check suite is asked for here; of one that is not shown the workflow is not known,
which is stricter."""
HEAD = "last"
"""The name in the query under which a pull request's last commit is."""


def workflows_of(pull: object) -> Mapping[int, Workflow]:
    """Return the workflow of each suite by the suite's id; what is not shown is left out."""
    last = at(pull, HEAD, "nodes")
    commit = at(last[0], "commit") if isinstance(last, list) and last else None
    nodes = at(commit, "checkSuites", "nodes")
    shown = nodes if isinstance(nodes, list) else []
    found = ((maybe_number(suite, "databaseId"), _workflow(suite)) for suite in shown if suite)
    return {number: workflow for number, workflow in found if number is not None and workflow}


def _workflow(suite: object) -> Workflow | None:
    run = at(suite, "workflowRun")
    number = maybe_number(at(run, "workflow"), "databaseId") if run else None
    name, event = at(run, "workflow", "name"), at(run, "event")
    if number is None or not isinstance(name, str) or not isinstance(event, str) or not event:
        return None
    return Workflow(number, name, event)


def with_workflows(
    runs: Sequence[CheckRun], workflows: Mapping[int, Workflow]
) -> tuple[CheckRun, ...]:
    """Return the check runs with the workflow of their suite."""
    return tuple(
        run if run.suite is None else replace(run, workflow=workflows.get(run.suite))
        for run in runs
    )


def is_about_suites(error: object) -> bool:
    """Return whether an error of GraphQL concerns nothing but the head's suites."""
    path = at(error, "path")
    return isinstance(path, list) and path[:3] == ["repository", "pullRequest", HEAD]
