"""Proposals that are made anew in their pull request: one ledger row, one head after another."""

from collections.abc import Mapping
from datetime import datetime

from psycopg.types.json import Jsonb

from octobot.model.ids import RepositoryId, Sha
from octobot.store.engine.database import Database
from octobot.store.ledger import put_head


class Renewals:
    """What is to get another head, and which, in the words of the stories."""

    _database: Database

    async def renew(self, repository: RepositoryId, branch: str, *, number: int, head: Sha) -> bool:
        """Let a head be replaced; False when the ledger does not know the branch's pull request."""
        async with self._database.connection() as connection:
            cursor = await connection.execute(
                "update proposal set renews = %(head)s where id = (select max(id) from proposal"
                " where repository = %(repository)s and branch = %(branch)s)"
                " and state = 'open' and number = %(number)s",
                {"repository": repository, "branch": branch, "head": head, "number": number},
            )
            return cursor.rowcount == 1

    async def renewed(
        self,
        repository: RepositoryId,
        branch: str,
        *,
        base: Sha,
        head: Sha,
        files: Mapping[str, Sha],
        at: datetime,
    ) -> None:
        """Enter the head that takes the other's place, with its base and texts (path → blob).

        `at`: when these texts were proposed first.
        """
        values = {
            "repository": repository,
            "branch": branch,
            "base": base,
            "head": head,
            "files": Jsonb(dict(files)),
            "first": min(files),
            "at": at,
        }
        async with self._database.connection() as connection, connection.transaction():
            await connection.execute(
                "update proposal set base = %(base)s, head = %(head)s, at = %(at)s,"
                " blob = %(files)s::jsonb ->> %(first)s,"
                " files = case when files is not null then %(files)s::jsonb end"
                " where id = (select max(id) from proposal"
                " where repository = %(repository)s and branch = %(branch)s)",
                values,
            )
            await put_head(connection, repository, branch, head)
