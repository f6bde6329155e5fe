"""Who requested changes: latest opinions of writers, to the last page, and never half an answer."""

import pytest

from octobot.github.repository.reviews import Reviews
from octobot.model.errors import Misconfigured, TryLater
from octobot.model.ids import PullNumber
from octobot.model.pull_request import Objection
from tests.github.distro import NAME, Distro
from tests.github.loopback import Say, Scene
from tests.github.test_reading import handle

LAST = {"hasNextPage": False, "endCursor": None}


def node(state: str = "CHANGES_REQUESTED", login: str = "ann", number: int = 5) -> object:
    """Make a review's JSON."""
    return {"state": state, "author": {"login": login, "databaseId": number}}


def page(nodes: object, info: object = LAST, *, repository: int = 9, **more: object) -> Say:
    """Make one answer."""
    reviews = {"nodes": nodes, "pageInfo": info}
    pull = {"latestOpinionatedReviews": reviews}
    data = {"repository": {"databaseId": repository, "pullRequest": pull}}
    return Say(json={"data": data, **more})


async def test_only_requests_in_force_count(stage: Scene) -> None:
    """Approved and dismissed opinions lift nothing of others'; an account may be gone."""
    gone = {"state": "CHANGES_REQUESTED", "author": None}
    stage.far.say(page([node("APPROVED"), node("DISMISSED"), node(), gone]))
    found = await Reviews(handle(stage)).objections(PullNumber(1))
    assert found == (Objection(5, "ann"), Objection(0, "ghost"))


async def test_every_page_is_read(stage: Scene) -> None:
    """The request for changes is on the last one."""
    more = {"hasNextPage": True, "endCursor": "x"}
    stage.far.say(page([node("APPROVED")], more), page([node()]))
    assert await Reviews(handle(stage)).objections(PullNumber(1)) == (Objection(5, "ann"),)


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
    ],
)
async def test_half_an_answer_is_not_nobody(stage: Scene, answer: Say) -> None:
    """Errors, holes and new words: nothing is concluded from them."""
    stage.far.say(answer)
    with pytest.raises(TryLater):
        await Reviews(handle(stage)).objections(PullNumber(1))


async def test_another_repository_of_that_name_is_not_believed(stage: Scene) -> None:
    """Its reviews are other people's."""
    stage.far.say(page([], repository=10))
    with pytest.raises(Misconfigured):
        await Reviews(handle(stage)).objections(PullNumber(1))


async def test_a_list_without_end_is_given_up(stage: Scene) -> None:
    """A cursor that leads to itself."""
    stage.far.standing = {"/graphql": page([], {"hasNextPage": True, "endCursor": "x"})}
    with pytest.raises(TryLater, match="no last page"):
        await Reviews(handle(stage)).objections(PullNumber(1))


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
    assert await os.github.reviews.objections(pull.number) == found
