"""Where heads come from that GitHub never returned to this database: found, and made again."""

from octobot.model.ids import PullNumber, RepositoryId, Sha
from octobot.store.engine.database import Database
from octobot.store.engine.json_codec import clean


class Adoptions:
    """The pull requests that the ledger did not know, in the words of the stories."""

    _database: Database

    async def is_foreign(self, repository: RepositoryId, head: Sha) -> bool:
        """Tell whether this head was looked at and is not what octobot would have made."""
        async with self._database.connection() as connection:
            cursor = await connection.execute(
                "select 1 from adoption where repository = %s and head = %s"
                " and refused is not null",
                [repository, head],
            )
            return await cursor.fetchone() is not None

    async def record_adoption(
        self,
        repository: RepositoryId,
        number: PullNumber,
        *,
        branch: str,
        head: Sha,
        refused: str | None,
    ) -> None:
        """Record where a head of the ledger comes from, or why it is not entered into it."""
        async with self._database.connection() as connection:
            await connection.execute(
                "insert into adoption (repository, head, branch, number, refused)"
                " values (%s, %s, %s, %s, %s) on conflict (repository, head) do update"
                " set refused = excluded.refused, at = now()",
                [repository, head, clean(branch), number, refused and clean(refused)],
            )
