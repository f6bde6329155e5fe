"""Brings the schema to the newest migration, once, whichever process starts first.

A program that meets a schema newer than itself refuses to start: it could write rows that the
newer one takes for its own.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib import resources
from pathlib import Path

import psycopg
import structlog
import tenacity
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy.exc import DBAPIError

from octobot.model.errors import Misconfigured

log = structlog.get_logger()

ADVISORY_LOCK = 0x6F63746F626F74
"""`octobot` in ASCII."""

LANES_LAST = "03.04.00_50_post_add_retry_failed_job_procedure.sql"
"""The newest of procrastinate's migrations that octobot's apply."""

OLDEST = 14
"""The oldest PostgreSQL that is tried; its project ended the ones before."""

REFUSALS = (psycopg.errors.InsufficientPrivilege, psycopg.errors.ReadOnlySqlTransaction)


def migrate(url: str, *, to: str = "head") -> None:
    """Bring the database at `url` to the revision `to`.

    `Misconfigured` when the database does not answer within about 3 s, is older than PostgreSQL
    14, has a schema newer than the code, or does not let its user make tables.
    """
    _refuse_newer_lanes()
    with _allowed(), _locked(url) as connection:
        config = _config(connection)
        newest = revisions()[-1]
        found = _revision(connection)
        if found is not None and found not in revisions():
            raise Misconfigured(
                f"the database has schema {found} and this octobot knows {newest} at most;"
                " start the newer octobot, or restore the backup made before it"
            )
        if found != newest:
            command.upgrade(config, to)
            log.info("schema migrated", before=found, after=to)


@cache
def revisions() -> tuple[str, ...]:
    """Return the known revisions, oldest first."""
    script = ScriptDirectory.from_config(_config(None))
    return tuple(reversed([step.revision for step in script.walk_revisions()]))


def folder() -> Path:
    """Return the folder of the migrations."""
    return Path(str(resources.files("octobot.store"))) / "migrations"


def _config(connection: psycopg.Connection | None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(folder()).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


@contextmanager
def _allowed() -> Iterator[None]:
    """Explain refused permissions: since PostgreSQL 15 `public` is its owner's alone."""
    try:
        yield
    except (psycopg.Error, DBAPIError) as error:
        cause = error.orig if isinstance(error, DBAPIError) else error
        if not isinstance(cause, REFUSALS):
            raise
        raise Misconfigured(
            f"the database refuses octobot's tables: {cause.diag.message_primary}; it must be"
            " writable, and its owner the user that octobot comes as"
        ) from error


@contextmanager
def _locked(url: str) -> Iterator[psycopg.Connection]:
    """Connect, and wait for the other processes that migrate."""
    try:
        connection = _connect(url)
    except psycopg.OperationalError as error:
        raise Misconfigured(f"the database does not answer: {error}") from error
    with connection:
        _refuse_old(connection)
        connection.execute("select pg_advisory_lock(%s)", [ADVISORY_LOCK])
        connection.commit()
        yield connection


@tenacity.retry(
    stop=tenacity.stop_after_delay(3),
    wait=tenacity.wait_exponential_jitter(multiplier=0.05, max=0.5),
    retry=tenacity.retry_if_exception_type(psycopg.OperationalError),
    reraise=True,
)
def _connect(url: str) -> psycopg.Connection:
    return psycopg.connect(url, connect_timeout=3)


def _refuse_old(connection: psycopg.Connection) -> None:
    """Refuse a PostgreSQL that is too old, before anything is written to it."""
    shown = "select current_setting('server_version_num')::int, current_setting('server_version')"
    number, name = connection.execute(shown).fetchone() or (0, "unknown")
    if number < OLDEST * 10_000:
        raise Misconfigured(
            f"the database is PostgreSQL {name} and octobot needs {OLDEST} or newer; upgrade it,"
            " or give octobot another database"
        )


def _revision(connection: psycopg.Connection) -> str | None:
    with connection.transaction():
        exists = connection.execute("select to_regclass('alembic_version')").fetchone()
        if exists == (None,):
            return None
        row = connection.execute("select version_num from alembic_version").fetchone()
        return str(row[0]) if row else None


def _refuse_newer_lanes() -> None:
    """Refuse a procrastinate that is newer than octobot's migrations."""
    files = (resources.files("procrastinate.sql") / "migrations").iterdir()
    newest = max(file.name for file in files if file.name.endswith(".sql"))
    if newest > LANES_LAST:
        raise Misconfigured(
            f"procrastinate brings the migration {newest}, which this octobot does not know; "
            "install the procrastinate that octobot's lock file names"
        )
