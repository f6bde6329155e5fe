"""Thumbs on comments, each counted once, and when they are read."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from octobot.model.ids import PullNumber, RepositoryId
from octobot.model.suggestion import Thumb
from octobot.store.engine.database import Database

_SHORTEST, _LONGEST = timedelta(minutes=10), timedelta(days=1)
"""The pauses between two reads of a comment's thumbs; each is twice the last."""
_FORGOTTEN = timedelta(days=30)
"""After the comment was last written."""


class Votes:
    """What people think of suggestions, and who of them may write."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def due(
        self, repository: RepositoryId, *, now: datetime, limit: int
    ) -> tuple[PullNumber, ...]:
        """Take pull requests whose comment should be read; each less often every time."""
        async with self._database.connection() as connection, connection.transaction():
            await connection.execute(
                "delete from thumb_poll where repository = %s and last < %s",
                [repository, now - _FORGOTTEN],
            )
            cursor = await connection.execute(
                "update thumb_poll set tries = tries + 1, due = %(now)s"
                " + least(%(longest)s, %(shortest)s * power(2, least(tries, 10)))"
                " where (repository, number) in (select repository, number from thumb_poll"
                " where repository = %(repository)s and due <= %(now)s order by due"
                " limit %(limit)s for update skip locked) returning number",
                {
                    "repository": repository,
                    "now": now,
                    "limit": limit,
                    "shortest": _SHORTEST,
                    "longest": _LONGEST,
                },
            )
            return tuple(sorted(PullNumber(number) for (number,) in await cursor.fetchall()))

    async def voters(
        self, repository: RepositoryId, people: Sequence[int], *, since: datetime
    ) -> Mapping[int, bool]:
        """Return who of these people may write, as far as it was checked since then."""
        rows = await self._database.rows(
            "select person, writes from voter"
            " where repository = %s and person = any(%s) and checked >= %s",
            [repository, list(people), since],
        )
        return dict(rows)

    async def know_voters(
        self, repository: RepositoryId, writes: Mapping[int, bool], *, now: datetime
    ) -> None:
        """Record who may write."""
        async with self._database.connection() as connection, connection.cursor() as cursor:
            await cursor.executemany(
                "insert into voter (repository, person, writes, checked) values (%s, %s, %s, %s)"
                " on conflict (repository, person) do update set writes = excluded.writes,"
                " checked = excluded.checked",
                [(repository, person, may, now) for person, may in writes.items()],
            )

    async def put(
        self, repository: RepositoryId, number: PullNumber, thumbs: Sequence[Thumb]
    ) -> None:
        """Store exactly these votes: each is for the comment as it was at its time."""
        async with self._database.connection() as connection, connection.transaction():
            await connection.execute(
                "delete from vote using suggestion where vote.suggestion = suggestion.id"
                " and repository = %s and number = %s",
                [repository, number],
            )
            async with connection.cursor() as cursor:
                await cursor.executemany(
                    "insert into vote (suggestion, person, up)"
                    " select id, %s, %s from suggestion where repository = %s and number = %s"
                    " and date_trunc('second', at) <= %s order by id desc limit 1"
                    " on conflict do nothing",
                    [(thumb.person.id, thumb.up, repository, number, thumb.at) for thumb in thumbs],
                )

    async def reschedule(
        self, repository: RepositoryId, number: PullNumber, *, at: datetime | None
    ) -> None:
        """Read a comment's thumbs at this time; None: never again."""
        async with self._database.connection() as connection:
            if at is None:
                await connection.execute(
                    "delete from thumb_poll where repository = %s and number = %s",
                    [repository, number],
                )
            else:
                await connection.execute(
                    "update thumb_poll set due = %s where repository = %s and number = %s",
                    [at, repository, number],
                )
