"""Many merges, one of which goes wrong: a sample of `merges.py`."""

from pathlib import Path

from octobot.store.store import Store
from tests.faults.lives.merges import merges
from tests.stories.story import story


async def test_of_many_merges_the_wrong_one_stops_the_line(tmp_path: Path, store: Store) -> None:
    """Every other tree is base plus our blob by git's objects; nothing is merged after the one."""
    async with story(tmp_path / "stage", store) as tale:
        done = await merges(tale, 12, 4)
    assert done.wrong == []
    assert done.fine
    assert (done.merged, done.held) == (12, 2)
