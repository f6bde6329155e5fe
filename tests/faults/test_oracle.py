"""The oracle itself: it must know who gave a person's work up, and who did not."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from octobot.model.pull_request import PullRequest
from octobot.sandbox.changes.person import Person
from octobot.sandbox.state.nouns import Role
from tests.faults.oracle import violations
from tests.stories.story import NAME, Story

Saying = Callable[[Story, PullRequest, Person], Awaitable[object]]
EVIL = {"hello.yaml": b"package: {}\n"}


async def foreign(tale: Story) -> tuple[PullRequest, Person]:
    """Let ann push to a pull request of octobot's."""
    await tale.look()
    await tale.release("1.1")
    await tale.look()
    (pull,) = await tale.pulls()
    ann = tale.sandbox.person("ann", "write")
    await ann.push(NAME, pull.branch, EVIL)
    tale.clock.ahead += timedelta(seconds=5)
    return await tale.world.github.pulls.get(pull.number), ann


async def taken_away(tale: Story, pull: PullRequest) -> list[str]:
    """Let octobot close it and delete its branch, as if it were its own; ask the oracle."""
    tale.clock.ahead += timedelta(seconds=5)
    await tale.world.github.pulls.close(pull.number)
    await tale.world.github.branches.delete(pull.branch, expected=pull.head)
    said = await violations(tale.sandbox, NAME)
    tale.pardoned = frozenset({"S1"})  # it is what this test is about
    return [one[:19] for one in said]


async def silent(_tale: Story, _pull: PullRequest, _ann: Person) -> None:
    """Say nothing."""


async def plain(_tale: Story, pull: PullRequest, ann: Person) -> None:
    """Say the command of no commit: its author may date it as they like."""
    await ann.comment(NAME, pull.number, "/octobot reset")


async def by_name(_tale: Story, pull: PullRequest, ann: Person) -> None:
    """Say it of this commit."""
    await ann.comment(NAME, pull.number, f"Well.\n\n/octobot reset {pull.head[:9]}")


async def another(_tale: Story, pull: PullRequest, ann: Person) -> None:
    """Say it of another commit."""
    await ann.comment(NAME, pull.number, "/octobot reset 1234567")


async def elsewhere(_tale: Story, pull: PullRequest, ann: Person) -> None:
    """Say it under something else."""
    issue = await ann.open_issue(NAME, "Please")
    await ann.comment(NAME, issue, f"/octobot reset {pull.head}")


async def edited(tale: Story, pull: PullRequest, ann: Person) -> None:
    """Make a command of what was none."""
    comment = await ann.comment(NAME, pull.number, "Looks good")
    tale.clock.ahead += timedelta(seconds=5)
    await ann.edit_comment(NAME, comment.id, f"/octobot reset {pull.head}")


async def reader(tale: Story, pull: PullRequest, _ann: Person) -> None:
    """Say it without the right to."""
    await _as("triage", tale).comment(NAME, pull.number, f"/octobot reset {pull.head}")


async def before_a_push(tale: Story, pull: PullRequest, ann: Person) -> None:
    """Say it of what was there before the last commit."""
    await ann.comment(NAME, pull.number, f"/octobot reset {pull.head}")
    tale.clock.ahead += timedelta(seconds=5)
    await ann.push(NAME, pull.branch, {"hello.yaml": b"package: {more: 1}\n"})


def _as(role: Role, tale: Story) -> Person:
    return tale.sandbox.person("eve", role)


@pytest.mark.parametrize(
    ("saying", "allowed"),
    [
        (by_name, True),
        (plain, False),
        (silent, False),
        (another, False),
        (elsewhere, False),
        (edited, False),
        (reader, False),
        (before_a_push, False),
    ],
)
async def test_only_who_may_write_abandons_a_commit(
    tale: Story, saying: Saying, *, allowed: bool
) -> None:
    """S1: closed and deleted only after somebody who may write said `adopt` on that very head."""
    pull, ann = await foreign(tale)
    await saying(tale, pull, ann)
    pull = await tale.world.github.pulls.get(pull.number)
    broken = ["S1: octobot closed ", "S1: octobot moved r"]
    assert await taken_away(tale, pull) == ([] if allowed else broken)
