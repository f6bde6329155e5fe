"""Which check runs of one name count: the newest attempt of each workflow.

One job name can be in two workflows, and one workflow can run twice on a commit: started by two
events, started again by a reopened pull request, or run again by a person.  A newer attempt
replaces an older one of the same workflow and event, and nothing else: a later green never hides a
red of another workflow.  GitHub's own command line compares checks in the same way.
Source: github.com/cli/cli, `eliminateDuplicates` of `pr checks`.
"""

from collections.abc import Sequence

from octobot.model.pull_request import CheckRun

_Line = tuple[int, str, str, int, str]


def newest_attempts(runs: Sequence[CheckRun]) -> tuple[CheckRun, ...]:
    """Return the newest run of each App, name, workflow and event, in the order given.

    Where the workflow is not known, the newest of each suite counts; where not even the suite is
    known, every run does.
    """
    newest: dict[_Line, CheckRun] = {}
    for run in runs:
        newest[_line(run)] = max(newest.get(_line(run), run), run, key=lambda each: each.id)
    return tuple(
        run for run in runs if run is newest[_line(run)] or _beside(run, newest[_line(run)])
    )


def replacement(run: CheckRun, runs: Sequence[CheckRun]) -> CheckRun | None:
    """Return the newest other run of this name and App that is newer; None: it is the newest."""
    later = [
        other
        for other in runs
        if (other.name, other.app) == (run.name, run.app) and other.id > run.id
    ]
    return max(later, key=lambda each: each.id, default=None)


def _line(run: CheckRun) -> _Line:
    """Return what attempts of the same thing have in common."""
    if run.workflow:
        return run.app, run.name, "workflow", run.workflow.id, run.workflow.event
    if run.suite is not None:
        return run.app, run.name, "suite", run.suite, ""
    return run.app, run.name, "run", run.id, ""


def _beside(run: CheckRun, newest: CheckRun) -> bool:
    """Return whether two jobs of one run of a workflow have one name.

    A job that runs again starts after its first attempt has ended, so what ran beside the newest
    is no older attempt of it.
    """
    if run.workflow is None or run.suite != newest.suite or newest.started_at is None:
        return False
    began, ended = run.started_at, run.completed_at
    return began is not None and (ended is None or ended > newest.started_at)
