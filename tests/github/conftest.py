"""Fixtures of this room."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.github.distro import Distro, distro
from tests.github.loopback import Scene, scene


@pytest.fixture
async def stage() -> AsyncIterator[Scene]:
    """Yield a far end on loopback with nothing lined up."""
    async with scene() as made:
        yield made


@pytest.fixture
async def os(tmp_path: Path) -> AsyncIterator[Distro]:
    """Yield a distro on a sandbox GitHub."""
    async with distro(tmp_path / "github") as made:
        yield made
