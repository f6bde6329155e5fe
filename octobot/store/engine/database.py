"""The pool of connections, and PostgreSQL's failures as octobot's errors.

Connections commit each statement by themselves; a function that needs several opens a
transaction.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import LiteralString, Self

import psycopg
from psycopg import sql
from psycopg.rows import DictRow, TupleRow, dict_row
from psycopg_pool import AsyncConnectionPool

from octobot.model.errors import Misconfigured, TryLater
from octobot.store.engine.migrate import migrate, revisions

Connection = psycopg.AsyncConnection[TupleRow]
Query = LiteralString
Values = Sequence[object] | Mapping[str, object] | None

PATIENCE = 5.0
"""Seconds to wait for a connection; GitHub waits ten for the answer to a delivery."""

AGAIN = timedelta(seconds=10)

_CORRUPT = (psycopg.errors.DataCorrupted, psycopg.errors.IndexCorrupted)
_UNREACHABLE = (
    psycopg.OperationalError,
    psycopg.InterfaceError,
    # A standby, or a disk that the operator made read-only.
    psycopg.errors.ReadOnlySqlTransaction,
)


class Database:
    """The store's connections to one PostgreSQL database."""

    def __init__(self, pool: AsyncConnectionPool[Connection]) -> None:
        self._pool = pool

    @classmethod
    @asynccontextmanager
    async def open(
        cls, url: str, *, connections: int = 6, patience: float = PATIENCE
    ) -> AsyncIterator[Self]:
        """Migrate the database at `url` (anything libpq takes) and connect to it.

        `patience` is how many seconds a call waits for a connection before it is `TryLater`.
        `Misconfigured` when it does not answer, or its schema is newer than the code.
        """
        await asyncio.to_thread(_prepare, url)
        pool: AsyncConnectionPool[Connection] = AsyncConnectionPool(
            url,
            min_size=1,
            max_size=connections,
            timeout=patience,
            # Give up soon and reconnect with the next request: the pool's own pauses between
            # attempts double for five minutes, long after PostgreSQL is back.
            reconnect_timeout=patience,
            open=False,
            kwargs={"autocommit": True},
            configure=_configure(patience),
            # A connection that a restart of PostgreSQL broke is replaced before it is handed out.
            check=AsyncConnectionPool.check_connection,
        )
        async with pool:
            yield cls(pool)

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        """Borrow a connection; `TryLater` when PostgreSQL is away, full or overloaded."""
        try:
            async with self._pool.connection() as connection:
                yield connection
        except _CORRUPT as error:
            raise _corrupt(error) from error
        except _UNREACHABLE as error:
            raise TryLater(f"the database cannot serve: {error}", after=AGAIN) from error

    async def execute(self, query: Query, values: Values = None) -> int:
        """Run one statement; return how many rows it changed."""
        async with self.connection() as connection:
            return (await connection.execute(query, values)).rowcount

    async def rows(self, query: Query, values: Values = None) -> list[TupleRow]:
        """Run one statement; return all its rows."""
        async with self.connection() as connection:
            return await (await connection.execute(query, values)).fetchall()

    async def row(self, query: Query, values: Values = None) -> TupleRow | None:
        """Run one statement; return its first row, or None."""
        async with self.connection() as connection:
            return await (await connection.execute(query, values)).fetchone()

    async def records(self, query: Query, values: Values = None) -> list[DictRow]:
        """Run one statement; return all its rows with their columns' names."""
        async with self.connection() as connection:
            cursor = connection.cursor(row_factory=dict_row)
            return await (await cursor.execute(query, values)).fetchall()

    @asynccontextmanager
    async def together(self) -> AsyncIterator["Database"]:
        """Return the database on one connection; its writes take effect together or not at all."""
        async with self.connection() as connection, connection.transaction():
            yield _Bound(self._pool, connection)

    async def ready(self) -> bool:
        """Return whether PostgreSQL answers and has exactly the code's schema."""
        try:
            async with self.connection() as connection:
                cursor = await connection.execute("select version_num from alembic_version")
                return await cursor.fetchall() == [(revisions()[-1],)]
        except TryLater:
            return False


class _Bound(Database):
    """A database through one connection, in one transaction."""

    def __init__(self, pool: AsyncConnectionPool[Connection], connection: Connection) -> None:
        super().__init__(pool)
        self._connection = connection

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        """Lend the one connection; `together` converts PostgreSQL's errors."""
        yield self._connection


def _prepare(url: str) -> None:
    """Migrate, then read every page once: damage must show at the start."""
    try:
        migrate(url)
        with psycopg.connect(url, connect_timeout=3) as connection:
            found = connection.execute(
                "select relname from pg_class where relkind = 'r'"
                " and relnamespace = 'public'::regnamespace"
            )
            for (table,) in found.fetchall():
                counting = sql.SQL("select count(*) from {}").format(sql.Identifier(table))
                connection.execute(counting)
    except _CORRUPT as error:
        raise _corrupt(error) from error


def _corrupt(error: psycopg.Error) -> Misconfigured:
    return Misconfigured(
        f"the database is damaged ({error}); restore a backup or, to begin with an empty memory, "
        "give octobot an empty database: what is open on GitHub is then verified again"
    )


def _configure(patience: float) -> Callable[[Connection], Awaitable[None]]:
    async def configure(connection: Connection) -> None:
        await connection.execute("set time zone 'UTC'")
        await connection.execute("set statement_timeout = '30s'")
        # A lock held that long is not released soon: fail and try later.
        waiting = sql.SQL("set lock_timeout = {}").format(sql.Literal(f"{patience * 1000:.0f}ms"))
        await connection.execute(waiting)

    return configure
