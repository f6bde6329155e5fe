"""Packages that are stuck: why, since when, and the issue that says so."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from psycopg.types.json import Jsonb

from octobot.model.ids import Key, RepositoryId
from octobot.model.memory import StuckRow
from octobot.model.reasons import Reason
from octobot.store.engine.columns import clean, from_column, storable
from octobot.store.engine.database import Database


class StuckPackages:
    """Which packages are stuck."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def record(
        self,
        repository: RepositoryId,
        stuck: Mapping[str, Reason],
        over: Collection[str],
        *,
        now: datetime,
    ) -> None:
        """Note what a check found: packages that are stuck, and others that are not any more.

        The moment of the first check stays, also where the reason becomes another one.
        """
        found = [{"package": clean(name), "reason": storable(why)} for name, why in stuck.items()]
        values = {"repository": repository, "now": now, "over": [clean(name) for name in over]}
        async with self._database.connection() as connection, connection.transaction():
            await connection.execute(
                "delete from stuck where repository = %(repository)s and package = any(%(over)s)"
                " and issue is null",
                values,
            )
            await connection.execute(
                "update stuck set over = true"
                " where repository = %(repository)s and package = any(%(over)s) and not over",
                values,
            )
            if found:
                await connection.execute(
                    "insert into stuck as known (repository, package, reason, since)"
                    " select %(repository)s, package, reason, %(now)s"
                    " from jsonb_to_recordset(%(found)s) as found (package text, reason jsonb)"
                    " order by package"
                    " on conflict (repository, package) do update set"
                    " reason = excluded.reason, over = false",
                    {**values, "found": Jsonb(found)},
                )

    async def of(self, repository: RepositoryId, packages: Sequence[str]) -> Mapping[str, StuckRow]:
        """Return what is noted of these packages."""
        async with self._database.connection() as connection:
            cursor = await connection.execute(
                "select package, reason, since, over, issue, digest from stuck"
                " where repository = %s and package = any(%s)",
                [repository, list(packages)],
            )
            return {
                name: StuckRow(from_column(Reason, reason), *rest)
                for name, reason, *rest in await cursor.fetchall()
            }

    async def enter_issue(self, key: Key, number: int, digest: str) -> None:
        """Note the issue that says it."""
        async with self._database.connection() as connection:
            await connection.execute(
                "update stuck set issue = %s, digest = %s where repository = %s and package = %s",
                [number, digest, key.repository, clean(key.package)],
            )

    async def forget(self, key: Key) -> None:
        """Note that the issue is closed; a package that is stuck again meanwhile begins anew."""
        async with self._database.connection() as connection, connection.transaction():
            where = [key.repository, clean(key.package)]
            await connection.execute(
                "delete from stuck where repository = %s and package = %s and over", where
            )
            await connection.execute(
                "update stuck set issue = null, digest = null"
                " where repository = %s and package = %s",
                where,
            )

    async def without_spec(self, repository: RepositoryId) -> tuple[str, ...]:
        """Name the packages that have an issue and no spec any more."""
        async with self._database.connection() as connection:
            cursor = await connection.execute(
                "select package from stuck where repository = %(r)s and issue is not null"
                " and not exists (select from package"
                " where package.repository = %(r)s and package.name = stuck.package)"
                " order by package",
                {"r": repository},
            )
            return tuple([name for (name,) in await cursor.fetchall()])
