"""Who objects and what GitHub requires: to the last page, and never half an answer."""

from typing import Any

import pytest

from octobot.github.repository.merge_state import MergeStates
from octobot.model.errors import Misconfigured, TryLater
from octobot.model.ids import PullNumber
from octobot.model.pull_request import Objection
from tests.github.distro import NAME, Distro
from tests.github.loopback import Say, Scene
from tests.github.test_reading import handle

LAST = {"hasNextPage": False, "endCursor": None}
WHEN = "2026-03-02T12:00:00Z"


def node(state: str = "CHANGES_REQUESTED", login: str = "ann", number: int = 5) -> object:
    """Make a review's JSON."""
    author = {"__typename": "User", "login": login, "databaseId": number}
    return {"state": state, "submittedAt": WHEN, "author": author}


def event(kind: str, by: int | None = 5, second: int = 0, **more: object) -> object:
    """Make a timeline event's JSON; 70 is octobot itself."""
    type_ = "User" if by and by < 70 else "Bot"
    actor = by and {"__typename": type_, "login": f"u{by}", "databaseId": by}
    at = WHEN.replace("00Z", f"{second:02}Z")
    return {"__typename": f"{kind}Event", "createdAt": at, "actor": actor, **more}


def people(nodes: object = (), info: object = LAST, **more: object) -> dict[str, Any]:
    """Make what one pull request has of people."""
    return {
        "isDraft": False,
        "latestOpinionatedReviews": {"nodes": nodes, "pageInfo": info},
        "labels": {"nodes": []},
        "reviewThreads": {"nodes": [], "pageInfo": LAST},
        "timelineItems": {"nodes": []},
        **more,
    }


def answer_of(pull: object, **more: Any) -> Say:  # noqa: ANN401  (JSON)
    """Make the answer about a whole pull request."""
    settings = {f"{name}Allowed": True for name in ("mergeCommit", "squashMerge", "rebaseMerge")}
    inside = {
        "databaseId": more.pop("repository", 9),
        "pullRequest": pull,
        "autoMergeAllowed": True,
        **settings,
    }
    older = {name: more.pop(name) for name in [*more] if name.startswith("p")}
    return Say(json={"data": {"repository": {**inside, **older}}, **more})


def page(nodes: object, info: object = LAST, *, repository: int = 9, **more: object) -> Say:
    """Make one answer about reviews."""
    return answer_of(people(nodes, info), repository=repository, **more)


async def objections(stage: Scene, *older: int) -> tuple[Objection, ...]:
    """Read who objects to number 1."""
    return (await MergeStates(handle(stage)).read(PullNumber(1), older)).objections


async def test_only_requests_in_force_count(stage: Scene) -> None:
    """Approved and dismissed opinions lift nothing of others'; an account may be gone."""
    gone = {"state": "CHANGES_REQUESTED", "submittedAt": WHEN, "author": None}
    stage.far.say(page([node("APPROVED"), node("DISMISSED"), node(), gone]))
    found = await objections(stage)
    assert found == (Objection(5, "ann"), Objection(0, "ghost"))


async def test_every_page_is_read(stage: Scene) -> None:
    """The request for changes is on the last one."""
    more = {"hasNextPage": True, "endCursor": "x"}
    stage.far.say(page([node("APPROVED")], more), page([node()]))
    assert await objections(stage) == (Objection(5, "ann"),)


@pytest.mark.parametrize(
    "answer",
    [
        page([], errors=[{"message": "Something went wrong"}]),
        page([None]),
        page(None),
        page([], None),
        page([], {"hasNextPage": True, "endCursor": None}),
        page([node("EXCLAIMED")]),
        Say(json={"data": {"repository": {"databaseId": 9, "pullRequest": None}}}),
        Say(json={"data": {"repository": None}, "errors": [{"message": "no"}]}),
        Say(json={"data": None}),
        answer_of(people(isDraft=None)),
        answer_of(people(labels=None)),
        answer_of(people(labels={"nodes": [{"name": None}]})),
        answer_of(people(timelineItems={"nodes": [None]})),
        answer_of(people(reviewThreads=None)),
        answer_of(people(reviewThreads={"nodes": [{}], "pageInfo": LAST})),
        answer_of(people(reviewThreads={"nodes": [], "pageInfo": None})),
    ],
)
async def test_half_an_answer_is_not_nobody(stage: Scene, answer: Say) -> None:
    """Errors, holes and new words: nothing is concluded from them."""
    stage.far.say(answer)
    with pytest.raises(TryLater):
        await objections(stage)


