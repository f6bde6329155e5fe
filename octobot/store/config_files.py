"""The settings of repositories as they could be read last, and the issue about broken ones."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from octobot.model.config import ConfigFile, ConfigIssue
from octobot.model.ids import RepositoryId, Sha
from octobot.store.engine.columns import clean
from octobot.store.engine.database import Database
from octobot.store.specs import AT_ONCE

_ABANDONED = timedelta(minutes=10)
"""An intent to open an issue that got no number for so long belongs to a process that died."""


class ConfigFiles:
    """The settings as they could be read last, and the issue about broken ones."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def good(self, repository: RepositoryId) -> tuple[ConfigFile, ...]:
        """Return the files as they could be read last, by path."""
        rows = await self._database.rows(
            "select path, blob, content from good_config where repository = %s order by path",
            [repository],
        )
        return tuple(ConfigFile(path, Sha(blob), text) for path, blob, text in rows)

    async def keep(self, repository: RepositoryId, files: Sequence[ConfigFile]) -> None:
        """Make exactly these the good ones; every package that waits is due at once."""
        rows = [
            (repository, clean(f.path), f.blob, clean(f.text)) for f in files if f.text is not None
        ]
        async with self._database.connection() as connection, connection.transaction():
            await connection.execute("delete from good_config where repository = %s", [repository])
            async with connection.cursor() as cursor:
                await cursor.executemany(
                    "insert into good_config (repository, path, blob, content)"
                    " values (%s, %s, %s, %s)"
                    " on conflict (repository, path) do update"
                    " set blob = excluded.blob, content = excluded.content",
                    rows,
                )
            await connection.execute(
                "update package set due = %s where repository = %s and due is not null",
                [AT_ONCE, repository],
            )

    async def issue(self, repository: RepositoryId) -> ConfigIssue | None:
        """Return the issue about settings that cannot be read, if octobot means there to be one."""
        found = await self._database.row(
            "select digest, number from config_issue where repository = %s", [repository]
        )
        return ConfigIssue(*found) if found else None

    async def intend_issue(self, repository: RepositoryId, digest: str, *, now: datetime) -> bool:
        """Take it upon us to say this; False when it is said, or somebody else is about to."""
        changed = await self._database.execute(
            "insert into config_issue as known (repository, digest, at)"
            " values (%(repository)s, %(digest)s, %(now)s)"
            " on conflict (repository) do update set digest = excluded.digest, at = excluded.at"
            " where known.digest <> excluded.digest"
            " or (known.number is null and known.at < %(then)s)",
            {"repository": repository, "digest": digest, "now": now, "then": now - _ABANDONED},
        )
        return changed == 1

    async def enter_issue(self, repository: RepositoryId, digest: str, number: int) -> None:
        """Note the issue in which it was said."""
        await self._database.execute(
            "update config_issue set number = %s where repository = %s and digest = %s",
            [number, repository, digest],
        )

    async def forget_issue(self, repository: RepositoryId) -> None:
        """Note that there is none any more."""
        await self._database.execute("delete from config_issue where repository = %s", [repository])
