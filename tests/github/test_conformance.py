"""Conformance: green on the sandbox, naming exactly what differs, and touching nobody's work."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from octobot.github.conformance.conformance import TRIALS, conform
from octobot.github.conformance.trial import Row
from octobot.model.errors import UserError
from octobot.model.ids import Repository
from octobot.sandbox.http.call import Answer
from octobot.sandbox.http.faults import of
from tests.github.distro import NAME, Distro, distro

SCRATCH = "distro/Scratch-1"
PUBLIC = (Repository("others", "lib"), Repository("others", "tool"))


@pytest.fixture
async def scratch(tmp_path: Path) -> AsyncIterator[Distro]:
    """An empty scratch repository beside the distro, with the App on it."""
    async with distro(tmp_path, in_step=True) as os:
        await os.sandbox.create_repository(SCRATCH)
        await os.sandbox.install_app(SCRATCH)
        for each in PUBLIC:
            await os.sandbox.create_repository(str(each), {"a": b"a"})
        os.sandbox.hub.state.live.mergeability_lag = timedelta(seconds=1)
        yield os


async def play(os: Distro, name: str = SCRATCH) -> dict[str, Row]:
    """Play all trials."""
    return {row.call: row async for row in conform(os.app, name, PUBLIC)}


def differing(rows: dict[str, Row]) -> dict[str, str]:
    """Return what was seen where it differs."""
    return {call: row.seen for call, row in rows.items() if row.result == "differs"}


async def left_open(os: Distro, name: str = SCRATCH) -> list[str]:
    """List the open pull requests and issues, and the branches beside the default one."""
    repo = os.sandbox.repository(name)
    issues = [one.title for one in os.sandbox.hub.state.issues.of(repo.id) if one.state == "open"]
    refs = await os.sandbox.hub.git(repo).refs("refs/heads/")
    return issues + [ref for ref in refs if ref != "refs/heads/main"]


async def test_the_sandbox_behaves_as_octobot_expects(scratch: Distro) -> None:
    """Twice, since the second run finds commits of the first; nothing is left open."""
    for _ in range(2):
        rows = await play(scratch)
        assert differing(rows) == {}
        assert len(rows) == len(TRIALS)
        assert rows["PUT merge: rebase"].result == "same"
        assert rows["enqueuePullRequest"].result == "skipped"
        assert await left_open(scratch) == []


async def test_a_merge_queue_is_entered_and_left(scratch: Distro) -> None:
    """Where the default branch wants one, nothing is merged in other ways."""
    scratch.sandbox.require_queue(SCRATCH, "main")
    rows = await play(scratch)
    assert differing(rows) == {}
    assert rows["enqueuePullRequest"].result == "same"
    assert rows["PUT merge: squash"].result == "skipped"
    assert await left_open(scratch) == []


async def test_what_is_not_allowed_is_skipped(scratch: Distro) -> None:
    """By the repository's settings."""
    scratch.sandbox.configure(SCRATCH, merge_methods=frozenset({"squash"}))
    rows = await play(scratch)
    assert differing(rows) == {}
    skipped = {call for call, row in rows.items() if row.result == "skipped"}
    assert {"PUT merge: merge", "PUT merge: rebase"} <= skipped


SIZES = [f"GraphQL: {count} repositories in a query" for count in (10, 25, 50, 100)]


@pytest.mark.parametrize(
    ("turned", "named"),
    [
        ({"mergeability_lag": timedelta()}, {"`mergeable` of another one after a merge"}),
        ({"graphql_repositories": 20}, {*SIZES[1:]}),
        ({"ip_allow_lists": frozenset({"others"})}, {*SIZES}),
        ({"without_fields": frozenset({"Mutation.updateRefs"})}, {"updateRefs: from another head"}),
        ({"hidden": frozenset({"auto"})}, {"enablePullRequestAutoMerge: nothing is missing"}),
    ],
)
async def test_a_github_that_behaves_otherwise_is_named(
    scratch: Distro, turned: dict[str, object], named: set[str]
) -> None:
    """Exactly that, and nothing beside it."""
    for knob, value in turned.items():
        setattr(scratch.sandbox.hub.state.live, knob, value)
    assert set(differing(await play(scratch))) == named


async def test_a_token_that_is_not_known_at_once_is_named(scratch: Distro) -> None:
    """With the seconds that it took."""
    await play(scratch)
    scratch.sandbox.hub.state.live.token_lag = timedelta(seconds=3)
    found = differing(await play(scratch))
    assert list(found) == ["a token right after it was made"]
    assert re.fullmatch("after [2-4] s", found["a token right after it was made"])


async def test_a_difference_is_named_and_the_rest_goes_on(scratch: Distro) -> None:
    """No reactions, no check runs by this App; everything is cleaned up all the same."""
    faults = scratch.sandbox.faults()
    gone = Answer({"message": "Gone"}, 410, broken=True)
    forbidden = Answer({"message": "Resource not accessible"}, 403, broken=True)
    faults.strike("gone", of("POST", ".*/reactions"), side="before", answer=gone, times=99)
    faults.strike("no", of("POST", ".*/check-runs"), side="before", answer=forbidden, times=99)
    rows = await play(scratch)
    assert set(differing(rows)) == {"POST reactions", "POST, PATCH check-runs"}
    assert "the verdict" in rows["POST, PATCH check-runs"].means
    assert await left_open(scratch) == []


async def test_a_death_in_the_middle_is_cleaned_up_by_the_next_run(scratch: Distro) -> None:
    """What was opened before is closed first."""
    async for row in (trials := conform(scratch.app, SCRATCH, PUBLIC)):
        if row.call == "POST, PATCH check-runs":
            break
    assert await left_open(scratch)
    await trials.aclose()
    assert await left_open(scratch) == []


@pytest.mark.parametrize("name", [NAME, "distro/scrat", "scratch/os"])
async def test_a_name_without_scratch_is_not_touched(scratch: Distro, name: str) -> None:
    """Whoever the owner is."""
    with pytest.raises(UserError, match="is not touched"):
        await play(scratch, name)


async def test_commits_of_others_are_not_touched(scratch: Distro) -> None:
    """On the default branch or beside it, also octobot's own ones of its daily work."""
    for name, files in (("distro/scratch-2", {"a": b"a"}), ("distro/scratch-3", None)):
        await scratch.sandbox.create_repository(name, files)
        await scratch.sandbox.install_app(name)
    with pytest.raises(UserError, match="is not conformance's; create an empty"):
        await play(scratch, "distro/scratch-2")
    await play(scratch, "distro/scratch-3")
    ann = scratch.sandbox.person("ann", "write")
    await ann.push("distro/scratch-3", "wip", {"b": b"b"})
    with pytest.raises(UserError, match="the branch wip is not conformance's"):
        await play(scratch, "distro/scratch-3")
    assert await left_open(scratch, "distro/scratch-3") == ["refs/heads/wip"]


async def test_a_repository_without_the_app_is_named(scratch: Distro) -> None:
    """With the remedy."""
    with pytest.raises(UserError, match="add the repository to it"):
        await play(scratch, "distro/scratch-9")