async def test_another_repository_of_that_name_is_not_believed(stage: Scene) -> None:
    """Its reviews are other people's."""
    stage.far.say(page([], repository=10))
    with pytest.raises(Misconfigured):
        await objections(stage)


async def test_a_list_without_end_is_given_up(stage: Scene) -> None:
    """A cursor that leads to itself."""
    stage.far.standing = {"/graphql": page([], {"hasNextPage": True, "endCursor": "x"})}
    with pytest.raises(TryLater, match="no last page"):
        await objections(stage)


async def test_a_hundred_approvals_hide_no_objection(os: Distro) -> None:
    """Those of people who cannot write are not even listed."""
    pull = await os.propose()
    for number in range(101):
        await os.sandbox.person(f"p{number}", "write", on=NAME).approve(NAME, pull.number)
    for login, role in (("zoe", "maintain"), ("eve", "read"), ("tom", "triage")):
        person = os.sandbox.person(login, role, on=NAME)  # type: ignore[arg-type]
        await person.review(NAME, pull.number, "REQUEST_CHANGES")
    found = (await os.github.snapshots.state(pull.number)).objections
    assert found is not None
    assert [one.login for one in found] == ["zoe"]
    assert (await os.github.merge_states.read(pull.number)).objections == found


# the timeline


@pytest.mark.parametrize(
    ("events", "who"),
    [
        # by hand
        ([event("AutoMergeDisabled")], "u5"),
        ([event("RemovedFromMergeQueue", reason="manual")], "u5"),
        ([event("RemovedFromMergeQueue", reason="MANUAL")], "u5"),
        ([event("RemovedFromMergeQueue", reason=None)], "u5"),
        ([event("RemovedFromMergeQueue", reason="a new word")], "u5"),
        ([event("RemovedFromMergeQueue", by=71, reason="manual")], "u71"),
        # GitHub itself
        ([event("AutoMergeDisabled", by=None, reason="conflict")], ""),
        ([event("RemovedFromMergeQueue", by=71, reason="failed_checks")], ""),
        ([event("RemovedFromMergeQueue", by=71, reason=None)], ""),
        ([event("RemovedFromMergeQueue", reason="branch_invalidated")], ""),
        ([event("RemovedFromMergeQueue", reason="MERGE_CONFLICT")], ""),
        # octobot itself
        ([event("AutoMergeDisabled", by=70)], ""),
        ([event("RemovedFromMergeQueue", by=70, reason="manual")], ""),
        # undone by the same person, and by another one
        ([event("AutoMergeDisabled"), event("AutoMergeEnabled", second=1)], ""),
        ([event("AutoMergeDisabled"), event("AutoSquashEnabled", second=1)], ""),
        ([event("AutoMergeDisabled"), event("AddedToMergeQueue", second=1)], ""),
        ([event("AutoMergeDisabled"), event("AutoMergeEnabled", by=6, second=1)], "u5"),
        ([event("AutoMergeDisabled"), event("AutoMergeEnabled", by=70, second=1)], "u5"),
        ([event("AutoMergeEnabled"), event("AutoMergeDisabled", second=1)], "u5"),
    ],
)
async def test_who_stopped_a_merge(stage: Scene, events: list[object], who: str) -> None:
    """GitHub does both itself: a known reason of its own is nobody's no, an unknown one is."""
    stage.far.say(answer_of(people(timelineItems={"nodes": events})))
    assert "".join(one.login for one in await objections(stage)) == who


