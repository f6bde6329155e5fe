from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from octobot.store.store import Store
from tests.faults.oracle import violations
from tests.stories.processes import sandbox  # noqa: F401  (a fixture)
from tests.stories.story import NAME, Story, story


@pytest.fixture
async def tale(tmp_path: Path, store: Store) -> AsyncIterator[Story]:
    """Yield a distro with hello 1.0, watched by octobot; at the end the oracle speaks."""
    async with story(tmp_path / "stage", store) as made:
        yield made
        said = await violations(made.sandbox, NAME, made.windows)
        assert [each for each in said if each[:2] not in made.pardoned] == []
