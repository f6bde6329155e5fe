"""Conformance: green on the sandbox, naming exactly what differs, and touching nobody's work."""

import re
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import fields, replace
from datetime import timedelta
from pathlib import Path

import pytest

from octobot.github.conformance.conformance import TRIALS, conform
from octobot.github.conformance.trial import Row
from octobot.model.errors import UserError
from octobot.model.ids import Repository
from octobot.sandbox.http.call import Answer
from octobot.sandbox.http.faults import of
from octobot.sandbox.state.live import Live
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


async def play(os: Distro, name: str = SCRATCH, *, checked_by: int = 0) -> dict[str, Row]:
    """Play all trials; an App checks the pull request that they share."""
    rows = {}
    async for row in conform(os.app, name, PUBLIC):
        rows[row.call] = row
        if checked_by and row.call == "POST pulls":
            (*_, pull) = os.sandbox.hub.state.pulls.of(os.sandbox.repository(name).id)
            head = pull.head_sha
            os.sandbox.post_check_run(name, head, "x", app_id=checked_by, conclusion="success")
    return rows


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


def nothing(_: Distro) -> None:
    """Play on the scratch repository as it is."""


def make_private(os: Distro) -> None:
    """Let the scratch repository be private."""
    repo = os.sandbox.repository(SCRATCH)
    os.sandbox.hub.state.put_repository(replace(repo, private=True))


def require_queue(os: Distro) -> None:
    """Let the default branch take merges from a queue."""
    os.sandbox.require_queue(SCRATCH, "main")


ANOTHER_APP = 42
TURNED: list[tuple[dict[str, object], Callable[[Distro], None], set[str]]] = [
    ({"mergeability_lag": timedelta()}, nothing, {"`mergeable` of another one after a merge"}),
    ({"base_settles": timedelta(seconds=3)}, nothing, {"PUT merge: right after another one"}),
    ({"foreign_reruns": True}, nothing, {"POST rerequest: another App's check"}),
    ({"hidden": frozenset({"auto"})}, nothing, {"enablePullRequestAutoMerge: nothing is missing"}),
    ({"hidden": frozenset({"queue"})}, require_queue, {"enqueuePullRequest"}),
    ({"token_lag": timedelta(seconds=3)}, nothing, {"a token right after it was made"}),
    ({"graphql_repositories": 20}, nothing, {*SIZES[1:]}),
    ({"ip_allow_lists": frozenset({"others"})}, nothing, {*SIZES}),
    (
        {"refs_need_contents": True},
        nothing,
        {"GraphQL: refs of a public repository, without `contents`"},
    ),
    (
        {"without_fields": frozenset({"Mutation.updateRefs"})},
        nothing,
        {"updateRefs: from another head"},
    ),
    ({"free_plan": True}, make_private, {"GET branches, rules"}),
    ({"actions_app": ANOTHER_APP}, nothing, {"GET apps/github-actions"}),
]
"""Each knob of the sandbox, what else must be so, and the rows that name it."""
UNSEEN: Mapping[str, str] = {}
"""Each knob that no call shows, and why."""


def test_each_knob_of_the_sandbox_has_a_row() -> None:
    """What GitHub may do otherwise is tried, or it is said why not."""
    knobs = {each.name for each in fields(Live) if not each.name.startswith("_")}
    assert knobs == {name for turned, *_ in TURNED for name in turned} | UNSEEN.keys()


@pytest.mark.parametrize(("turned", "prepare", "named"), TURNED)
async def test_a_github_that_behaves_otherwise_is_named(
    scratch: Distro,
    turned: dict[str, object],
    prepare: Callable[[Distro], None],
    named: set[str],
) -> None:
    """Exactly that, and nothing beside it."""
    prepare(scratch)
    rows = await play(scratch, checked_by=ANOTHER_APP)
    assert differing(rows) == {}
    assert rows["POST rerequest: another App's check"].result == "same"
    for knob, value in turned.items():
        setattr(scratch.sandbox.hub.state.live, knob, value)
    assert set(differing(await play(scratch, checked_by=ANOTHER_APP))) == named
    if "without_fields" not in turned:  # branches cannot be deleted then
        assert await left_open(scratch) == []


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
