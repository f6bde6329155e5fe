"""Fixtures of all rooms: one embedded PostgreSQL per test process, one fresh database per test."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from databases import Databases, own_folder
from versions import SUPPORTED, programs_of

from octobot.store.store import Store


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let a run choose the PostgreSQL that its databases live on."""
    parser.addoption(
        "--postgres",
        choices=SUPPORTED,
        help="run on this PostgreSQL; `python tests/postgres/versions.py` fetches it",
    )


@pytest.fixture(scope="session")
def postgres(request: pytest.FixtureRequest) -> Iterator[Databases]:
    """Start the server, the embedded one unless told."""
    version = request.config.getoption("--postgres")
    with own_folder() as folder:
        databases = Databases(folder, programs_of(version) if version else None)
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
def home(short: Path) -> Path:
    """Give an octobot data directory that does not exist yet."""
    return short / "home"


@pytest.fixture
def short() -> Iterator[Path]:
    """Give a folder for a server, whose path leaves room for its socket: it has 107 bytes."""
    with own_folder() as folder:
        yield folder
