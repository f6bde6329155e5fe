"""Databases for tests and for the scripts of this folder: one server, a fresh one for each life."""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from octobot.store import embedded
from octobot.store.migrate import migrate


class Databases:
    """Fresh databases of one embedded server."""

    def __init__(self, home: Path) -> None:
        self._server = embedded.start(home)
        self._numbers = itertools.count()
        # Nothing here outlives the run, and each database is three hundred files: written without
        # waiting for the disk, and with no more of a log than a single crash needs.
        self._tell("alter system set fsync = off")
        self._tell("alter system set max_wal_size = '64MB'")
        self._tell("select pg_reload_conf()")
        migrate(self.make("template1"))

    def make(self, template: str = "made0") -> str:
        """Make a database from a template, the migrated one unless told; give its address."""
        name = f"made{next(self._numbers)}"
        self._tell(f'create database "{name}" template "{template}"')
        return make_conninfo(self._server.url, dbname=name)

    @contextmanager
    def fresh(self, template: str = "made0") -> Iterator[str]:
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
