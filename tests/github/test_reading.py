import base64
import hashlib

import pytest

from octobot.github.repository.branch_protection import BranchProtection
from octobot.github.repository.checks import Checks
from octobot.github.repository.git_objects import blob_id
from octobot.github.repository.pulls import Pulls
from octobot.github.repository.repository import WatchedRepository
from octobot.github.repository.reviews import Reviews
from octobot.github.repository.trees import Trees
from octobot.github.transport.json_fields import (
    Unexpected,
    items,
    maybe_number,
    number,
    sha,
    text,
    texts,
)
from octobot.github.transport.session import Handle
from octobot.model.errors import Misconfigured, TryLater, UserError
from octobot.model.ids import (
    BotAccount,
    InstallationId,
    PullNumber,
    Repository,
    RepositoryId,
    Sha,
    Watched,
)
from octobot.model.pull_request import RequiredCheck
from tests.github.loopback import Say, Scene

HEAD = Sha("a" * 40)
BASE = Sha("b" * 40)
TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
"""git's empty tree."""
WATCHED = Watched(InstallationId(3), RepositoryId(9), Repository("o", "n"), "main")
BOT = BotAccount(7, "octobot", 70, "octobot[bot]")


def handle(stage: Scene) -> Handle:
    """Hold a repository whose GitHub is what the test lines up."""
    return Handle(stage.public("t"), WATCHED, BOT)


def repository(stage: Scene) -> WatchedRepository:
    """Hold all nouns of such a repository."""
    return WatchedRepository.open(stage.public("t"), WATCHED, BOT)


def run(**fields: object) -> dict[str, object]:
    """Make a check run's JSON."""
    return {"id": 1, "name": "build", "status": "completed", "conclusion": "success", **fields}


def review(state: str, **fields: object) -> dict[str, object]:
    """Make a review's JSON."""
    user = {"id": 5, "login": "ann", "type": "User"}
    return {"user": user, "state": state, "commit_id": HEAD, **fields}


async def test_addresses_are_quoted_and_stay_below_the_repository(stage: Scene) -> None:
    """A name cannot lead elsewhere, nor add a query of its own."""
    held = handle(stage)
    assert held.path("git/ref/heads", "a b?c#d%2f+é") == (
        "/repos/o/n/git/ref/heads/a%20b%3Fc%23d%252f%2B%C3%A9"
    )
    assert held.path("pulls", 5, state="a&b") == "/repos/o/n/pulls/5?state=a%26b"
    for hostile in ("../../x", "a/../b", ".", "a//b"):
        with pytest.raises(ValueError, match="another address"):
            held.path("git/ref/heads", hostile)


async def test_a_name_that_means_another_repository_stops_everything(stage: Scene) -> None:
    """The old name was taken over."""
    stage.far.say(Say(json={"id": 10, "node_id": "R_10"}))
    with pytest.raises(Misconfigured, match="not repository 9 any more"):
        await handle(stage).node()


OLD = {"required_status_checks": {"contexts": ["build", "scan"]}}
BOTH = {
    "required_status_checks": {
        "contexts": ["build", "lint"],
        "checks": [{"context": "build", "app_id": 4}, {"context": "any", "app_id": -1}],
    }
}


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (OLD, (RequiredCheck("build"), RequiredCheck("scan"))),
        (BOTH, (RequiredCheck("any"), RequiredCheck("build", 4), RequiredCheck("lint"))),
        (None, ()),
    ],
)
async def test_older_spellings_of_protection_count_too(
    stage: Scene, shown: object, expected: tuple[RequiredCheck, ...]
) -> None:
    """`contexts` without `checks`, and -1 for any App; other rules require no check."""
    stage.far.standing = {
        "/repos/o/n/branches/main": Say(json={"protection": shown, "commit": {"sha": BASE}}),
        "/repos/o/n/rules/branches/main": Say(json=[{"type": "deletion"}]),
    }
    assert (await BranchProtection(handle(stage)).guard("main")).checks == expected


