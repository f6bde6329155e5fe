"""Fixtures of all rooms: one embedded PostgreSQL per test process, one fresh database per test.

What Hypothesis draws is the same every time: what is red here is red for everybody, and a change
is never blamed for another draw.  `OCTOBOT_TESTS_DRAW_ANEW=1` draws anew, to find something new;
a find becomes an `@example`.
"""

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.internal.conjecture import providers

from octobot.store.store import Store
from tests.databases import Databases, own_folder
from tests.postgres.versions import SUPPORTED, programs_of

# Nothing of it may depend on how fast the machine is.
_UNHURRIED = settings(
    database=None, deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.register_profile("same", _UNHURRIED, derandomize=True)
settings.register_profile("anew", _UNHURRIED, derandomize=False)
if os.environ.get("OCTOBOT_TESTS_DRAW_ANEW"):
    settings.load_profile("anew")
else:
    settings.load_profile("same")
    # It would also draw the literals of all modules that happen to be imported: another draw for
    # every choice of tests and every edit of any file.  `tests/test_draws.py` sees that it works.
    providers._get_local_constants = lambda: providers._local_constants  # noqa: SLF001


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
