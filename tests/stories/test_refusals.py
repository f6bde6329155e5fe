"""Row 96: what GitHub refuses is read before it is asked, and not asked again and again."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from octobot.model.pull_request import LeftToGitHub
from octobot.model.reasons import ReasonCode
from octobot.sandbox.http.call import Answer, Call
from octobot.sandbox.http.faults import mutation
from octobot.sandbox.state.nouns import CI_APP
from tests.stories.story import NAME, Story
from tests.stories.test_commands import say
from tests.stories.test_gate import NO_AGE, proposed
from tests.stories.test_objections import person, said
from tests.stories.test_objections_kinds import KINDS, object_by, shown

CHECKS = [("build", CI_APP)]


def tries(tale: Story) -> int:
    """Count what GitHub was asked to merge, refused or not."""
    merging = ("enqueuePullRequest", "enablePullRequestAutoMerge")
    rest = sum(one.method == "PUT" and one.path.endswith("/merge") for one in tale.sandbox.log)
    bodies = [one.body.decode() for one in tale.sandbox.log if one.path.endswith("/graphql")]
    return rest + sum(any(f"{name}(" in body for name in merging) for body in bodies)


def forbid_squash(tale: Story) -> None:
    """Let the repository not allow it."""
    tale.sandbox.configure(NAME, merge_methods=frozenset({"rebase"}))


def forbid_squash_by_ruleset(tale: Story) -> None:
    """Let a ruleset not allow it."""
    tale.sandbox.demand(NAME, "main", methods=frozenset({"rebase", "merge"}))


def require_review(tale: Story) -> None:
    """Require a review by branch protection."""
    tale.sandbox.protect(NAME, "main", CHECKS, reviews=1)


def require_review_by_ruleset(tale: Story) -> None:
    """Require a review by a ruleset."""
    tale.sandbox.protect(NAME, "main", reviews=1, ruleset=True)


def require_queue(tale: Story) -> None:
    """Require the merge queue."""
    tale.sandbox.require_queue(NAME, "main")


FORESEEN: dict[Callable[[Story], None], tuple[str, ReasonCode]] = {
    forbid_squash: ("api", ReasonCode.MERGE_NOT_ALLOWED),
    forbid_squash_by_ruleset: ("api", ReasonCode.MERGE_NOT_ALLOWED),
    require_review: ("api", ReasonCode.NEEDS_APPROVAL),
    require_review_by_ruleset: ("queue", ReasonCode.NEEDS_APPROVAL),
    require_queue: ("api", ReasonCode.MERGE_NOT_ALLOWED),
}


@pytest.mark.parametrize("settings", FORESEEN)
async def test_what_github_will_refuse_is_not_asked(
    tale: Story, settings: Callable[[Story], None]
) -> None:
    """The check run says so and is not green; nothing is asked for in a day."""
    merge_by, code = FORESEEN[settings]
    pull = await proposed(tale, config=NO_AGE + f"merge-by: {merge_by}\n")
    settings(tale)
    tale.sandbox.log.clear()
    assert await tale.check() is code
    for _ in range(12):
        assert await tale.later(hours=2) is code
    assert tries(tale) == 0
    conclusion, title = shown(tale, pull)
    assert conclusion == "neutral"
    assert title.startswith(f"Waiting: {code.value}")


async def test_a_rebase_of_signed_commits_is_not_asked(tale: Story) -> None:
    """GitHub signs none that it rebases."""
    await proposed(tale, config=NO_AGE + "merge-method: rebase\n")
    tale.sandbox.demand(NAME, "main", signatures=True)
    tale.sandbox.log.clear()
    assert await tale.check() is ReasonCode.MERGE_NOT_ALLOWED
    assert tries(tale) == 0
    await tale.configure(NO_AGE)
    assert await tale.later(minutes=10) is ReasonCode.MERGED


async def test_linear_history_has_no_merge_commit(tale: Story) -> None:
    """Nothing is asked for until the file says squash."""
    await proposed(tale, config=NO_AGE + "merge-method: merge\n")
    tale.sandbox.demand(NAME, "main", linear=True)
    tale.sandbox.log.clear()
    assert await tale.check() is ReasonCode.MERGE_NOT_ALLOWED
    assert tries(tale) == 0


async def test_a_review_that_comes_is_enough(tale: Story) -> None:
    """The wait ends with what was missing."""
    pull = await proposed(tale)
    require_review(tale)
    assert await tale.check() is ReasonCode.NEEDS_APPROVAL
    assert "GitHub requires a review" in await said(tale)
    await person(tale, "ann").approve(NAME, pull.number)
    assert await tale.later(minutes=10) is ReasonCode.MERGED


async def test_auto_merge_asks_once_for_what_waits_for_a_review(tale: Story) -> None:
    """No merge is tried before; the missing review is known."""
    await proposed(tale, config=NO_AGE + "merge-by: auto\n")
    require_review(tale)
    tale.sandbox.log.clear()
    assert await tale.check() is ReasonCode.LEFT_TO_GITHUB
    await tale.later(hours=2)
    assert tries(tale) == 1


async def test_auto_merge_that_is_not_allowed_is_not_asked(tale: Story) -> None:
    """The repository's settings say so."""
    await proposed(tale, config=NO_AGE + "merge-by: auto\n")
    require_review(tale)
    tale.sandbox.configure(NAME, allows_auto_merge=False)
    tale.sandbox.log.clear()
    assert await tale.check() is ReasonCode.MERGE_NOT_ALLOWED
    assert tries(tale) == 0


