"""A pull request that does not fit its base any more is recreated in its place."""

from dataclasses import replace
from datetime import timedelta
from itertools import product
from typing import Any, cast

import pytest

from octobot.flows.diagnose.apply import Applied, apply
from octobot.github.repository.branches import Branches
from octobot.github.repository.repository import WatchedRepository
from octobot.model.ids import Sha
from octobot.model.pull_request import PullRequest
from octobot.model.reasons import ReasonCode
from octobot.triage.model.ask import Adviser
from tests.sampling import sampled
from tests.stories.story import NAME, Story
from tests.stories.test_crash import Died, Mortal, Side, counted
from tests.stories.test_groups import found, versions
from tests.stories.test_suggestions import HEADER, fail


async def proposed(tale: Story) -> PullRequest:
    """Let 1.1 be proposed."""
    await tale.look()
    await tale.release("1.1")
    await tale.look()
    (pull,) = await tale.pulls()
    return pull


def body(tale: Story, pull: PullRequest) -> str:
    """Read the pull request's own words from GitHub."""
    thread = tale.sandbox.hub.state.issue(tale.world.watched.id, pull.number)
    assert thread
    return thread.body or ""


async def rebuilt(tale: Story, epoch: int = 4) -> None:
    """Let somebody change the spec's line that every bump changes, too."""
    text = (await tale.spec()).replace("epoch: 3", f"epoch: {epoch}")
    await tale.sandbox.commit_files(NAME, "main", {"hello.yaml": text.encode()}, "Rebuild hello")


async def test_a_base_that_keeps_moving_costs_no_second_pull_request(tale: Story) -> None:
    """Where protection wants the newest base, eight other merges are eight commits in one."""
    tale.sandbox.protect(NAME, "main", [("build", 15368)], strict=True)
    pull = await proposed(tale)
    tale.sandbox.log.clear()
    for number in range(8):
        await tale.sandbox.commit_files(NAME, "main", {"README": b"%d" % number}, "Move on")
        await tale.check()
        assert (await tale.pulls())[0].number == pull.number
    assert await tale.check() is ReasonCode.MERGED
    made = [one for one in tale.sandbox.log.content_writes() if one.path.endswith("/git/commits")]
    assert len(made) == 8
    counted(tale, pulls=0)


async def test_its_words_follow_its_text(tale: Story) -> None:
    """The spec was changed below it: the table of changes is about the new one."""
    pull = await proposed(tale)
    assert "| `package.epoch` | 4 | `3` | `0` |" in body(tale, pull)
    await rebuilt(tale, epoch=7)
    await tale.check()
    assert "| `package.epoch` | 4 | `7` | `0` |" in body(tale, pull)
    assert await tale.check() is ReasonCode.MERGED


async def test_only_the_same_text_keeps_its_age(tale: Story) -> None:
    """What is pinned by another text was looked up just now, and is no older than that."""
    pull = await proposed(tale)
    (first,) = await tale.store.ledger.proposed(tale.world.watched.id, "hello")
    for text, older in (("description: A", "description: The"), ("epoch: 3", "epoch: 4")):
        tale.clock.ahead += timedelta(hours=1)
        changed = (await tale.spec()).replace(text, older).encode()
        await tale.sandbox.commit_files(NAME, "main", {"hello.yaml": changed}, "By hand")
        await tale.check()
        (now,) = await tale.store.ledger.proposed(tale.world.watched.id, "hello")
        assert (now.number, now.head != first.head) == (pull.number, True)
        assert (now.at > first.at) == (now.blob != first.blob)
        first = now


@pytest.mark.parametrize(("point", "side"), sampled(product(range(1, 6), ("before", "after")), 5))
async def test_a_death_leaves_one_pull_request(tale: Story, point: int, side: Side) -> None:
    """Whichever effect octobot dies at while it recreates it, it is merged once."""
    await proposed(tale)
    await rebuilt(tale)
    whole = tale.world.github
    tale.through(cast("WatchedRepository", Mortal(whole, point, side)))
    died = False
    try:
        await tale.check()
    except Died:
        died = True
    tale.through(whole)
    for _ in range(3):
        await tale.later(hours=1)
        if await tale.pulls():
            await tale.check()
    assert (await tale.row()).reason.code is ReasonCode.MERGED
    assert "  epoch: 0" in await tale.spec()
    counted(tale)
    assert died == (point <= EFFECTS), "the number of effects has changed"


