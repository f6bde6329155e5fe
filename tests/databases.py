"""Databases for tests and for the scripts of this folder: one server, a fresh one for each life."""

import contextlib
import itertools
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from octobot.store.engine import embedded
from octobot.store.engine.migrate import migrate

MIGRATED = "migrated"
"""The database that the fresh ones are copies of."""


@contextmanager
def own_folder() -> Iterator[Path]:
    """Give a folder for a server while it is used, with a path short enough for its socket.

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
        self._migrated = False

    def make(self, template: str = MIGRATED) -> str:
        """Make a database from a template, the migrated one unless told; give its address."""
        if template == MIGRATED and not self._migrated:
            self._tell(f"create database {MIGRATED}")
            migrate(make_conninfo(self._server.url, dbname=MIGRATED))
            self._migrated = True
        name = f"made{next(self._numbers)}"
        self._tell(f'create database "{name}" template "{template}"')
        return make_conninfo(self._server.url, dbname=name)

    @contextmanager
    def fresh(self, template: str = MIGRATED) -> Iterator[str]:
        """Give the address of a database that is there for a while, a migrated one unless told."""
        url = self.make(template)
        try:
            yield url
        finally:
            self._tell(f'drop database "{conninfo_to_dict(url)["dbname"]}" with (force)')

    def _tell(self, statement: str) -> None:
        with psycopg.connect(self._server.url, autocommit=True) as connection:
            connection.execute(statement.encode())

    def close(self) -> None:
        """Stop the server."""
        self._server.cleanup()
