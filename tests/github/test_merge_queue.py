"""Merges that are left to GitHub, always with the head that is meant."""

from dataclasses import replace

import pytest

from octobot.github.repository.checks import ACTIONS
from octobot.model.errors import Misconfigured, TryLater
from octobot.model.ids import PullNumber, Sha
from octobot.model.pull_request import LeftToGitHub, NotMerged, PullRequest
from octobot.sandbox.http.call import Answer
from octobot.sandbox.http.faults import fault, mutation
from tests.github.distro import BRANCH, NAME, Distro

FOREIGN = Sha("f" * 40)


async def left(
    os: Distro, pull: PullRequest, *, to: LeftToGitHub, head: Sha | None = None
) -> NotMerged | None:
    """Leave a merge to GitHub."""
    message = ("foo/1.1", "New.")
    return await os.github.merge_queue.leave_to_github(
        pull.number, to=to, head=head or pull.head, method="squash", message=message
    )


async def waiting(os: Distro, to: LeftToGitHub) -> PullRequest:
    """Propose, where GitHub takes merges this way."""
    pull = await os.propose()
    if to == "queue":
        os.sandbox.require_queue(NAME, "main")
    else:
        os.sandbox.protect(NAME, "main", [("build", ACTIONS)])
    return pull


BOTH = pytest.mark.parametrize("to", ["queue", "auto"])


@BOTH
async def test_a_merge_is_left_and_taken_back(os: Distro, to: LeftToGitHub) -> None:
    """It is pending in between; cancelling it twice is fine."""
    pull = await waiting(os, to)
    assert await os.github.merge_queue.left_to_github(pull.number) is None
    assert await left(os, pull, to=to) is None
    assert await os.github.merge_queue.left_to_github(pull.number) == to
    for _ in range(2):
        await os.github.merge_queue.cancel(pull.number)
        assert await os.github.merge_queue.left_to_github(pull.number) is None


@BOTH
async def test_another_head_is_not_taken(os: Distro, to: LeftToGitHub) -> None:
    """GitHub compares the head with the one that was judged."""
    pull = await waiting(os, to)
    declined = await left(os, pull, to=to, head=FOREIGN)
    assert isinstance(declined, NotMerged)
    assert "head" in declined.because
    assert await os.github.merge_queue.left_to_github(pull.number) is None


@BOTH
async def test_a_repository_without_it_says_so(os: Distro, to: LeftToGitHub) -> None:
    """No queue on the branch, or auto-merge switched off: GitHub's message is reported."""
    pull = await os.propose()
    os.sandbox.configure(NAME, allows_auto_merge=False)
    declined = await left(os, pull, to=to)
    assert isinstance(declined, NotMerged)
    assert "merge" in declined.because


@BOTH
async def test_a_lost_answer_is_settled_by_reading(os: Distro, to: LeftToGitHub) -> None:
    """After its effect it is done; before it, the next step asks again."""
    pull = await waiting(os, to)
    faults = os.sandbox.faults()
    name = "enqueuePullRequest" if to == "queue" else "enablePullRequestAutoMerge"
    faults.strike("lost", mutation(name), side="before", answer=fault())
    with pytest.raises(TryLater):
        await left(os, pull, to=to)
    faults.strike("lost", mutation(name), side="after", answer=fault())
    assert await left(os, pull, to=to) is None
    assert await os.github.merge_queue.left_to_github(pull.number) == to


async def test_a_persons_auto_merge_is_not_octobots(os: Distro) -> None:
    """Neither reported as octobot's nor cancelled."""
    pull = await waiting(os, "queue")
    ann = os.sandbox.person("ann", "write", on=NAME)
    await ann.enqueue(NAME, pull.number)
    assert await os.github.merge_queue.left_to_github(pull.number) is None
    await os.github.merge_queue.cancel(pull.number)
    assert await os.sandbox.merge_deferred(NAME) == (pull.number,)
    assert (await os.github.pulls.get(pull.number)).state == "merged"


async def test_a_push_takes_it_out_of_the_queue(os: Distro) -> None:
    """GitHub does so by itself."""
    pull = await waiting(os, "queue")
    await left(os, pull, to="queue")
    await os.sandbox.commit_files(NAME, BRANCH, {"foo.yaml": b"other: 1\n"}, "x", by="ann")
    assert await os.github.merge_queue.left_to_github(pull.number) is None


async def test_a_queue_is_recognised_by_its_ruleset(os: Distro) -> None:
    """The state of a pull request says that merges come from a queue."""
    pull = await os.propose()
    assert not (await os.github.snapshots.state(pull.number)).queue
    os.sandbox.require_queue(NAME, "main")
    assert (await os.github.snapshots.state(pull.number)).queue