EFFECTS = 4
"""The verdict, the commit aside, the new words, the move of the branch."""


class Meddled:
    """Branches, with something that happens right before one is moved."""

    def __init__(self, branches: Branches, event: Any) -> None:  # noqa: ANN401  (any coroutine function)
        self._branches, self._event = branches, event

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  (whatever they have of that name)
        return getattr(self._branches, name)

    async def move(self, branch: str, *, expected: Sha, to: Sha) -> bool:
        """Be late."""
        await self._event()
        return await self._branches.move(branch, expected=expected, to=to)


async def test_a_push_right_before_the_move_wins(tale: Story) -> None:
    """Nobody's commit is overwritten; the gate says whose it is."""
    pull = await proposed(tale)
    await rebuilt(tale)
    whole = tale.world.github
    ann = tale.sandbox.person("ann", "write")

    async def push() -> None:
        await ann.push(NAME, pull.branch, {"hello.yaml": b"mine"})

    tale.through(replace(whole, branches=cast("Branches", Meddled(whole.branches, push))))
    await tale.check()
    tale.through(whole)
    assert await tale.later(hours=1) is ReasonCode.UNKNOWN_COMMIT
    (now,) = await tale.pulls()
    assert now.head not in await tale.store.ledger.heads(tale.world.watched.id, pull.branch)


async def test_a_person_who_closes_it_meanwhile_is_heard(tale: Story) -> None:
    """It is not opened again because it was about to be recreated."""
    pull = await proposed(tale)
    await rebuilt(tale)
    whole = tale.world.github
    tale.through(cast("WatchedRepository", Mortal(whole, 3, "after")))
    with pytest.raises(Died):
        await tale.check()
    tale.through(whole)
    await tale.sandbox.person("ann", "write").close(NAME, pull.number)
    assert await tale.later(hours=1) is ReasonCode.CLOSED_BY_USER
    assert await tale.pulls() == ()


async def test_an_applied_suggestion_stays(tale: Story) -> None:
    """What a person applied is in the new commit, and the gate still knows it for what it is."""
    tale.pardoned = frozenset({"S3"})  # the merge has the suggestion's line, as it should
    tale.sandbox.protect(NAME, "main", [("build", 15368)], strict=True)
    async with Adviser.open(None) as adviser:
        tale.world = replace(tale.world, adviser=adviser)
        number = await fail(tale, HEADER)
        (pull,) = await tale.pulls()
        assert isinstance(await apply(tale.world, number, pull.head, by="ann"), Applied)
        await tale.sandbox.person("bob", "write").approve(NAME, number)
        await tale.sandbox.commit_files(NAME, "main", {"README": b"more"}, "Move on")
        await tale.check()
        (again,) = await tale.pulls()
        state = await tale.world.github.snapshots.state(again.number)
        assert (again.number, len(state.commits)) == (number, 1)
        await tale.sandbox.person("bob", "write").approve(NAME, number)
        await tale.check()
    assert "      - zlib-dev" in await tale.spec()


async def test_a_group_keeps_its_pull_request(tale: Story) -> None:
    """All of its packages are recreated together."""
    tale.sandbox.protect(NAME, "main", [("build", 15368)], strict=True)
    await found(tale)
    await tale.release("1.1")
    await tale.look()
    (pull,) = await tale.pulls()
    await tale.sandbox.commit_files(NAME, "main", {"README": b"more"}, "Move on")
    await tale.check()
    (again,) = await tale.pulls()
    assert (again.number, again.head != pull.head) == (pull.number, True)
    await tale.check()
    assert await versions(tale) == ["1.1"] * 3