def is_merge(call: Call) -> bool:
    """Match the request to merge."""
    return call.method == "PUT" and call.path.endswith("/merge")


@pytest.mark.long
async def test_an_unforeseen_refusal_is_tried_three_times_a_day(tale: Story) -> None:
    """Whatever GitHub says; the check run does not say Ready meanwhile."""
    pull = await proposed(tale)
    faults = tale.sandbox.faults()
    words = {"message": "Repository rule violations found"}
    faults.strike("no", is_merge, side="before", answer=lambda _: Answer(words, 405), times=1000)
    tale.sandbox.log.clear()
    assert await tale.check() is ReasonCode.MERGE_REFUSED
    assert "Repository rule violations found" in await said(tale)
    conclusion, title = shown(tale, pull)
    assert conclusion != "success"
    assert title.startswith("Waiting: merge-refused")
    for _ in range(24 * 6 - 2):
        await tale.later(minutes=10)
    assert faults.met["no"] == 3
    for _ in range(24 * 6):
        await tale.later(minutes=10)
    assert 3 < faults.met["no"] <= 6
    faults.clear()
    assert await tale.later(days=1) is ReasonCode.MERGED


# the merge queue


async def queued(tale: Story) -> int:
    """Bring a pull request into the queue."""
    pull = await proposed(tale, config=NO_AGE + "merge-by: queue\n")
    require_queue(tale)
    tale.sandbox.log.clear()
    assert await tale.check() is ReasonCode.LEFT_TO_GITHUB
    return pull.number


async def test_a_queue_that_removes_it_twice_ends_it(tale: Story) -> None:
    """With one comment; in a day nothing more is asked for."""
    number = await queued(tale)
    await tale.sandbox.eject(NAME, number)
    assert await tale.later(minutes=10) is ReasonCode.LEFT_TO_GITHUB
    assert tale.comments(number) == []
    await tale.sandbox.eject(NAME, number)
    assert await tale.later(minutes=10) is ReasonCode.MERGE_QUEUE_FAILED
    for _ in range(12):
        await tale.later(hours=2)
    assert tries(tale) == 2
    (comment,) = tale.comments(number)
    assert "failed_checks" in comment.replace("\\", "")


async def test_a_queue_that_removes_it_without_a_trace_ends_it_too(tale: Story) -> None:
    """The timeline shows nothing: what was asked for and is gone counts."""
    number = await queued(tale)
    for _ in range(4):
        state = tale.sandbox.hub.state
        one = state.pull(tale.world.watched.id, number)
        assert one
        state.pulls.put(replace(one, deferred=None))
        await tale.later(minutes=10)
    assert tries(tale) == 2
    assert len(tale.comments(number)) == 1


async def test_another_commit_is_tried_again(tale: Story) -> None:
    """A recreation is a new head."""
    number = await queued(tale)
    for _ in range(2):
        await tale.sandbox.eject(NAME, number)
        await tale.later(minutes=10)
    await say(tale, "/octobot recreate", on=number)
    assert await tale.check() is ReasonCode.LEFT_TO_GITHUB
    assert await tale.sandbox.merge_deferred(NAME) == (number,)
    assert await tale.later(minutes=10) is ReasonCode.MERGED


async def test_what_octobot_took_back_counts_for_nothing(tale: Story) -> None:
    """Three times a pause, and three times the queue."""
    number = await queued(tale)
    for _ in range(3):
        await tale.configure("paused: true\nmerge-by: queue\n")
        assert await tale.later(minutes=10) is ReasonCode.PAUSED
        await tale.configure(NO_AGE + "merge-by: queue\n")
        assert await tale.later(minutes=10) is ReasonCode.LEFT_TO_GITHUB
    assert await tale.sandbox.merge_deferred(NAME) == (number,)


# what the App is not shown


