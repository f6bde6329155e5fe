"""What was seen of the indexes of built packages, so that doubts outlast a restart."""

from datetime import datetime

from octobot.model.ids import RepositoryId
from octobot.model.memory import SeenIndex
from octobot.store.engine.columns import clean
from octobot.store.engine.database import Database


class PackageIndexes:
    """The last index that was believed at each address, by repository."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def seen(
        self, repository: RepositoryId, address: str
    ) -> tuple[SeenIndex, datetime] | None:
        """Return what is stored, and since when; None: this address was never read."""
        found = await self._database.row(
            "select newest, origins, doubted, at from package_index"
            " where repository = %s and address = %s",
            [repository, clean(address)],
        )
        return (SeenIndex(found[0], frozenset(found[1]), found[2]), found[3]) if found else None

    async def record(
        self, repository: RepositoryId, address: str, seen: SeenIndex, *, now: datetime
    ) -> None:
        """Store what is to be remembered, in place of what was."""
        await self._database.execute(
            "insert into package_index (repository, address, newest, origins, doubted, at)"
            " values (%s, %s, %s, %s, %s, %s)"
            " on conflict (repository, address) do update set newest = excluded.newest,"
            " origins = excluded.origins, doubted = excluded.doubted, at = excluded.at",
            [
                repository,
                clean(address),
                seen.newest,
                [clean(each) for each in sorted(seen.origins)],
                seen.doubted,
                now,
            ],
        )
