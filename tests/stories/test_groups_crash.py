"""octobot dies at each of its effects while it updates a group, and continues."""

from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Literal, cast

import pytest

from octobot.github.repository.repository import WatchedRepository
from octobot.model.reasons import ReasonCode
from octobot.store.store import Store as Real
from tests.faults.lives.dying import Died as Gone
from tests.faults.lives.dying import Fate, Memory, Mortal
from tests.faults.oracle import violations
from tests.sampling import sampled
from tests.stories.story import NAME, Story, story
from tests.stories.test_crash import Died, counted
from tests.stories.test_crash import Mortal as MortalOnGitHub
from tests.stories.test_groups import BRANCH, codes, found, versions

WRITES = (
    *("packages.begin", "ledger.intend", "ledger.enter"),
    *("ledger.update_proposed", "packages.record"),
)
DEATHS = 6
"""Effects on GitHub in a group's life at least; a verdict whose age turns within the very second is
said once more."""


async def live(tale: Story) -> None:
    """Play the life of a group's bump: seen, proposed, checked, merged."""
    await tale.release("1.1")
    await tale.look()
    await tale.check()


async def ends_well(tale: Story) -> None:
    """Another process continues, and in the end all is as if none had died."""
    tale.queue.keys.clear()  # hints that were only in memory died, too
    for _ in range(3):
        await tale.later(hours=1)
        if await tale.pulls():
            await tale.check()
    assert await codes(tale) == [ReasonCode.MERGED] * 3
    assert await versions(tale) == ["1.1"] * 3
    assert await tale.pulls() == ()
    assert await tale.world.github.branches.head(BRANCH.format("1.1")) is None
    assert await violations(tale.sandbox, NAME) == []
    counted(tale)


@pytest.mark.parametrize(
    ("point", "side"), sampled(product(range(1, DEATHS + 2), ("before", "after")), 5)
)
async def test_a_death_at_an_effect_on_github_changes_nothing_in_the_end(
    tmp_path: Path, store: Real, point: int, side: Literal["before", "after"]
) -> None:
    """The group is merged once, from one pull request, with all of its files."""
    async with story(tmp_path / "stage", store) as tale:
        await found(tale)
        whole = tale.world.github
        tale.through(cast("WatchedRepository", MortalOnGitHub(whole, point, side)))
        died = False
        try:
            await live(tale)
        except Died:
            died = True
        tale.through(whole)
        await ends_well(tale)
        assert died or point > DEATHS, "the number of effects in a group's life has changed"


@pytest.mark.parametrize(("write", "side"), sampled(product(WRITES, ("before", "after")), 5))
async def test_a_death_at_a_write_of_the_store_changes_nothing_in_the_end(
    tmp_path: Path, store: Real, write: str, side: Literal["before", "after"]
) -> None:
    """Between intent and commit, between commit and pull request, and around each row's record."""
    async with story(tmp_path / "stage", store) as tale:
        await found(tale)
        sound = tale.world.store
        mortal = Mortal(tale, tale.sandbox.faults(), Fate(side=side, named=write))
        tale.world = replace(tale.world, store=Memory(sound, mortal))
        with pytest.raises(Gone):
            await live(tale)
        tale.world = replace(tale.world, store=sound)
        await ends_well(tale)