@pytest.mark.parametrize(("second", "who"), [(0, ""), (1, "ann")])
async def test_an_approval_lifts_what_came_before_it(stage: Scene, second: int, who: str) -> None:
    """Not what the same person did after it."""
    actor = {"__typename": "User", "login": "ann", "databaseId": 5}
    disabled = {**dict(event("AutoMergeDisabled", second=second)), "actor": actor}  # type: ignore[call-overload]
    stage.far.say(answer_of(people([node("APPROVED")], timelineItems={"nodes": [disabled]})))
    assert "".join(one.login for one in await objections(stage)) == who


async def test_older_pull_requests_are_asked_for_in_tens(stage: Scene) -> None:
    """One query for ten; what they say names its number."""
    older = range(30, 8, -1)
    batches = [older[n : n + 10] for n in range(0, len(older), 10)]
    stage.far.say(
        *(
            answer_of(people(), **{f"p{one}": people([node()] if one == 9 else []) for one in some})
            for some in batches
        )
    )
    assert await objections(stage, *older) == (Objection(5, "ann", on=9),)
    assert len(batches) == 3


@pytest.mark.parametrize("missing", [None, people(isDraft=None)])
async def test_an_older_one_that_is_not_shown_is_not_nobody(stage: Scene, missing: object) -> None:
    """It is gone, or half of it is."""
    stage.far.say(answer_of(people(), p4=missing))
    with pytest.raises(TryLater):
        await objections(stage, 4)


async def test_who_is_not_known_lifts_nothing(stage: Scene) -> None:
    """Two accounts that are gone are not the same person."""
    gone = {"state": "CHANGES_REQUESTED", "submittedAt": WHEN, "author": None}
    other = {"state": "APPROVED", "submittedAt": WHEN, "author": {"login": "ghost"}}
    stage.far.say(answer_of(people([other]), p4=people([gone])))
    assert await objections(stage, 4) == (Objection(0, "ghost", on=4),)


# what GitHub requires


async def test_requirements_are_read_from_both_stores(os: Distro) -> None:
    """Branch protection by GraphQL, rulesets by REST, and the repository's own settings."""
    pull = await os.propose()
    wants = (await os.github.snapshots.state(pull.number)).wants
    assert (wants.methods, wants.conversations) == (("merge", "squash", "rebase"), False)
    os.sandbox.demand(NAME, "main", conversations=True, linear=True)
    os.sandbox.demand(NAME, "main", methods=frozenset({"squash", "merge"}))
    os.sandbox.configure(NAME, allows_auto_merge=False)
    wants = (await os.github.snapshots.state(pull.number)).wants
    assert (wants.methods, wants.conversations) == (("squash",), True)
    assert not wants.auto_merge
    assert not wants.unsigned


async def test_a_commit_without_a_signature_is_known(os: Distro) -> None:
    """Only where signatures are required."""
    pull = await os.propose()
    ann = os.sandbox.person("ann", "write", on=NAME)
    await ann.push(NAME, pull.branch, {"x": b"x"})
    assert not (await os.github.snapshots.state(pull.number)).wants.unsigned
    os.sandbox.demand(NAME, "main", signatures=True)
    wants = (await os.github.snapshots.state(pull.number)).wants
    assert wants.unsigned
    assert "rebase" not in wants.methods


@pytest.mark.parametrize(
    ("own", "review"),
    [
        ({"reviewDecision": "REVIEW_REQUIRED"}, "REVIEW_REQUIRED"),
        ({"reviewDecision": "CHANGES_REQUESTED"}, "CHANGES_REQUESTED"),
        ({"reviewDecision": "APPROVED"}, ""),
        ({"reviewDecision": None}, ""),
        ({"reviewDecision": "REVIEW_REQUIRED", "viewerCanMergeAsAdmin": True}, ""),
    ],
)
async def test_githubs_review_decision(stage: Scene, own: dict[str, Any], review: str) -> None:
    """Who may bypass the rules waits for nobody."""
    stage.far.say(answer_of(people(**own)))
    assert (await MergeStates(handle(stage)).read(PullNumber(1))).wants.review == review
