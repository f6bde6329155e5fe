"""GitHub refuses: with words for people, with work for the operator, or for a reason to look at."""

from collections.abc import Awaitable, Callable

import pytest

from octobot.github.transport.json_fields import sha
from octobot.github.transport.session import Session
from octobot.github.transport.throttle import UNLIMITED
from octobot.model.errors import Misconfigured, TryLater
from octobot.model.pull_request import PullRequest
from octobot.sandbox.http.call import Answer, Call
from tests.github.distro import BRANCH, NAME, Distro

Answering = Callable[[Call], Awaitable[Answer]]


def refuse(os: Distro, method: str, part: str, status: int = 422) -> None:
    """Answer the calls of one kind with a refusal, before they take effect."""

    async def intercept(call: Call, dispatch: Answering) -> Answer:
        if call.method == method and part in call.path:
            return Answer({"message": "Validation Failed"}, status)
        return await dispatch(call)

    os.sandbox.door.intercept = intercept


async def test_refusals_without_use_are_reported_with_githubs_words(os: Distro) -> None:
    """Whatever reads or writes: the lane comes back, and people see why."""
    head = await os.commit()
    pull = await os.github.pulls.open(branch=BRANCH, title="foo", body="foo")
    asked: tuple[tuple[str, str, Callable[[], Awaitable[object]]], ...] = (
        ("GET", "/git/ref/heads", lambda: os.github.branches.head(BRANCH)),
        ("GET", "/branches/main", os.github.trees.outline),
        ("GET", "/contents/", os.github.config_files.read),
        ("GET", "/commits/", lambda: os.github.trees.merged(head)),
        ("PATCH", "/pulls/", lambda: os.github.pulls.close(pull.number)),
        ("POST", "/check-runs", lambda: _check(os, pull)),
    )
    for method, part, call in asked:
        refuse(os, method, part)
        with pytest.raises(TryLater, match="422 Validation Failed"):
            await call()
    os.sandbox.judge.objections.clear()  # GitHub documents 422 for few of these


async def _check(os: Distro, pull: PullRequest) -> None:
    await os.github.checks.post(head=pull.head, conclusion=None, title="a", summary="b")


async def test_what_the_app_may_not_write_is_the_operators(os: Distro) -> None:
    """GraphQL says it with a 200."""
    head = await os.commit()

    async def intercept(call: Call, dispatch: Answering) -> Answer:
        if b"mutation" not in call.body:
            return await dispatch(call)
        error = {"type": "FORBIDDEN", "message": "Resource not accessible by integration"}
        return Answer({"data": {"createCommitOnBranch": None}, "errors": [error]})

    os.sandbox.door.intercept = intercept
    with pytest.raises(TryLater, match="does not know a new token yet"):
        await os.github.branches.delete(BRANCH, expected=head)
    os.ticker.seconds += 60
    with pytest.raises(Misconfigured, match="contents=write"):
        await os.github.branches.delete(BRANCH, expected=head)
    with pytest.raises(Misconfigured, match="contents=write"):
        await os.commit(branch="octobot/foo/1.2")


async def test_a_mode_that_changed_is_seen_in_the_audit(os: Distro) -> None:
    """The same blob as an executable is another tree."""
    ann = os.sandbox.person("ann", "write")
    road = Session.for_token(os.session, os.sandbox.api_url, ann.token, limits=UNLIMITED)
    outline = await os.github.trees.outline()
    blob = dict(outline.specs)["foo.yaml"]
    git = f"/repos/{NAME}/git"
    old = await road.get(f"{git}/commits/{outline.commit}")
    line = {"path": "foo.yaml", "mode": "100755", "type": "blob", "sha": blob}
    wanted = {"base_tree": sha(old, "tree", "sha"), "tree": [line]}
    tree = await road.exchange("POST", f"{git}/trees", wanted)
    commit = {"message": "x", "tree": sha(tree.data, "sha"), "parents": [outline.commit]}
    made = await road.exchange("POST", f"{git}/commits", commit)
    merged = await os.github.trees.merged(sha(made.data, "sha"))
    assert merged.paths == (("foo.yaml (mode 100755)", blob),)
