"""Fixtures of all rooms: one embedded PostgreSQL per test process, one fresh database per test."""

import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from databases import Databases

from octobot.store.store import Store


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    """Start the server."""
    databases = Databases(tmp_path_factory.mktemp("pg", numbered=True))
    yield databases
    databases.close()


@pytest.fixture
def database_url(postgres: Databases) -> Iterator[str]:
    """Give the address of a fresh database with the newest schema."""
    with postgres.fresh() as url:
        yield url


@pytest.fixture
def empty_database_url(postgres: Databases) -> Iterator[str]:
    """Give the address of a fresh database without any table."""
    with postgres.fresh("template1") as url:
        yield url


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Store]:
    """Open the store on a fresh database."""
    async with Store.open(database_url, connections=3) as opened:
        yield opened


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Give an octobot data directory that does not exist yet."""
    return tmp_path / "home"


@pytest.fixture
def short(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Give a folder whose path leaves room for PostgreSQL's socket, which has 107 bytes."""
    folder = tmp_path_factory.mktemp("s")
    yield folder
    shutil.rmtree(folder)
