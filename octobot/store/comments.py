"""People's texts that were taken up: by one process at a time, and finished once.

One whose process died is taken again after a while, and given up after a few tries, so that it
cannot keep anybody busy for ever.
"""

from datetime import datetime, timedelta

from octobot.model.ids import RepositoryId
from octobot.model.orders import Taken, TextKind, TextRef
from octobot.store.engine.database import Database

TAKEN = timedelta(minutes=5)
"""How long one process may work on a comment; longer than GitHub's retries take."""
TRIES = 6
"""With a pause that doubles, they reach beyond the hour in which GitHub counts writes."""


class Comments:
    """Which texts are worked on or done, and up to when a repository's are known."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def take(self, repository: RepositoryId, text: TextRef, *, now: datetime) -> Taken:
        """Take a text up, unless another process did, or it is done."""
        async with self._database.connection() as connection:
            cursor = await connection.execute(
                "insert into command (repository, kind, comment, thread, taken)"
                " values (%(r)s, %(k)s, %(c)s, %(t)s, %(now)s)"
                " on conflict (repository, kind, comment) do update"
                " set taken = excluded.taken, tries = command.tries + 1"
                " where command.done is null and command.taken <= %(free)s returning tries",
                {**_row(repository, text), "now": now, "free": now - TAKEN},
            )
            found = await cursor.fetchone()
        if found is None:
            return "no"
        return "new" if found[0] == 1 else "again"

    async def finish(self, repository: RepositoryId, text: TextRef, *, now: datetime) -> None:
        """Remember that a text needs nothing more, whether or not it was taken up."""
        async with self._database.connection() as connection:
            await connection.execute(
                "insert into command (repository, kind, comment, thread, taken, done)"
                " values (%(r)s, %(k)s, %(c)s, %(t)s, %(now)s, %(now)s)"
                " on conflict (repository, kind, comment) do update set done = excluded.done"
                " where command.done is null",
                {**_row(repository, text), "now": now},
            )

    async def unfinished(self, repository: RepositoryId, *, now: datetime) -> tuple[TextRef, ...]:
        """Return the texts that a process took up and left, oldest first.

        Each further try waits twice as long: an answer that had no room among the writes of one
        hour has it in the next.
        """
        async with self._database.connection() as connection:
            cursor = await connection.execute(
                "select kind, comment, thread from command where repository = %s and done is null"
                " and taken + %s * power(2, tries - 1) <= %s and tries < %s"
                " order by taken limit 100",
                [repository, TAKEN, now, TRIES],
            )
            return tuple([TextRef(*found) for found in await cursor.fetchall()])

    async def listened(
        self, repository: RepositoryId, kind: TextKind = "comment"
    ) -> datetime | None:
        """Return the moment up to which the repository's texts are known."""
        return (await self._listening(repository, kind))[0]

    async def began(self, repository: RepositoryId, kind: TextKind = "comment") -> datetime | None:
        """Return the moment from which on they are read at all."""
        return (await self._listening(repository, kind))[1]

    async def _listening(
        self, repository: RepositoryId, kind: TextKind
    ) -> tuple[datetime | None, datetime | None]:
        async with self._database.connection() as connection:
            cursor = await connection.execute(
                "select since, began from listened where repository = %s and kind = %s",
                [repository, kind],
            )
            return await cursor.fetchone() or (None, None)

    async def listen_from(
        self, repository: RepositoryId, since: datetime, kind: TextKind = "comment"
    ) -> None:
        """Move the first of these moments on; it never goes back."""
        async with self._database.connection() as connection:
            await connection.execute(
                "insert into listened (repository, kind, since, began)"
                " values (%(r)s, %(k)s, %(since)s, %(since)s)"
                " on conflict (repository, kind) do update"
                " set since = greatest(listened.since, excluded.since)",
                {"r": repository, "k": kind, "since": since},
            )


def _row(repository: RepositoryId, text: TextRef) -> dict[str, object]:
    return {"r": repository, "k": text.kind, "c": text.id, "t": text.thread}
