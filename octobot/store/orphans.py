"""Proposals whose package is not in the repository any more."""

from octobot.model.ids import RepositoryId
from octobot.store.engine.database import Database


class Orphans:
    """What stands and has no spec, in the words of the stories."""

    _database: Database

    async def orphans(self, repository: RepositoryId) -> tuple[str, ...]:
        """Name the packages without a spec that have a proposal which may still be merged.

        A group is no package: it is found by those that it has.
        """
        async with self._database.connection() as connection:
            cursor = await connection.execute(
                "select distinct package from proposal as standing"
                " where repository = %(r)s and state in ('intended', 'open') and files is null"
                " and not exists (select from package"
                " where package.repository = %(r)s and package.name = standing.package)"
                " and not exists (select from proposal as newer where newer.repository = %(r)s"
                " and newer.branch = standing.branch and newer.id > standing.id)"
                " order by package",
                {"r": repository},
            )
            return tuple([package for (package,) in await cursor.fetchall()])
