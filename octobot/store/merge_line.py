"""Whose turn it is to be recreated on the newest base, where branches must be up to date.

Every merge puts all other branches behind.  If each of them were recreated then, n green pull
requests would cost n(n+1)/2 builds; one at a time, they cost 2n - 1.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from octobot.model.ids import PullNumber, RepositoryId
from octobot.store.engine.database import Connection, Database

_LONGEST = timedelta(hours=6)
"""A turn ends then: a build that never ends must not stop the line."""


@dataclass(frozen=True, slots=True)
class Front:
    """The pull request whose turn it is."""

    number: int
    change: str
    """The package itself, or the name that stands for a group."""
    waits: bool
    """It was not recreated yet."""


class MergeLine:
    """The lines, one a repository, by the numbers of the pull requests."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def take_turn(
        self, repository: RepositoryId, number: PullNumber, change: str, *, now: datetime
    ) -> Front:
        """Join the line, and take the turn if nobody is before; return whose turn it is."""
        async with self._database.connection() as connection, connection.transaction():
            await _lock(connection, repository)
            await connection.execute(
                "insert into merge_line (repository, number, change) values (%s, %s, %s)"
                " on conflict do nothing",
                [repository, number, change],
            )
            front = await _front(connection, repository, now)
            if front is None or front.number == number:
                await connection.execute(
                    "update merge_line set turn = %s where repository = %s and number = %s",
                    [now, repository, number],
                )
                return Front(number, change, waits=False)
            return front

    async def leave(
        self, repository: RepositoryId, number: PullNumber, *, now: datetime
    ) -> Front | None:
        """Leave the line; return who is next, where it was this one's turn."""
        async with self._database.connection() as connection, connection.transaction():
            cursor = await connection.execute(
                "delete from merge_line where repository = %s and number = %s"
                " returning turn is not null",
                [repository, number],
            )
            if await cursor.fetchone() != (True,):
                return None
            await _lock(connection, repository)
            return await _front(connection, repository, now)


async def _lock(connection: Connection, repository: RepositoryId) -> None:
    """Let one process at a time decide on a repository's line."""
    await connection.execute(
        "select pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"merge line {repository}"]
    )


async def _front(connection: Connection, repository: RepositoryId, now: datetime) -> Front | None:
    """Return the pull request whose turn it is: one that has it, or the oldest."""
    await connection.execute(
        "delete from merge_line as one where repository = %(r)s and (turn < %(old)s or not exists"
        " (select from proposal where proposal.repository = one.repository"
        " and proposal.number = one.number and proposal.state = 'open'))",
        {"r": repository, "old": now - _LONGEST},
    )
    cursor = await connection.execute(
        "select number, change, turn is null from merge_line where repository = %s"
        " order by turn is null, number limit 1",
        [repository],
    )
    found = await cursor.fetchone()
    return None if found is None else Front(*found)
