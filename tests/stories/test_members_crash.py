"""A change's members become others while something is open, and octobot dies in between."""

import contextlib
from itertools import product
from pathlib import Path
from typing import Literal, cast

import pytest

from octobot.flows.ownership import unfinished
from octobot.github.repository.repository import WatchedRepository
from octobot.model.reasons import ReasonCode
from octobot.store.store import Store
from tests.faults.oracle import violations
from tests.sampling import sampled
from tests.stories.story import NAME, Story, story
from tests.stories.test_crash import Died, Mortal
from tests.stories.test_groups import BRANCH, GROUP, NAMES, codes, found, versions

ALONE = "minimum-release-age: 0s\n"
SMALLER = GROUP.replace('"hello*"', "hello, hello-core")
CHANGES = {"together": (ALONE, GROUP), "alone": (GROUP, ALONE), "smaller": (GROUP, SMALLER)}


async def proposed(tale: Story, before: str) -> None:
    """Let octobot open what the settings want."""
    await found(tale, config=before)
    await tale.release("1.1")
    await tale.look()


async def live(tale: Story, after: str) -> None:
    """Change the settings, and let octobot follow."""
    await tale.configure(after)
    await tale.later(hours=1)
    await tale.check()


async def ends_well(tale: Story) -> None:
    """Another process continues: each package is merged once, and nothing is left over."""
    tale.queue.keys.clear()
    for _ in range(4):
        await tale.later(hours=1)
        if await tale.pulls():
            await tale.check()
    assert await codes(tale) == [ReasonCode.MERGED] * 3
    assert await versions(tale) == ["1.1"] * 3
    assert await tale.pulls() == ()
    assert await violations(tale.sandbox, NAME) == []
    left = [
        past
        for name in NAMES
        for past in await tale.store.ledger.proposed(tale.world.watched.id, name)
    ]
    assert unfinished(left) == ()


@pytest.mark.parametrize(
    ("change", "point", "side"),
    sampled(product(sorted(CHANGES), range(1, 13), ("before", "after")), 23),
)
async def test_a_death_while_the_old_change_closes_is_made_good(
    tmp_path: Path, store: Store, change: str, point: int, side: Literal["before", "after"]
) -> None:
    """The old change is closed first, whenever octobot dies, and every package arrives once."""
    before, after = CHANGES[change]
    async with story(tmp_path / "stage", store) as tale:
        await proposed(tale, before)
        whole = tale.world.github
        tale.through(cast("WatchedRepository", Mortal(whole, point, side)))
        with contextlib.suppress(Died):
            await live(tale, after)
        tale.through(whole)
        await ends_well(tale)


async def test_a_commit_that_nobody_noted_is_a_persons_to_remove(
    tmp_path: Path, store: Store
) -> None:
    """Its answer was lost, and other members take its branch: octobot destroys nothing."""
    async with story(tmp_path / "stage", store) as tale:
        await found(tale)
        whole = tale.world.github
        await tale.release("1.1")
        tale.through(cast("WatchedRepository", Mortal(whole, 1, "after")))
        with contextlib.suppress(Died):
            await tale.look()
        tale.through(whole)
        await live(tale, SMALLER)
        assert (await codes(tale))[:2] == [ReasonCode.UNKNOWN_COMMIT] * 2
        head = await tale.world.github.branches.head(BRANCH.format("1.1"))
        assert head
        await tale.world.github.branches.delete(BRANCH.format("1.1"), expected=head)
        await ends_well(tale)


BEGINNINGS = [
    (change, point, side)
    for change in sorted(CHANGES)
    for point in range(1, 4)
    for side in ("before", "after")
    if (change, point, side) != ("smaller", 1, "after")
]


@pytest.mark.parametrize(("change", "point", "side"), sampled(BEGINNINGS, 5))
async def test_a_death_at_the_beginning_blocks_no_other_change(
    tmp_path: Path, store: Store, change: str, point: int, side: Literal["before", "after"]
) -> None:
    """What was begun, and its pull request perhaps not noted, does not keep its members."""
    before, after = CHANGES[change]
    async with story(tmp_path / "stage", store) as tale:
        await found(tale, config=before)
        whole = tale.world.github
        await tale.release("1.1")
        tale.through(cast("WatchedRepository", Mortal(whole, point, side)))
        with contextlib.suppress(Died):
            await tale.look()
        tale.through(whole)
        await live(tale, after)
        await ends_well(tale)
