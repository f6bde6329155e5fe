"""What GitHub said of the repositories and tags that specs pin, beside those that are watched."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from octobot.model.ids import Key, RepositoryId, Sha
from octobot.model.memory import PinFacts
from octobot.store.engine.columns import clean
from octobot.store.engine.database import Database
from octobot.store.packages import AT_ONCE


class CheckedPins:
    """Which pins were looked up, and which were not there."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def due(
        self, repository: RepositoryId, *, before: datetime, limit: int
    ) -> tuple[str, ...]:
        """Name packages to check: their spec is new, or it has such pins and it was long ago."""
        async with self._database.connection() as connection:
            cursor = await connection.execute(
                "select package.name from package left join checked_pins as known"
                " on known.repository = package.repository and known.package = package.name"
                " where package.repository = %s and (known.package is null"
                " or known.blob <> package.blob"
                " or (known.checked <= %s and cardinality(known.repositories) > 0))"
                " order by known.checked nulls first, package.name limit %s",
                [repository, before, limit],
            )
            return tuple([name for (name,) in await cursor.fetchall()])

    async def record(
        self,
        key: Key,
        blob: Sha,
        *,
        repositories: Sequence[str],
        gone: Sequence[str],
        now: datetime,
    ) -> None:
        """Note what was found; an earlier finding is replaced."""
        async with self._database.connection() as connection:
            await connection.execute(
                "insert into checked_pins"
                " (repository, package, blob, checked, repositories, gone)"
                " values (%s, %s, %s, %s, %s, %s)"
                " on conflict (repository, package) do update set blob = excluded.blob,"
                " checked = excluded.checked, repositories = excluded.repositories,"
                " gone = excluded.gone",
                [
                    *(key.repository, clean(key.package), blob, now),
                    *([clean(one) for one in repositories], [clean(one) for one in gone]),
                ],
            )

    async def facts(
        self, repository: RepositoryId, packages: Sequence[str]
    ) -> Mapping[str, PinFacts]:
        """Return what is known of these packages' pins as their specs are now."""
        async with self._database.connection() as connection:
            cursor = await connection.execute(
                "select known.package, known.gone,"
                " (select array_agg(identifier || ' was repository ' || number || ', then '"
                " || other order by identifier) from upstream_identity"
                " where datasource = 'github' and other is not null"
                " and identifier = any(known.repositories))"
                " from checked_pins as known join package on package.blob = known.blob"
                " and package.repository = known.repository and package.name = known.package"
                " where known.repository = %s and known.package = any(%s)",
                [repository, list(packages)],
            )
            return {
                name: PinFacts(tuple(gone), tuple(replaced or ()))
                for name, gone, replaced in await cursor.fetchall()
            }

    async def select_again_at(self, identifier: str) -> int:
        """Have packages that pin something of a repository on GitHub selected again.

        Returns their number.
        """
        async with self._database.connection() as connection:
            cursor = await connection.execute(
                "update package set look_due = %s, mark = null from checked_pins as known"
                " where known.repository = package.repository and known.package = package.name"
                " and %s = any(known.repositories)",
                [AT_ONCE, clean(identifier).lower()],
            )
            return cursor.rowcount
