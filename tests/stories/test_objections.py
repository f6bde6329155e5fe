"""A review that requests changes: nothing is merged over it, in whatever way merges are made."""

from datetime import timedelta

import pytest

from octobot.model.reasons import ReasonCode
from octobot.sandbox.changes.person import Person
from octobot.sandbox.http.call import Answer, Call
from octobot.sandbox.http.faults import GRAPHQL
from octobot.sandbox.state.nouns import Review, Role
from tests.stories.story import NAME, Story
from tests.stories.test_commands import say
from tests.stories.test_gate import NO_AGE, proposed
from tests.stories.test_groups import found, versions

NO = ReasonCode.CHANGES_REQUESTED


def person(tale: Story, login: str, role: Role = "write") -> Person:
    """Return somebody with a role."""
    return tale.sandbox.person(login, role, on=NAME)


async def object_to(tale: Story, number: int, login: str = "ann", role: Role = "write") -> Review:
    """Let somebody request changes."""
    return await person(tale, login, role).review(NAME, number, "REQUEST_CHANGES", "Not like this.")


async def said(tale: Story) -> str:
    """Read what octobot says about hello."""
    return (await tale.row()).reason.detail


@pytest.mark.parametrize("role", ["write", "maintain", "admin"])
async def test_it_waits_until_the_person_approves(tale: Story, role: Role) -> None:
    """The reason names the person; their own approval is what ends it."""
    pull = await proposed(tale)
    await object_to(tale, pull.number, role=role)
    assert await tale.check() is NO
    assert "ann" in await said(tale)
    assert await tale.later(days=2) is NO
    await person(tale, "ann", role).approve(NAME, pull.number)
    assert await tale.later(minutes=10) is ReasonCode.MERGED


async def test_a_dismissal_ends_it(tale: Story) -> None:
    """A later comment of the person, or an edit of the review's text, does not."""
    pull = await proposed(tale)
    review = await object_to(tale, pull.number)
    assert await tale.check() is NO
    await person(tale, "ann").review(NAME, pull.number, "COMMENT", "Still thinking.")
    await person(tale, "ann").edit_review(NAME, review.id, "Never mind, it is fine.")
    assert await tale.later(minutes=10) is NO
    await person(tale, "bob").dismiss(NAME, review.id)
    assert await tale.later(minutes=10) is ReasonCode.MERGED


@pytest.mark.parametrize("role", ["read", "triage"])
async def test_who_cannot_write_stops_nothing(tale: Story, role: Role) -> None:
    """Everybody may review on a public repository."""
    pull = await proposed(tale)
    await object_to(tale, pull.number, role=role)
    assert await tale.check() is ReasonCode.MERGED


async def test_who_may_not_write_any_more_stops_nothing(tale: Story) -> None:
    """The access counts that people have now."""
    pull = await proposed(tale)
    await object_to(tale, pull.number)
    assert await tale.check() is NO
    person(tale, "ann", "read")
    assert await tale.later(minutes=10) is ReasonCode.MERGED


async def test_the_approval_of_somebody_else_lifts_nothing(tale: Story) -> None:
    """Where an approval is wanted there is one, and another person's no still counts."""
    pull = await proposed(tale, config=NO_AGE + "approval: ['hello']\n")
    await object_to(tale, pull.number)
    await person(tale, "bob", "admin").approve(NAME, pull.number)
    assert await tale.check() is NO


async def test_one_of_two_who_object_is_enough(tale: Story) -> None:
    """The first one's approval leaves the second one's request."""
    pull = await proposed(tale)
    await object_to(tale, pull.number, "ann")
    await object_to(tale, pull.number, "bob")
    assert await tale.check() is NO
    await person(tale, "ann").approve(NAME, pull.number)
    assert await tale.later(minutes=10) is NO
    assert "bob" in await said(tale)
    assert "ann" not in await said(tale)


async def test_it_outlives_a_new_commit(tale: Story) -> None:
    """It is about the pull request: octobot's own commit on a newer base lifts nothing."""
    pull = await proposed(tale)
    await object_to(tale, pull.number)
    tale.clock.ahead += timedelta(seconds=5)
    await say(tale, "/octobot recreate", on=pull.number)
    assert await tale.check() is NO


async def test_merge_does_not_waive_it(tale: Story) -> None:
    """Not even an admin's word, with everything allowed that may be waived."""
    waive = "automerge: false\nwaive: {age: write, hold: write, automerge: write}\n"
    pull = await proposed(tale, config=NO_AGE + waive)
    await object_to(tale, pull.number)
    assert (await say(tale, "/octobot merge", on=pull.number)).startswith("✅")
    assert await tale.check() is NO
    assert 'version: "1.0"' in await tale.spec()


