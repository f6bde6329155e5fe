"""Databases for tests and for the scripts of this folder: one server, a fresh one for each life.

To make and drop one takes a fifth of a second of processor time, more than most tests.  So a
database that was used is emptied and lent again, while its schema is what the migrations made.
"""

import contextlib
import itertools
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from octobot.store.engine import embedded
from octobot.store.engine.migrate import migrate

MIGRATED = "migrated"
"""The database that the fresh ones are copies of."""

TABLES = """
select relname from pg_class
    where relnamespace = 'public'::regnamespace and relkind = 'r' and relname <> 'alembic_version'
"""

DISCONNECT = """
select pg_terminate_backend(pid, 60000) from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid()
"""

RESTART = """
select setval(seqrelid, seqstart, false) from pg_sequence
    where pg_sequence_last_value(seqrelid) is not null
"""

CATALOGS = (
    *("pg_attrdef", "pg_attribute", "pg_cast", "pg_constraint", "pg_depend", "pg_enum"),
    *("pg_event_trigger", "pg_extension", "pg_index", "pg_inherits", "pg_namespace", "pg_policy"),
    *("pg_proc", "pg_rewrite", "pg_sequence", "pg_trigger", "pg_type"),
)
"""What describes a schema; whoever changes one leaves a newer row, or one less."""

_ROWS = "select count(*) || ' ' || max(xmin::text::bigint) from "

SCHEMA = f"""
select string_agg(concat_ws(' ', relname, relowner, relpersistence, reloptions, relacl), ','
        order by oid)
    from pg_class where relnamespace = 'public'::regnamespace
union all select string_agg(version_num, ',') from alembic_version
union all select string_agg(setting::text, ',') from pg_db_role_setting setting
    where setdatabase in (0, (select oid from pg_database where datname = current_database()))
union all {" union all ".join(_ROWS + catalog for catalog in CATALOGS)}
"""  # noqa: S608  (our own words)


@contextmanager
def own_folder() -> Iterator[Path]:
    """Yield a folder for a server while it is used, with a path short enough for its socket.

    It does not lie below pytest's common folder: each start of pytest closes that one to others,
    and as root the server is another.
    """
    folder = Path(tempfile.mkdtemp(prefix="octobot-"))
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


class Databases:
    """Fresh databases of one server: the embedded one, or one of other programs."""

    def __init__(self, home: Path, programs: Path | None = None) -> None:
        self._server = embedded.Embedded(home, programs) if programs else embedded.start(home)
        if programs:
            with contextlib.ExitStack() as failed:
                failed.callback(self._server.cleanup)
                self._server.start()
                failed.pop_all()
        self._numbers = itertools.count()
        # Nothing here outlives the run, and each database is three hundred files: written without
        # waiting for the disk, and with no more of a log than a single crash needs.
        self._tell("alter system set fsync = off")
        self._tell("alter system set max_wal_size = '64MB'")
        self._tell("select pg_reload_conf()")
        self._schema: list[tuple[str | None]] = []
        """The migrated one's; empty before there is any."""
        self._empty: list[str] = []
        """Databases that nobody uses now."""

    def make(self, template: str = MIGRATED) -> str:
        """Create a database from a template, by default the migrated one; return its address."""
        if template == MIGRATED and not self._schema:
            self._tell(f"create database {MIGRATED}")
            migrate(self._url(MIGRATED))
            with psycopg.connect(self._url(MIGRATED)) as connection:
                self._schema = connection.execute(SCHEMA.encode()).fetchall()
        name = f"made{next(self._numbers)}"
        self._tell(f'create database "{name}" template "{template}"')
        return self._url(name)

    @contextmanager
    def fresh(self, template: str = MIGRATED) -> Iterator[str]:
        """Yield the address of a temporary database, by default a migrated one."""
        lent = self._empty.pop() if template == MIGRATED and self._empty else None
        url = lent or self.make(template)
        try:
            yield url
        finally:
            if template == MIGRATED and self._emptied(url):
                self._empty.append(url)
            else:
                self._tell(f'drop database "{conninfo_to_dict(url)["dbname"]}" with (force)')

    def _emptied(self, url: str) -> bool:
        """Take all connections and rows away; False where the schema is not what it was."""
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(DISCONNECT)
            if connection.execute(SCHEMA.encode()).fetchall() != self._schema:
                return False
            tables = [sql.Identifier(name) for (name,) in connection.execute(TABLES)]
            filled = sql.SQL("select {} where exists (select from {})")
            asked = [filled.format(sql.Literal(table.as_string()), table) for table in tables]
            names = [name for (name,) in connection.execute(sql.SQL(" union all ").join(asked))]
            if names:
                # The audit log's trigger keeps it whole; here no trigger has a say.
                connection.execute("set session_replication_role = replica")
                connection.execute(f"truncate {', '.join(names)} cascade".encode())
            connection.execute(RESTART)
        return True

    def _url(self, name: str) -> str:
        return make_conninfo(self._server.url, dbname=name)

    def _tell(self, statement: str) -> None:
        with psycopg.connect(self._server.url, autocommit=True) as connection:
            connection.execute(statement.encode())

    def close(self) -> None:
        """Stop the server."""
        self._server.cleanup()
