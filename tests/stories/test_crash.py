"""octobot dies before or after each of its effects on GitHub, one at a time, and continues.

The oracle is the sandbox: its log and its git, never what octobot remembers.
"""

from collections.abc import Awaitable, Callable
from itertools import product
from pathlib import Path
from typing import Any, Literal, cast

import pytest

from octobot.github.repository.repository import WatchedRepository
from octobot.model.reasons import ReasonCode
from octobot.store.store import Store
from tests.sampling import sampled
from tests.stories.story import NAME, Story, story
from tests.stories.test_commands import say

EFFECTS = frozenset(
    {
        "commits.create",
        "pulls.open",
        "pulls.close",
        "pulls.merge",
        "checks.post",
        "comments.post",
        "issues.post",
        "issues.close",
        "branches.delete",
        "commits.create_aside",
        "pulls.edit",
        "branches.move",
    }
)

Side = Literal["before", "after"]


class Died(BaseException):
    """The process is gone: nothing may catch this."""


class Mortal:
    """GitHub as seen by a process that dies at its n-th effect."""

    def __init__(self, github: WatchedRepository, point: int, side: Side) -> None:
        self._github, self._left, self._side = github, point, side

    def __getattr__(self, noun: str) -> "Noun":
        return Noun(self, noun, getattr(self._github, noun))

    def dying(self, act: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def acting(*args: object, **named: object) -> object:
            self._left -= 1
            if self._left == 0 and self._side == "before":
                raise Died
            result = await act(*args, **named)
            if self._left == 0:
                raise Died
            return result

        return acting


class Noun:
    """One noun of such a GitHub, such as its pull requests."""

    def __init__(self, mortal: Mortal, name: str, noun: object) -> None:
        self._mortal, self._name, self._noun = mortal, name, noun

    def __getattr__(self, method: str) -> Callable[..., Awaitable[Any]]:
        act: Callable[..., Awaitable[Any]] = getattr(self._noun, method)
        return self._mortal.dying(act) if f"{self._name}.{method}" in EFFECTS else act


async def live(tale: Story) -> None:
    """Play a bump's whole life: seen, proposed, checked, merged."""
    await tale.look()
    await tale.release("1.1")
    await tale.look()
    await tale.check()


@pytest.mark.parametrize(("point", "side"), sampled(product(range(1, 8), ("before", "after")), 5))
async def test_a_death_changes_nothing_in_the_end(
    tmp_path: Path, store: Store, point: int, side: Side
) -> None:
    """Whichever effect octobot dies at, the bump is merged once, from one pull request."""
    async with story(tmp_path / "stage", store) as tale:
        whole = tale.world.github
        tale.through(cast("WatchedRepository", Mortal(whole, point, side)))
        died = False
        try:
            await live(tale)
        except Died:
            died = True
        tale.through(whole)
        for _ in range(3):
            await tale.release("1.1")
            await tale.later(hours=1)
            if await tale.pulls():
                await tale.check()
        assert (await tale.row()).reason.code is ReasonCode.MERGED
        assert await tale.pulls() == ()
        assert 'version: "1.1"' in await tale.spec()
        assert await tale.world.github.branches.head("octobot/hello/1.1") is None
        counted(tale)
        assert died == (point <= DEATHS), "the number of effects in a bump's life has changed"


async def test_a_second_try_is_not_taken_for_the_first(tale: Story) -> None:
    """What was withdrawn and is wanted again: the closed pull request is of the earlier try."""
    await tale.look()
    await tale.release("1.1")
    await tale.look()
    (first,) = await tale.pulls()
    await say(tale, "/octobot ignore 1.1", on=first.number)
    assert await tale.pulls() == ()
    whole = tale.world.github
    mortal = Mortal(whole, 2, "after")  # having answered, and committed
    tale.through(cast("WatchedRepository", mortal))
    with pytest.raises(Died):
        await say(tale, "/octobot unignore 1.1", on=first.number)
    tale.through(whole)
    await tale.sandbox.commit_files(NAME, "main", {"README": b"moved"}, "Move on")
    await tale.later(hours=1)
    assert await tale.check() is ReasonCode.MERGED


DEATHS = 6
"""Effects in a bump's life: commit, pull request, two verdicts, merge, the branch's deletion."""


def counted(tale: Story, pulls: int = 1) -> None:
    """Count the results: one merge, of one pull request."""
    done = [each for each in tale.sandbox.log if each.status < 300]
    opened = [each for each in done if (each.method, each.path) == ("POST", f"/repos/{NAME}/pulls")]
    merges = [each for each in done if each.method == "PUT" and each.path.endswith("/merge")]
    assert (len(opened), len(merges)) == (pulls, 1)
