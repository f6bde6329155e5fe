"""Versions that an upstream lists and whose pins could not be found, for a few hours each."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from octobot.model.ids import Key, RepositoryId, Version
from octobot.store.engine.columns import clean
from octobot.store.engine.database import Database

PATIENCE = timedelta(hours=6)
"""Until the pins of such a version are looked for again: a tag or a file may follow its listing."""


class MissingVersions:
    """Which versions are not to be chosen for now, and what was missing of them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def remember(self, key: Key, version: Version, because: str, *, now: datetime) -> bool:
        """Remember a version for a while; False when it is remembered already."""
        async with self._database.connection() as connection, connection.transaction():
            await connection.execute(
                "delete from missing_version where repository = %s and until <= %s",
                [key.repository, now],
            )
            cursor = await connection.execute(
                "insert into missing_version (repository, package, version, because, until)"
                " values (%s, %s, %s, %s, %s) on conflict do nothing",
                [key.repository, key.package, version, clean(because), now + PATIENCE],
            )
            return cursor.rowcount == 1

    async def current(
        self, repository: RepositoryId, packages: Sequence[str], *, now: datetime
    ) -> Mapping[str, Mapping[Version, str]]:
        """Return what is missing at this moment: package → version → what of it."""
        rows = await self._database.rows(
            "select package, version, because from missing_version"
            " where repository = %s and package = any(%s) and until > %s",
            [repository, list(packages), now],
        )
        found: defaultdict[str, dict[Version, str]] = defaultdict(dict)
        for package, version, because in rows:
            found[package][Version(version)] = because
        return found
