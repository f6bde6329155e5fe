"""What is spent of GitHub's limits: one row for each installation, locked by one request at a time.

All moments are by PostgreSQL's own clock, which is the same for all processes on any machine.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from psycopg.types.json import Jsonb

from octobot.model.spent import Held, Spent
from octobot.store.engine.database import Connection, Database


class RateLimits:
    """Keeps what each installation has spent, for all processes together."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def keeper(self, installation: int) -> "SharedSpent":
        """Return the keeper of one installation; 0 is the App itself."""
        return SharedSpent(self._database, installation)


class SharedSpent:
    """What one installation has spent, as the store has it."""

    def __init__(self, database: Database, installation: int) -> None:
        self._database, self._installation = database, installation

    @asynccontextmanager
    async def hold(self) -> AsyncIterator[Held]:
        """Lock it among all processes; raises `TryLater` while the database is away."""
        async with self._database.connection() as connection, connection.transaction():
            found, now = await self._read(connection)
            held = Held(found, now)
            yield held
            if held.spent != found:
                await connection.execute(
                    "update pace set spent = %s where installation = %s",
                    [_from_spent(held.spent), self._installation],
                )

    async def _read(self, connection: Connection) -> tuple[Spent, float]:
        # `clock_timestamp` is of after the wait for the row, unlike the transaction's own time.
        asking = (
            "select spent, extract(epoch from clock_timestamp())::float8"
            " from (select spent from pace where installation = %s for update) as held"
        )
        cursor = await connection.execute(asking, [self._installation])
        found = await cursor.fetchone()
        if found is None:
            await connection.execute(
                "insert into pace (installation, spent) values (%s, %s) on conflict do nothing",
                [self._installation, _from_spent(Spent())],
            )
            return await self._read(connection)
        return _to_spent(found[0]), found[1]


def _from_spent(spent: Spent) -> Jsonb:
    return Jsonb(
        {
            "closed": dict(spent.closed),
            "next_write": spent.next_write,
            "content": spent.content,
            "points": spent.points,
        }
    )


def _to_spent(value: Mapping[str, Any]) -> Spent:
    return Spent(
        closed=value["closed"],
        next_write=value["next_write"],
        content=tuple([(second, number) for second, number in value["content"]]),
        points=tuple([(second, number) for second, number in value["points"]]),
    )
