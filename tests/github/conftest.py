"""Fixtures of this room."""

from collections.abc import AsyncIterator

import pytest
from github_loopback import Scene, scene


@pytest.fixture
async def stage() -> AsyncIterator[Scene]:
    """Give a far end on loopback with nothing lined up."""
    async with scene() as made:
        yield made
