"""Fixtures of all rooms: one embedded PostgreSQL per test process, one fresh database per test.

What Hypothesis draws is the same every time: what is red here is red for everybody, and a change
is never blamed for another draw.  `OCTOBOT_TESTS_DRAW_ANEW=1` draws afresh, to find something new;
a find becomes an `@example`.
"""

import asyncio
import os
import sys
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.internal.conjecture import providers

from octobot.store.store import Store
from tests.databases import Databases, own_folder
from tests.postgres.versions import SUPPORTED, programs_of
from tests.sampling import EVERY

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

if sys.version_info < (3, 12) and hasattr(os, "pidfd_open"):
    # The default of 3.11 starts a thread for each of the many processes of git; newer ones do this.
    asyncio.set_child_watcher(asyncio.PidfdChildWatcher())


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let a run take the long tests in, and choose the PostgreSQL that its databases live on."""
    parser.addoption("--all", action="store_true", help="run the long tests, too")
    parser.addoption(
        "--postgres",
        choices=SUPPORTED,
        help="run on this PostgreSQL; `python tests/postgres/versions.py` fetches it",
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the long tests out, unless all are wanted, or they by their name or mark."""
    if config.getoption("--all") or config.getoption("-m"):
        return
    named = [_place(config, argument) for argument in config.args if "::" in argument]
    long = {item for item in items if item.get_closest_marker("long")} | _alike(items)
    left = [item for item in items if item in long and not _is_in(item, named)]
    if left:
        config.hook.pytest_deselected(items=left)
        items[:] = [item for item in items if item not in left]


def _alike(items: list[pytest.Item]) -> set[pytest.Item]:
    """Return what the ordinary run leaves out of files whose stories are alike."""
    seen: Counter[Path] = Counter()
    left = set()
    for item in items:
        every = EVERY.get("/".join(item.path.parts[-2:]), 1)
        if seen[item.path] % every:
            left.add(item)
        seen[item.path] += 1
    return left


def _place(config: pytest.Config, argument: str) -> tuple[Path, str]:
    path, _, name = argument.partition("::")
    return (config.invocation_params.dir / path).resolve(), name


def _is_in(item: pytest.Item, named: list[tuple[Path, str]]) -> bool:
    mine = item.nodeid.partition("::")[2]
    return any(
        item.path == path and (mine == name or mine.startswith((f"{name}[", f"{name}::")))
        for path, name in named
    )


@pytest.fixture(scope="session")
def postgres(request: pytest.FixtureRequest) -> Iterator[Databases]:
    """Start the server, by default the embedded one."""
    version = request.config.getoption("--postgres")
    with own_folder() as folder:
        databases = Databases(folder, programs_of(version) if version else None)
        yield databases
        databases.close()


@pytest.fixture
def database_url(postgres: Databases) -> Iterator[str]:
    """Yield the address of a fresh database with the newest schema."""
    with postgres.fresh() as url:
        yield url


@pytest.fixture
def empty_database_url(postgres: Databases) -> Iterator[str]:
    """Yield the address of a fresh database without any table."""
    with postgres.fresh("template1") as url:
        yield url


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Store]:
    """Open the store on a fresh database."""
    async with Store.open(database_url, connections=3) as opened:
        yield opened


@pytest.fixture
def home(short: Path) -> Path:
    """Return an octobot data directory that does not exist yet."""
    return short / "home"


@pytest.fixture
def short() -> Iterator[Path]:
    """Yield a folder for a server, whose path leaves room for its socket: it has 107 bytes."""
    with own_folder() as folder:
        yield folder
