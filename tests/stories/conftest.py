from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from story import Story, story

from octobot.store.store import Store


@pytest.fixture
async def tale(tmp_path: Path, store: Store) -> AsyncIterator[Story]:
    """Give a distro with the package hello 1.0, watched by octobot."""
    async with story(tmp_path / "stage", store) as made:
        yield made