@pytest.mark.parametrize("hidden", [{"queue"}, {"queue", "auto"}])
@pytest.mark.parametrize("merge_by", ["api", "auto", "queue"])
async def test_a_permission_that_is_missing_stalls_no_other_way_of_merging(
    tale: Story, hidden: set[LeftToGitHub], merge_by: str
) -> None:
    """What the file wants and GitHub does not show is merged as by `api`."""
    pull = await proposed(tale, config=NO_AGE + f"merge-by: {merge_by}\n")
    tale.sandbox.hub.state.live.hidden = frozenset(hidden)
    tale.sandbox.log.clear()
    assert await tale.check() is ReasonCode.MERGED
    assert tries(tale) == 1
    assert tale.comments(pull.number) == []


async def test_a_required_queue_that_is_hidden_is_said(tale: Story) -> None:
    """Nothing is asked for; the reason names the permission."""
    await proposed(tale, config=NO_AGE + "merge-by: queue\n")
    require_queue(tale)
    tale.sandbox.hub.state.live.hidden = frozenset({"queue"})
    tale.sandbox.log.clear()
    assert await tale.check() is ReasonCode.MERGE_NOT_ALLOWED
    assert "grant the App the permission `Merge queues`" in await said(tale)
    assert tries(tale) == 0
    tale.sandbox.hub.state.live.hidden = frozenset()
    assert await tale.later(minutes=30) is ReasonCode.LEFT_TO_GITHUB


@pytest.mark.parametrize("kind", ["draft", "label", "review"])
async def test_a_no_counts_where_the_queue_is_hidden(tale: Story, kind: str) -> None:
    """What GitHub shows of people is read without the queue."""
    pull = await proposed(tale, config=NO_AGE + "merge-by: auto\n")
    tale.sandbox.hub.state.live.hidden = frozenset({"queue", "auto"})
    await object_by(tale, kind, pull.number)
    tale.sandbox.log.clear()
    assert await tale.check() is KINDS[kind]
    assert tries(tale) == 0


async def test_what_github_may_still_have_is_not_merged_beside_it(tale: Story) -> None:
    """The permission was taken away after the merge was left to GitHub."""
    await queued(tale)
    tale.sandbox.hub.state.live.hidden = frozenset({"queue"})
    tale.sandbox.unprotect(NAME, "main", ruleset=True)
    for _ in range(3):
        assert await tale.later(hours=2) is ReasonCode.LEFT_TO_GITHUB
    assert tries(tale) == 1


async def test_a_queue_that_may_not_be_entered_is_no_queue_where_none_is_required(
    tale: Story,
) -> None:
    """The mutation alone is forbidden: it is merged by the API, and no try is left behind."""
    pull = await proposed(tale, config=NO_AGE + "merge-by: queue\n")
    errors = [{"type": "FORBIDDEN", "message": "Resource not accessible by integration"}]
    answer = Answer({"data": None, "errors": errors}, broken=True)
    forbidden = mutation("enqueuePullRequest")
    tale.sandbox.faults().strike("403", forbidden, answer=answer, times=99)
    await tale.check()  # the token that may merge is new: its first refusals prove nothing
    assert await tale.later(minutes=2) is ReasonCode.MERGED
    made, early = await tale.store.merge_tries.of_pull(tale.world.watched.id, pull.number)
    assert "merge_queues" in made.refused
    assert early.cancelled


@pytest.mark.parametrize("by", ["a ruleset", "branch protection"])
async def test_the_api_under_a_queue_says_so_once_and_backs_off(tale: Story, by: str) -> None:
    """The looks become rare, and the right setting merges.

    No merge is asked for, but for one where only protection has the queue, which is known for an
    hour: it came within that.
    """
    tale.world = replace(tale.world, recheck=timedelta(minutes=5))
    pull = await proposed(tale)
    tale.sandbox.require_queue(NAME, "main", ruleset=by == "a ruleset")
    tale.sandbox.log.clear()
    assert await tale.check() is ReasonCode.MERGE_NOT_ALLOWED
    assert "set `merge-by: queue`" in await said(tale)
    runs = len(tale.sandbox.check_runs(NAME, pull.head))
    for _ in range(5 * 12):
        tale.clock.ahead += timedelta(minutes=5)
        await tale.work()
    looks = sum("/rules/branches/main" in one.path for one in tale.sandbox.log)
    assert looks <= 12
    assert tries(tale) <= (by == "branch protection")
    assert len(tale.sandbox.check_runs(NAME, pull.head)) == runs
    await tale.configure(NO_AGE + "merge-by: queue\n")
    assert await tale.later(hours=1) is ReasonCode.LEFT_TO_GITHUB
