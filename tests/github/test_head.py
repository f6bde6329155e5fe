"""A pull request, its commits and its checks in one query; what that lacks, REST shows."""

from dataclasses import replace
from typing import Any

import pytest

from octobot.github.repository.checks import ACTIONS
from octobot.model.errors import TryLater
from octobot.model.ids import PullNumber
from octobot.model.pull_request import PullState
from tests.github.cutting import Edit, cutting, more_commits
from tests.github.distro import BRANCH, NAME, Distro

ONE = PullNumber(1)


def reads(os: Distro) -> set[str]:
    """Return what of the pull request itself was read by REST."""
    paths = (one.path.partition("?")[0] for one in os.sandbox.log if one.method == "GET")
    parts = {path.rpartition("/")[2] for path in paths}
    return parts & {"1", "commits", "check-runs"}


async def judged(os: Distro, edit: Edit | None = None) -> PullState:
    """Read the state where the query shows something else; leave out the order and the time."""
    os.sandbox.door.intercept = edit and cutting(edit)
    os.sandbox.log.clear()
    state = await os.github.snapshots.state(ONE)
    checks = tuple(sorted(state.checks, key=lambda run: run.id))
    return replace(state, at=None, checks=checks)


async def open_one(os: Distro) -> None:
    """Open a pull request of two commits, with checks of two Apps, some of a workflow."""
    await os.propose()
    await os.sandbox.commit_files(NAME, BRANCH, {"foo.yaml": b"x: 1\n"}, "x", by="ann")
    (pull,) = await os.github.pulls.list_open()
    for app, workflow in ((ACTIONS, "ci"), (ACTIONS, ""), (99, "")):
        suite = os.sandbox.open_suite(NAME, pull.head, app_id=app, workflow=workflow)
        for name, end in (("build", "success"), ("scan", "skipped"), ("sign", None)):
            os.sandbox.post_check_run(
                *(NAME, pull.head, name),
                app_id=app,
                suite=suite,
                conclusion=end,  # type: ignore[arg-type]
                summary=f"{name} of {app}",
            )


async def confirmed(os: Distro, state: PullState) -> PullState:
    """Read it again, as right before a merge."""
    tip = await os.github.default_branch.read()
    return await os.github.snapshots.confirmed(state, guard=tip.guard)


def suites(shown: dict[str, Any]) -> Any:  # noqa: ANN401  (JSON)
    """Return the suites of the head."""
    return shown["last"]["nodes"][0]["commit"]["checkSuites"]


def set_(place: Any, name: str, value: object) -> None:  # noqa: ANN401  (JSON)
    """Show something else."""
    place[name] = value


async def test_one_query_shows_what_three_reads_do(os: Distro) -> None:
    """The pull request, its commits and checks are those of REST, to the last field."""
    await open_one(os)
    by_query = await judged(os)
    assert reads(os) == set()
    assert len(by_query.checks) == 9
    assert not by_query.signed
    by_rest = await judged(os, more_commits)
    assert reads(os) == {"1", "commits", "check-runs"}
    assert by_query == by_rest


TRUE: object = True
PARENTS = {"pageInfo": {"hasNextPage": True}, "nodes": []}


@pytest.mark.parametrize(
    "edit",
    [
        more_commits,
        lambda shown: set_(shown["commits"]["nodes"][1]["commit"], "parents", PARENTS),
        lambda shown: shown["commits"]["nodes"].pop(),
        lambda shown: set_(shown, "headRefOid", "a" * 40),
        lambda shown: set_(shown, "mergeable", "PERHAPS"),
        lambda shown: set_(shown, "commits", None),
        lambda shown: set_(shown, "last", None),
        lambda shown: shown["last"]["nodes"].clear(),
        lambda shown: set_(shown["last"]["nodes"][0]["commit"], "oid", "a" * 40),
        lambda shown: set_(suites(shown)["pageInfo"], "hasPreviousPage", TRUE),
        lambda shown: set_(suites(shown), "pageInfo", None),
        lambda shown: suites(shown)["nodes"].append(None),
        lambda shown: set_(
            suites(shown)["nodes"][-1]["checkRuns"]["pageInfo"], "hasNextPage", TRUE
        ),
        lambda shown: set_(suites(shown)["nodes"][-1]["checkRuns"], "nodes", [None]),
        lambda shown: set_(suites(shown)["nodes"][-1], "checkRuns", None),
        lambda shown: set_(suites(shown)["nodes"][-1]["checkRuns"]["nodes"][0], "status", "NEW"),
        lambda shown: set_(suites(shown)["nodes"][-1]["checkRuns"]["nodes"][1], "conclusion", "OK"),
    ],
)
async def test_what_the_query_does_not_show_is_read_by_rest(os: Distro, edit: Edit) -> None:
    """A page, an entry or a word that is missing or new: it is never taken for all there is."""
    await open_one(os)
    whole = await judged(os)
    found = await judged(os, edit)
    assert "check-runs" in reads(os)
    assert {(run.id, run.conclusion) for run in found.checks} == {
        (run.id, run.conclusion) for run in whole.checks
    }
    assert (found.pull, found.commits, found.changes) == (
        *(whole.pull, whole.commits, whole.changes),
    )


async def test_a_closed_pull_request_is_read_by_rest(os: Distro) -> None:
    """It says who closed it."""
    await open_one(os)
    await os.sandbox.person("ann", "write").close(NAME, ONE)
    assert (await judged(os)).pull.closed_by == os.sandbox.person("ann").id
    assert "1" in reads(os)


async def test_what_was_pushed_to_since_is_not_confirmed(os: Distro) -> None:
    """Right before a merge it must have the commits that were judged."""
    await open_one(os)
    state = await os.github.snapshots.state(ONE)
    assert (await confirmed(os, state)).pull == state.pull
    await os.sandbox.commit_files(NAME, BRANCH, {"foo.yaml": b"x: 2\n"}, "x", by="ann")
    with pytest.raises(TryLater, match="pushed to"):
        await confirmed(os, state)


async def test_a_check_that_turned_red_shows_right_before_the_merge(os: Distro) -> None:
    """Row 73: the checks are read again, too."""
    await open_one(os)
    state = await os.github.snapshots.state(ONE)
    red = os.sandbox.post_check_run(NAME, state.pull.head, "build", conclusion="failure")
    now = await confirmed(os, state)
    assert red in {run.id for run in now.checks if run.conclusion == "failure"}
