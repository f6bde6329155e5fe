"""What octobot asked GitHub to merge, so that a refusal or a removal is not forgotten."""

from datetime import datetime, timedelta

from psycopg.rows import dict_row

from octobot.model.config import MergeBy
from octobot.model.ids import PullNumber, RepositoryId, Sha
from octobot.model.pull_request import MergeTry
from octobot.store.engine.columns import clean
from octobot.store.engine.database import Database

_MOST = 50
"""Tries of one pull request that are read."""
_FORGOTTEN = timedelta(days=90)
_CUT = 500
"""Characters of GitHub's words."""


class MergeTries:
    """The requests to merge, by pull request."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def record(
        self,
        repository: RepositoryId,
        number: PullNumber,
        *,
        head: Sha,
        way: MergeBy,
        at: datetime,
        refused: str = "",
    ) -> int:
        """Record a request, and forget old ones; return its id."""
        async with self._database.connection() as connection, connection.transaction():
            await connection.execute("delete from merge_try where at < %s", [at - _FORGOTTEN])
            cursor = await connection.execute(
                "insert into merge_try (repository, number, head, way, at, refused)"
                " values (%s, %s, %s, %s, %s, %s) returning id",
                [repository, number, head, way, at, clean(refused)[:_CUT]],
            )
            (made,) = await cursor.fetchone() or (0,)
            return int(made)

    async def refuse(self, made: int, words: str) -> None:
        """Record that GitHub refused a request, in its words."""
        async with self._database.connection() as connection:
            await connection.execute(
                "update merge_try set refused = %s where id = %s", [clean(words)[:_CUT], made]
            )

    async def withdraw(self, made: int) -> None:
        """Record that GitHub did not decide a request: it was asked too early, or not at all."""
        async with self._database.connection() as connection:
            await connection.execute("update merge_try set cancelled = true where id = %s", [made])

    async def cancel(self, repository: RepositoryId, number: PullNumber) -> None:
        """Record that octobot cancelled what it had left to GitHub."""
        async with self._database.connection() as connection:
            await connection.execute(
                "update merge_try set cancelled = true"
                " where repository = %s and number = %s and refused = ''",
                [repository, number],
            )

    async def of_pull(self, repository: RepositoryId, number: PullNumber) -> tuple[MergeTry, ...]:
        """Return the latest requests, newest first."""
        async with (
            self._database.connection() as connection,
            connection.cursor(row_factory=dict_row) as cursor,
        ):
            await cursor.execute(
                "select head, way, at, refused, cancelled from merge_try"
                " where repository = %s and number = %s order by id desc limit %s",
                [repository, number, _MOST],
            )
            return tuple([MergeTry(**found) for found in await cursor.fetchall()])
