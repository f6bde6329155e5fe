"""The lanes' tables: procrastinate's own, by its own migrations in order up to a fixed one.

The fixed bound makes this file mean the same under every procrastinate: `schema.sql` would not.

Each of them is committed by itself, as procrastinate means them to be: before PostgreSQL 17 an
enum's new value cannot be used in the transaction that adds it.  A table remembers which are done,
so that the next start goes on where this one died; it goes when all are.
"""

from importlib import resources

from alembic import op

from octobot.model.errors import Misconfigured

revision = "0002"
down_revision = "0001"

LAST = "03.04.00_50_post_add_retry_failed_job_procedure.sql"

DONE = "lanes_migrated"


def upgrade() -> None:
    """Apply procrastinate's migrations up to `LAST`."""
    with op.get_context().autocommit_block():
        done = _done()
        for name, sql in _migrations():
            if name not in done:
                _apply(name, sql)
    op.execute(f"drop table {DONE}")


def _migrations() -> list[tuple[str, str]]:
    folder = resources.files("procrastinate.sql") / "migrations"
    names = sorted(file.name for file in folder.iterdir() if file.name.endswith(".sql"))
    return [(name, (folder / name).read_text("utf-8")) for name in names if name <= LAST]


def _done() -> frozenset[str]:
    """Give the names of those that an earlier start applied."""
    tables = "select to_regclass('{}') is not null"
    bind = op.get_bind()
    begun = bind.exec_driver_sql(tables.format(DONE)).scalar()
    if not begun and bind.exec_driver_sql(tables.format("procrastinate_jobs")).scalar():
        raise Misconfigured(
            "the database has tables of procrastinate that octobot did not make; give octobot a"
            " database of its own"
        )
    op.execute(f"create table if not exists {DONE} (name text primary key)")
    return frozenset(bind.exec_driver_sql(f"select name from {DONE}").scalars())  # noqa: S608  (ours)


def _apply(name: str, sql: str) -> None:
    """Apply a migration and remember it: both take effect, or neither.

    PostgreSQL takes several statements that are sent at one time for a transaction.  Without
    parameters psycopg sends them as they are, bare percent signs and all.
    """
    remember = f"insert into {DONE} values ('{name}')"  # noqa: S608  (the name of a file of theirs)
    op.get_bind().exec_driver_sql(
        f"{sql}\n;\n{remember}", execution_options={"no_parameters": True}
    )
