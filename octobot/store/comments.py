"""Comments that were taken up: by one process at a time, and finished once.

One whose process died is taken again after a while, and given up after a few tries, so that it
cannot keep anybody busy for ever.
"""

from datetime import datetime, timedelta

from octobot.model.ids import RepositoryId
from octobot.model.orders import Taken
from octobot.store.engine.database import Database

TAKEN = timedelta(minutes=5)
"""How long one process may work on a comment; longer than GitHub's retries take."""
TRIES = 5


class Comments:
    """Which comments are worked on or done, and up to when a repository's are known."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def take(self, repository: RepositoryId, comment: int, *, now: datetime) -> Taken:
        """Take a comment up, unless another process did, or it is done."""
        found = await self._database.row(
            "insert into command (repository, comment, taken) values (%(r)s, %(c)s, %(now)s)"
            " on conflict (repository, comment) do update"
            " set taken = excluded.taken, tries = command.tries + 1"
            " where command.done is null and command.taken <= %(free)s returning tries",
            {"r": repository, "c": comment, "now": now, "free": now - TAKEN},
        )
        if found is None:
            return "no"
        return "new" if found[0] == 1 else "again"

    async def finish(self, repository: RepositoryId, comment: int, *, now: datetime) -> None:
        """Remember that a comment needs nothing more, whether or not it was taken up."""
        await self._database.execute(
            "insert into command (repository, comment, taken, done)"
            " values (%(r)s, %(c)s, %(now)s, %(now)s)"
            " on conflict (repository, comment) do update set done = excluded.done"
            " where command.done is null",
            {"r": repository, "c": comment, "now": now},
        )

    async def unfinished(self, repository: RepositoryId, *, now: datetime) -> tuple[int, ...]:
        """Return the comments that a process took up and left, oldest first."""
        rows = await self._database.rows(
            "select comment from command where repository = %s and done is null"
            " and taken <= %s and tries < %s order by taken limit 100",
            [repository, now - TAKEN, TRIES],
        )
        return tuple([comment for (comment,) in rows])

    async def listened(self, repository: RepositoryId) -> datetime | None:
        """Return the moment up to which the repository's comments are known."""
        found = await self._database.row(
            "select since from listened where repository = %s", [repository]
        )
        return found[0] if found else None

    async def listen_from(self, repository: RepositoryId, since: datetime) -> None:
        """Move that moment on; it never goes back."""
        await self._database.execute(
            "insert into listened (repository, since) values (%s, %s)"
            " on conflict (repository) do update"
            " set since = greatest(listened.since, excluded.since)",
            [repository, since],
        )
