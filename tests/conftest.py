"""Fixtures of all rooms: one embedded PostgreSQL per test process, one fresh database per test."""

from collections.abc import AsyncIterator, Callable, Iterator
from itertools import count
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from octobot.store import embedded
from octobot.store.migrate import migrate
from octobot.store.store import Store

NewDatabase = Callable[[str], str]
"""Makes a database from a template and gives its address."""


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NewDatabase]:
    """Start the server; the template `migrated` has the newest schema, `template1` none."""
    server = embedded.start(tmp_path_factory.mktemp("pg", numbered=True))
    with psycopg.connect(server.url, autocommit=True) as connection:
        # Nothing here outlives the tests, and each database is three hundred files.
        connection.execute("alter system set fsync = off")
        connection.execute("select pg_reload_conf()")
    numbers = count()

    def create(template: str) -> str:
        name = f"test{next(numbers)}"
        with psycopg.connect(server.url, autocommit=True) as connection:
            statement = sql.SQL("create database {} template {}")
            connection.execute(statement.format(sql.Identifier(name), sql.Identifier(template)))
        return make_conninfo(server.url, dbname=name)

    migrated = create("template1")
    migrate(migrated)
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute("alter database test0 rename to migrated")
    yield create
    server.cleanup()


@pytest.fixture
def database_url(postgres: NewDatabase) -> str:
    """Give the address of a fresh database with the newest schema."""
    return postgres("migrated")


@pytest.fixture
def empty_database_url(postgres: NewDatabase) -> str:
    """Give the address of a fresh database without any table."""
    return postgres("template1")


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
def short(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder whose path leaves room for PostgreSQL's socket, which has 107 bytes."""
    return tmp_path_factory.mktemp("s")
