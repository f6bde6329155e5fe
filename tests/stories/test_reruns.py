"""What octobot runs again by itself, and what it never does."""

from typing import Literal

import pytest

from octobot.model.reasons import ReasonCode
from octobot.sandbox.http.call import Answer
from octobot.sandbox.http.faults import fault
from tests.stories.story import NAME, Story
from tests.stories.test_commands import say

END = "##[error]Process completed with exit code 1.\n"
FLAKE = f"##[group]Run melange build hello.yaml\ncurl: (6) Could not resolve host: x.org\n{END}"
BROKEN = f"##[group]Run melange build hello.yaml\na.c:1:1: error: no such thing\n{END}"


def orders(tale: Story) -> list[str]:
    """List the orders to run something again that reached GitHub."""
    return [each.path for each in tale.sandbox.log.writes() if "rerun" in each.path]


async def proposed(tale: Story) -> None:
    """Bring the tale to an open pull request."""
    await tale.look()
    await tale.release("1.1")
    await tale.look()


async def finish(tale: Story, conclusion: str, log: str = "") -> ReasonCode:
    """Finish the jobs that are queued, then let octobot look."""
    (pull,) = await tale.pulls()
    for run in tale.sandbox.check_runs(NAME, pull.head):
        if run.status == "queued":
            good = conclusion == "success"
            tale.sandbox.update_check_run(
                run.id, conclusion="success" if good else "failure", log=log
            )
    return await tale.later(minutes=10)


async def test_a_flake_is_run_again_and_merged(tale: Story) -> None:
    """The network failed: the job is queued once more, the comment says so, success merges."""
    await proposed(tale)
    await tale.check("failure", FLAKE)
    assert len(orders(tale)) == 1
    (pull,) = await tale.pulls()
    (comment,) = tale.comments(pull.number)
    assert "The network failed" in comment
    assert "once more" in comment
    assert await tale.later(minutes=30) is ReasonCode.CHECKS_PENDING
    assert await finish(tale, "success") is ReasonCode.MERGED
    assert len(orders(tale)) == 1


async def test_no_job_is_run_again_twice(tale: Story) -> None:
    """The second run fails the same way: it stays failed, whatever the time and the restarts."""
    await proposed(tale)
    await tale.check("failure", FLAKE)
    assert await finish(tale, "failure", FLAKE) is ReasonCode.CHECKS_FAILED
    for _ in range(4):
        await tale.later(hours=3)
    assert len(orders(tale)) == 1


async def test_what_is_really_broken_is_not_run_again(tale: Story) -> None:
    """Neither alone, nor when another job of the same run met the network."""
    await proposed(tale)
    (pull,) = await tale.pulls()
    tale.sandbox.post_check_run(NAME, pull.head, "lint", conclusion="failure", log=FLAKE)
    await tale.check("failure", BROKEN)
    await tale.later(hours=3)
    assert orders(tale) == []


async def test_a_run_still_at_work_is_waited_for(tale: Story) -> None:
    """One job failed while another still runs: the order comes when the run has ended."""
    await proposed(tale)
    (pull,) = await tale.pulls()
    slow = tale.sandbox.post_check_run(NAME, pull.head, "slow", status="in_progress")
    await tale.check("failure", FLAKE)
    assert orders(tale) == []
    tale.sandbox.update_check_run(slow, conclusion="success")
    await tale.later(minutes=30)
    assert len(orders(tale)) == 1


@pytest.mark.parametrize("side", ["before", "after"])
async def test_a_lost_answer_orders_nothing_twice(
    tale: Story, side: Literal["before", "after"]
) -> None:
    """GitHub's answer to the order is lost, before or after it took effect."""
    await proposed(tale)
    faults = tale.sandbox.faults()
    faults.strike("lost", lambda call: "rerun-failed" in call.path, side=side, answer=fault())
    await tale.check("failure", FLAKE)
    for _ in range(3):
        await tale.later(hours=1)
    assert len(orders(tale)) == 1


async def test_a_death_after_the_claim_orders_nothing_twice(tale: Story) -> None:
    """The claim is remembered first: at most once is what a person can rely on."""
    await proposed(tale)
    (pull,) = await tale.pulls()
    tale.sandbox.post_check_run(NAME, pull.head, "build", conclusion="failure", log=FLAKE)
    checks = (await tale.world.github.snapshots.state(pull.number)).checks
    (check,) = (one for one in checks if one.name == "build")
    await tale.store.posted.claim_reruns(
        tale.world.watched.id, pull.head, [check], now=tale.world.clock()
    )
    assert await tale.later(minutes=10) is ReasonCode.CHECKS_FAILED
    assert orders(tale) == []


async def test_a_guess_is_no_evidence(tale: Story) -> None:
    """Stopped without a word: that may be anything, and nothing is run again for it."""
    await proposed(tale)
    await tale.check("failure", "##[group]Run make\n##[error]The operation was canceled.\n")
    assert orders(tale) == []


OTHER = 99
"""Another App than GitHub Actions."""


async def test_retry_says_what_it_did_and_what_it_cannot(tale: Story) -> None:
    """Jobs run again; what another App posted only that App can run again, so it is not asked."""
    await proposed(tale)
    (pull,) = await tale.pulls()
    tale.sandbox.post_check_run(NAME, pull.head, "scan", app_id=OTHER, conclusion="failure")
    await tale.check("failure", BROKEN)
    said = await say(tale, "/octobot retry", on=pull.number)
    assert "Running again: `build`" in said
    assert "- `scan`: only the App that posted it can" in said
    assert [path.rpartition("/")[2] for path in orders(tale)] == ["rerun-failed-jobs"]
    assert (await tale.row()).reason.code is not ReasonCode.MISCONFIGURED


async def test_retry_of_nothing_but_other_apps_checks_is_refused(tale: Story) -> None:
    """With the reason for each of them; nothing is asked of GitHub."""
    await proposed(tale)
    (pull,) = await tale.pulls()
    for name in ("scan", "licences"):
        tale.sandbox.post_check_run(NAME, pull.head, name, app_id=OTHER, conclusion="failure")
    said = await say(tale, "/octobot retry", on=pull.number)
    assert "octobot cannot run these again" in said
    assert said.count("only the App that posted it can") == 2
    assert orders(tale) == []


async def test_retry_before_the_end_of_a_run_says_so(tale: Story) -> None:
    """GitHub would refuse it."""
    await proposed(tale)
    (pull,) = await tale.pulls()
    tale.sandbox.post_check_run(NAME, pull.head, "slow", status="in_progress")
    await tale.check("failure", BROKEN)
    assert "has not ended yet" in await say(tale, "/octobot retry", on=pull.number)
    assert orders(tale) == []


@pytest.mark.parametrize("by", ["a flake", "a person"])
async def test_a_run_that_cannot_be_retried_stops_nothing(tale: Story, by: str) -> None:
    """GitHub's 403 is about the run: the package is not misconfigured, and the answer says it."""
    await proposed(tale)
    (pull,) = await tale.pulls()
    words = {"message": "This workflow run cannot be retried"}
    answer = Answer(words, 403, broken=True)
    tale.sandbox.faults().strike("403", lambda call: "rerun" in call.path, answer=answer, times=9)
    await tale.check("failure", FLAKE if by == "a flake" else BROKEN)
    if by == "a person":
        said = await say(tale, "/octobot retry", on=pull.number)
        assert "- `build`: GitHub refuses: This workflow run cannot be retried" in said
    assert len(orders(tale)) == 1
    assert await tale.later(minutes=10) is ReasonCode.CHECKS_FAILED