async def test_a_pull_request_that_is_not_there_is_reported(os: Distro) -> None:
    """Nothing is concluded from an answer that does not show it."""
    with pytest.raises(TryLater):
        await os.github.merge_queue.left_to_github(PullNumber(99))


@BOTH
async def test_half_an_answer_is_not_nothing(os: Distro, to: LeftToGitHub) -> None:
    """GraphQL leaves out who waits in the queue, and says so: nothing is concluded from that."""
    pull = await waiting(os, to)
    assert await left(os, pull, to=to) is None

    def without(answer: Answer) -> Answer:
        shown = {"id": "PR_1", "autoMergeRequest": None, "mergeQueueEntry": None}
        data = {"repository": {"databaseId": os.watched.id, "pullRequest": shown}}
        errors = [{"message": "Something went wrong while executing your query."}]
        return replace(answer, body={"data": data, "errors": errors}, broken=True)

    os.sandbox.faults().strike("half", mutation("mergeQueueEntry"), side="after", answer=without)
    with pytest.raises(TryLater):
        await os.github.merge_queue.cancel(pull.number)
    assert await os.github.merge_queue.left_to_github(pull.number) == to


@pytest.mark.parametrize("hidden", [{"queue"}, {"auto"}, {"queue", "auto"}])
async def test_what_is_forbidden_is_hidden_and_stops_nothing(
    os: Distro, hidden: set[LeftToGitHub]
) -> None:
    """The state of the pull request is read all the same, and there is nothing to cancel."""
    pull = await waiting(os, "queue")
    os.sandbox.hub.state.live.hidden = frozenset(hidden)
    state = await os.github.snapshots.state(pull.number)
    assert state.hidden == frozenset(hidden)
    assert (state.left, state.queue) == (None, True)
    await os.github.merge_queue.cancel(pull.number)
    os.sandbox.hub.state.live.hidden = frozenset()
    assert (await os.github.snapshots.state(pull.number)).hidden == frozenset()


async def test_a_queue_of_branch_protection_is_seen(os: Distro) -> None:
    """The pull request says so where no ruleset does."""
    pull = await os.propose()
    os.sandbox.require_queue(NAME, "main", ruleset=False)
    assert (await os.github.snapshots.state(pull.number)).queue
    os.sandbox.unprotect(NAME, "main")
    assert not (await os.github.merge_queue.state(pull.number)).enabled


UNKNOWN = "Field 'mergeQueueEntry' doesn't exist on type 'PullRequest'"
NO_FIELD = {
    "message": UNKNOWN,
    "path": ["query", "repository", "pullRequest", "mergeQueueEntry"],
    "extensions": {"code": "undefinedField", "fieldName": "mergeQueueEntry"},
}


@pytest.mark.parametrize(
    ("errors", "hidden"),
    [
        ([NO_FIELD], {"queue", "auto"}),
        ([{"type": "FORBIDDEN", "message": "no"}], {"queue", "auto"}),
        ([NO_FIELD, {"message": "Something went wrong"}], None),
        ([{"type": "NOT_FOUND", "message": "no"}], None),
    ],
)
async def test_a_document_that_fails_as_a_whole(
    os: Distro, errors: list[object], hidden: set[LeftToGitHub] | None
) -> None:
    """A field that this GitHub lacks hides both; any other error concludes nothing."""
    pull = await os.propose()
    os.ticker.seconds += 60  # the token is not new any more
    answer = Answer({"data": {"repository": None}, "errors": errors}, broken=True)
    os.sandbox.faults().strike("no", mutation("mergeQueueEntry"), answer=answer)
    if hidden is None:
        with pytest.raises(TryLater):
            await os.github.merge_queue.state(pull.number)
    else:
        assert (await os.github.merge_queue.state(pull.number)).hidden == hidden


@BOTH
async def test_a_permission_that_is_missing_is_named(os: Distro, to: LeftToGitHub) -> None:
    """The mutation alone is forbidden."""
    pull = await waiting(os, to)
    forbidden = Answer(
        {"data": None, "errors": [{"type": "FORBIDDEN", "message": "no"}]}, broken=True
    )
    name = "enqueuePullRequest" if to == "queue" else "enablePullRequestAutoMerge"
    os.sandbox.faults().strike("no", mutation(name), answer=forbidden, times=99)
    with pytest.raises(TryLater, match="does not know a new token yet"):
        await left(os, pull, to=to)
    os.ticker.seconds += 60
    with pytest.raises(Misconfigured, match="merge_queues"):
        await left(os, pull, to=to)