@pytest.mark.parametrize(
    "reviews",
    [
        [review("APPROVED", user={"id": 70, "login": "octobot[bot]", "type": "BotAccount"})],
        [review("APPROVED", user={"id": 6, "login": "other[bot]", "type": "BotAccount"})],
        [review("APPROVED", user=None)],
        [review("APPROVED", commit_id=BASE)],
        [review("APPROVED"), review("DISMISSED")],
        [review("PENDING")],
        [],
    ],
)
async def test_what_is_no_approval(stage: Scene, reviews: list[object]) -> None:
    """Bots, ghosts, other commits, and words taken back; nobody's permission is even asked."""
    stage.far.say(Say(json=reviews))
    assert not await Reviews(handle(stage)).is_approved(PullNumber(1), HEAD)
    assert len(stage.far.heard) == 1


@pytest.mark.parametrize(
    "answer",
    [
        Say(404, {"message": "Not Found"}),
        Say(json={"permission": "write", "user": {"id": 6}}),
        Say(json={"permission": "read", "user": {"id": 5}}),
        Say(json={"permission": "none", "user": {"id": 5}}),
    ],
)
async def test_an_approval_without_write_access_does_not_count(stage: Scene, answer: Say) -> None:
    """Nor by somebody who has the login now."""
    stage.far.say(Say(json=[review("APPROVED")]), answer)
    assert not await Reviews(handle(stage)).is_approved(PullNumber(1), HEAD)


async def test_a_permission_that_cannot_be_read_is_reported(stage: Scene) -> None:
    """Unknown is neither yes nor no."""
    stage.far.say(Say(json=[review("APPROVED")]), Say(422, {"message": "odd"}))
    with pytest.raises(TryLater):
        await Reviews(handle(stage)).is_approved(PullNumber(1), HEAD)


@pytest.mark.parametrize("odd", [{"status": "dreaming"}, {"conclusion": "splendid"}, {"id": "1"}])
async def test_a_check_run_with_a_new_word_is_not_a_pass(
    stage: Scene, odd: dict[str, object]
) -> None:
    """GitHub may add states; until octobot knows them they stop the reading."""
    stage.far.say(Say(json={"check_runs": [run(**odd)]}))
    with pytest.raises(Unexpected):
        await Checks(handle(stage)).runs(HEAD)


async def test_a_check_run_of_no_app_belongs_to_none(stage: Scene) -> None:
    """And may lack its address and words."""
    stage.far.say(Say(json={"check_runs": [run(app=None, html_url=None, output=None)]}))
    (check,) = await Checks(handle(stage)).runs(HEAD)
    assert (check.app, check.url, check.summary) == (0, "", "")


async def test_a_root_that_is_cut_is_the_operators(stage: Scene) -> None:
    """Half a tree would read as removals."""
    stage.far.say(Say(json={"truncated": True, "tree": []}))
    with pytest.raises(Misconfigured, match="too many files"):
        await Trees(handle(stage)).root(Sha(TREE))
    stage.far.say(Say(json={"truncated": False, "tree": []}))
    assert await Trees(handle(stage)).root(Sha(TREE)) == {}


@pytest.mark.parametrize(("content", "expected"), [(b"whole", "whole"), (b"\xff", None)])
async def test_a_long_blob_is_proved_by_its_id(
    stage: Scene, content: bytes, expected: str | None
) -> None:
    """REST's content must hash to what was asked for, and be UTF-8."""
    framed = b"blob %d\0" % len(content) + content
    id_ = Sha(hashlib.sha1(framed, usedforsecurity=False).hexdigest())
    cut = {"byteSize": 600_000, "isBinary": False, "isTruncated": True, "text": "cut"}
    query = Say(json={"data": {"repository": {"b0": cut}}})
    stage.far.say(query, Say(json={"content": base64.b64encode(content).decode()}))
    assert await Trees(handle(stage)).blobs([id_]) == {id_: expected}
    stage.far.say(query, Say(json={"content": base64.b64encode(b"other").decode()}))
    with pytest.raises(TryLater, match="not the blob"):
        await Trees(handle(stage)).blobs([id_])


