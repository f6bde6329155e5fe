"""Plans of rebuilds that wait for the person who asked to confirm them."""

from octobot.model.ids import RepositoryId
from octobot.model.rebuild import AskedRebuild, Trigger
from octobot.store.engine.columns import clean, from_column, to_column
from octobot.store.engine.database import Database


class AskedRebuilds:
    """The last plan that each person was shown in a thread."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def ask(
        self, repository: RepositoryId, thread: int, person: int, asked: AskedRebuild
    ) -> None:
        """Store what a person was shown, in place of what they were shown before."""
        await self._database.execute(
            "insert into asked_rebuild"
            " (repository, thread, person, trigger, because, digest, at)"
            " values (%s, %s, %s, %s, %s, %s, %s)"
            " on conflict (repository, thread, person) do update set"
            " trigger = excluded.trigger, because = excluded.because,"
            " digest = excluded.digest, at = excluded.at",
            [
                repository,
                thread,
                person,
                to_column(asked.trigger),
                clean(asked.because),
                asked.digest,
                asked.at,
            ],
        )

    async def find(self, repository: RepositoryId, thread: int, person: int) -> AskedRebuild | None:
        """Return what this person was shown last in this thread, unless it was confirmed."""
        found = await self._database.row(
            "select trigger, because, digest, at from asked_rebuild"
            " where repository = %s and thread = %s and person = %s",
            [repository, thread, person],
        )
        return AskedRebuild(from_column(Trigger, found[0]), *found[1:]) if found else None

    async def forget(self, repository: RepositoryId, thread: int, person: int) -> None:
        """Forget it: it was confirmed, or is too old."""
        await self._database.execute(
            "delete from asked_rebuild where repository = %s and thread = %s and person = %s",
            [repository, thread, person],
        )
