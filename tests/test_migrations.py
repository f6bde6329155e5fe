"""The law of migrations: each brings sample rows, and the later ones run with them in place."""

import psycopg
import pytest

from octobot.model.errors import Misconfigured
from octobot.store.engine import migrate as migrations
from octobot.store.engine.migrate import LANES_LAST, migrate, revisions


def _samples(revision: str) -> str:
    return (migrations.folder() / "samples" / f"{revision}.sql").read_text()


def test_each_migration_has_sample_rows() -> None:
    """A migration without rows to try the next one on is not finished."""
    for revision in revisions():
        assert "insert into" in _samples(revision), revision
    files = {file.stem for file in (migrations.folder() / "samples").iterdir()}
    assert files == set(revisions())


@pytest.mark.parametrize("start", range(len(revisions())))
def test_rows_survive_the_way_to_the_newest_schema(empty_database_url: str, start: int) -> None:
    """Rows of an old schema are still there, one migration at a time and in one go."""
    for revision in revisions()[: start + 1]:
        migrate(empty_database_url, to=revision)
        with psycopg.connect(empty_database_url) as connection:
            connection.execute(_samples(revision).encode())
    before = _counts(empty_database_url)
    migrate(empty_database_url)
    after = _counts(empty_database_url)
    assert {table: after[table] for table in before if table != "alembic_version"} == {
        table: rows for table, rows in before.items() if table != "alembic_version"
    }
    assert any(before.values())


def test_every_table_has_a_sample_row(empty_database_url: str) -> None:
    """A table without a sample row would not be tried by the next migration."""
    for revision in revisions():
        migrate(empty_database_url, to=revision)
        with psycopg.connect(empty_database_url) as connection:
            connection.execute(_samples(revision).encode())
    empty = {table for table, rows in _counts(empty_database_url).items() if not rows}
    assert empty == {"procrastinate_periodic_defers"}


def test_a_schema_newer_than_the_code_is_refused(empty_database_url: str) -> None:
    """An old program must not write into a newer program's tables."""
    migrate(empty_database_url)
    with psycopg.connect(empty_database_url) as connection:
        connection.execute("update alembic_version set version_num = '9999'")
    with pytest.raises(Misconfigured, match="9999"):
        migrate(empty_database_url)


def test_the_lanes_migration_ends_where_the_check_says() -> None:
    """The bound that refuses a newer procrastinate is the one that was applied."""
    applied = [
        line
        for file in (migrations.folder() / "versions").glob("*.py")
        for line in file.read_text().splitlines()
        if line.startswith("LAST = ")
    ]
    assert applied[-1] == f'LAST = "{LANES_LAST}"'


def test_a_database_that_does_not_answer_is_named() -> None:
    """Starting against nothing says so, once the short patience is over."""
    with pytest.raises(Misconfigured, match="does not answer"):
        migrate("postgresql://nobody@localhost/none?host=/nonexistent")


def _counts(url: str) -> dict[str, int]:
    with psycopg.connect(url) as connection:
        tables = connection.execute(
            "select table_name from information_schema.tables where table_schema = 'public'"
        ).fetchall()
        return {table: _one(connection, psycopg.sql.Identifier(table)) for (table,) in tables}


def _one(connection: psycopg.Connection, table: psycopg.sql.Identifier) -> int:
    row = connection.execute(psycopg.sql.SQL("select count(*) from {}").format(table)).fetchone()
    assert row is not None
    return int(row[0])