async def test_blobs_beyond_githubs_resources_are_read_in_halves(stage: Scene) -> None:
    """What GitHub did not come to is asked again, in smaller queries."""
    ids = [blob_id("x"), blob_id("y")]
    x, y = ({"byteSize": 1, "isBinary": False, "isTruncated": False, "text": text} for text in "xy")
    beyond = {"type": "RESOURCE_LIMITS_EXCEEDED", "path": ["repository", "b1"], "message": "?"}
    cut = {"data": {"repository": {"b0": x, "b1": None}}, "errors": [beyond]}
    halves = [Say(json={"data": {"repository": {"b0": one}}}) for one in (x, y)]
    stage.far.say(Say(json=cut), *halves)
    assert await Trees(handle(stage)).blobs(ids) == dict(zip(ids, "xy", strict=True))
    assert len(stage.far.heard) == 3


async def test_a_history_without_base_is_said(stage: Scene) -> None:
    """An orphan branch has no commit that it was based on."""
    pull = {
        "number": 1,
        "title": "t",
        "state": "open",
        "head": {"sha": HEAD, "ref": "x"},
        "base": {"ref": "main"},
    }
    nobody = {"nodes": [], "pageInfo": {"hasNextPage": False}}
    lists = ("latestOpinionatedReviews", "labels", "reviewThreads", "timelineItems")
    people = {"id": "P", "isDraft": False, **dict.fromkeys(lists, nobody)}
    ways = ("mergeCommit", "squashMerge", "rebaseMerge", "autoMerge")
    may = {f"{way}Allowed": True for way in ways}
    root = {"sha": HEAD, "parents": [], "commit": {"tree": {"sha": TREE}}}
    stage.far.standing = {
        "/repos/o/n/pulls/1": Say(json=pull),
        "/repos/o/n/pulls/1/commits": Say(json=[root]),
        "/repos/o/n/pulls/1/reviews": Say(json=[]),
        f"/repos/o/n/commits/{HEAD}/check-runs": Say(json={"check_runs": []}),
        f"/repos/o/n/commits/{HEAD}/statuses": Say(json=[]),
        "/repos/o/n/branches/main": Say(json={"commit": {"sha": BASE}}),
        "/repos/o/n/rules/branches/main": Say(json=[]),
        "/graphql": Say(
            json={"data": {"repository": {"databaseId": 9, "pullRequest": people, **may}}}
        ),
    }
    with pytest.raises(UserError, match="does not begin"):
        await repository(stage).snapshots.state(PullNumber(1))


async def test_a_closed_pull_request_of_a_ghost(stage: Scene) -> None:
    """Author, fork and closer may all be gone."""
    shown = {
        "number": 1,
        "title": "t",
        "state": "closed",
        "user": None,
        "head": {"sha": HEAD, "ref": "x", "repo": None},
        "base": {"ref": "main"},
    }
    stage.far.say(Say(json=shown), Say(json={"closed_by": None}))
    pull = await Pulls(handle(stage)).get(PullNumber(1))
    assert (pull.author, pull.head_repository, pull.closed_by) == (0, None, None)


def test_shapes_are_reported_by_their_place() -> None:
    """And never by their content."""
    odd = {"a": {"b": "secret", "c": True, "d": None}}
    for reader, path in ((number, ("a", "b")), (sha, ("a", "b")), (number, ("a", "c"))):
        with pytest.raises(Unexpected) as told:
            reader(odd, *path)
        assert "secret" not in str(told.value)
        assert ".".join(path) in str(told.value)
    with pytest.raises(Unexpected):
        text(odd, "a", "b", "c")
    with pytest.raises(Unexpected):
        items(odd, "a")
    with pytest.raises(Unexpected):
        texts(odd, "a", "b")
    assert maybe_number(odd, "a", "d") is None
    assert texts(odd, "a") == {"b": "secret"}