async def test_a_group_waits_as_a_whole(tale: Story) -> None:
    """One pull request, one no, three packages that are not merged."""
    await found(tale)
    await tale.release("1.1")
    await tale.look()
    (pull,) = await tale.pulls()
    await object_to(tale, pull.number)
    assert await tale.check() is NO
    assert await versions(tale) == ["1.0"] * 3
    await person(tale, "ann").approve(NAME, pull.number)
    assert await tale.later(minutes=10) is ReasonCode.MERGED
    assert await versions(tale) == ["1.1"] * 3


async def test_a_rebuild_waits(tale: Story) -> None:
    """What somebody asked for by command is merged over nobody's no, either."""
    await tale.look()
    number = await person(tale, "bob").open_issue(NAME, "Again")
    await say(tale, "/octobot rebuild hello new compiler", on=number)
    (pull,) = await tale.pulls()
    await object_to(tale, pull.number)
    await tale.check()
    assert "epoch: 3" in await tale.spec()
    await person(tale, "ann").approve(NAME, pull.number)
    await tale.later(minutes=10)
    assert "epoch: 4" in await tale.spec()


@pytest.mark.parametrize("merge_by", ["queue", "auto"])
@pytest.mark.parametrize("before", [True, False])
async def test_what_was_left_to_github_is_taken_back(
    tale: Story, merge_by: str, *, before: bool
) -> None:
    """A no that comes first keeps it here; one that comes later brings it back."""
    pull = await proposed(tale, config=NO_AGE + f"merge-by: {merge_by}\n")
    if merge_by == "queue":
        tale.sandbox.require_queue(NAME, "main")
    else:
        tale.sandbox.protect(NAME, "main", [("build", 15368)], reviews=1)
    if before:
        await object_to(tale, pull.number)
        assert await tale.check() is NO
    else:
        assert await tale.check() is ReasonCode.LEFT_TO_GITHUB
        await object_to(tale, pull.number)
        assert await tale.later(minutes=10) is NO
    assert await tale.world.github.merge_queue.left_to_github(pull.number) is None
    await person(tale, "bob").approve(NAME, pull.number)
    assert await tale.sandbox.merge_deferred(NAME) == ()


async def test_it_is_taken_back_under_other_settings_too(tale: Story) -> None:
    """Auto-merge was switched on under settings that hold no longer."""
    pull = await proposed(tale, config=NO_AGE + "merge-by: auto\n")
    tale.sandbox.protect(NAME, "main", [("build", 15368)], reviews=1)
    assert await tale.check() is ReasonCode.LEFT_TO_GITHUB
    await tale.configure(NO_AGE)
    await object_to(tale, pull.number)
    assert await tale.later(minutes=10) is NO
    assert await tale.world.github.merge_queue.left_to_github(pull.number) is None


def reviews_asked(call: Call) -> bool:
    """Match the query for one pull request and its reviews, not the glance at many."""
    return call.path == GRAPHQL and b"fragment People" in call.body


async def test_a_no_during_the_last_look_counts(tale: Story) -> None:
    """Pins are looked up for minutes; the reviews are read once more after that."""
    pull = await proposed(tale)
    faults = tale.sandbox.faults()

    async def objects() -> None:
        await object_to(tale, pull.number)

    faults.meanwhile("a no", reviews_asked, objects, side="after")
    assert await tale.check() is NO
    assert faults.met["a no"]


async def test_reviews_that_github_does_not_show_merge_nothing(tale: Story) -> None:
    """An error beside the data, however good the rest looks; later it continues."""
    pull = await proposed(tale)
    faults = tale.sandbox.faults()

    def partly(answer: Answer) -> Answer:
        body = answer.body if isinstance(answer.body, dict) else {}
        wrong = [{"type": "SERVICE_UNAVAILABLE", "message": "Something went wrong"}]
        return Answer({**body, "errors": wrong}, answer.status, answer.headers, broken=True)

    faults.strike("partly", reviews_asked, side="after", answer=partly, times=1000)
    assert await tale.check() is ReasonCode.RETRY_LATER
    assert faults.met["partly"]
    assert (await tale.world.github.pulls.get(pull.number)).state == "open"
    faults.clear()
    assert await tale.later(hours=1) is ReasonCode.MERGED


async def test_the_check_run_says_who_objects(tale: Story) -> None:
    """Neither red nor for ever in progress: people decide."""
    pull = await proposed(tale)
    await object_to(tale, pull.number)
    await tale.check()
    runs = tale.sandbox.hub.state.check_runs.of(tale.world.watched.id)
    (own,) = [run for run in runs if run.name == "octobot" and run.head_sha == pull.head]
    assert own.conclusion == "neutral"
    assert "requested by ann" in (own.output.title or "")
    assert "changes-requested" in (own.output.summary or "")
