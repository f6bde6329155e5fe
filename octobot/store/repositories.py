"""The repositories on which the App is installed, as GitHub listed them last.

With each: whether merging is halted, its settings as they could be read last, and the issue about
settings that cannot be read.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from octobot.model.config import ConfigFile, ConfigIssue
from octobot.model.ids import InstallationId, Repository, RepositoryId, Sha, Watched
from octobot.store.engine.columns import clean
from octobot.store.engine.database import Database
from octobot.store.packages import AT_ONCE

_ABANDONED = timedelta(minutes=10)
"""An intent to open an issue without a number for so long belongs to a process that died."""


class Repositories:
    """Which repositories are watched, and in which merging is halted."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def watched(self) -> tuple[Watched, ...]:
        """Return the watched repositories, by name."""
        rows = await self._database.rows(
            "select installation, id, owner, name, default_branch from watched order by owner, name"
        )
        return tuple(
            [
                Watched(
                    InstallationId(installation),
                    RepositoryId(number),
                    Repository(owner, name),
                    base,
                )
                for installation, number, owner, name, base in rows
            ]
        )

    async def set_watched(self, repositories: Sequence[Watched]) -> None:
        """Make exactly these the watched repositories.

        What is stored of a removed one stays: it may be installed again.
        """
        async with self._database.connection() as connection, connection.transaction():
            await connection.execute("lock table watched in share row exclusive mode")
            await connection.execute(
                "delete from watched where id <> all(%s)", [[each.id for each in repositories]]
            )
            async with connection.cursor() as cursor:
                await cursor.executemany(
                    "insert into watched (id, installation, owner, name, default_branch)"
                    " values (%s, %s, %s, %s, %s) on conflict (id) do update set"
                    " installation = excluded.installation, owner = excluded.owner,"
                    " name = excluded.name, default_branch = excluded.default_branch",
                    [_values(each) for each in repositories],
                )

    async def halt_merging(self, repository: RepositoryId, because: str) -> None:
        """Stop merging in this repository until `allow_merging`; the first cause is kept."""
        await self._database.execute(
            "insert into stopped_line (repository, because) values (%s, %s) on conflict do nothing",
            [repository, clean(because)],
        )

    async def merging_halted(self, repository: RepositoryId) -> str | None:
        """Return why merging is halted, or None."""
        found = await self._database.row(
            "select because from stopped_line where repository = %s", [repository]
        )
        return found[0] if found else None

    async def allow_merging(self, repository: RepositoryId) -> bool:
        """Allow merging again, after a person has looked; False when it was not halted."""
        changed = await self._database.execute(
            "delete from stopped_line where repository = %s", [repository]
        )
        return changed == 1


def _values(each: Watched) -> tuple[int, int, str, str, str]:
    repository = each.repository
    return each.id, each.installation, repository.owner, repository.name, each.default_branch


class ConfigFiles:
    """The settings as they could be read last, and the issue about broken ones."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def good(self, repository: RepositoryId) -> tuple[ConfigFile, ...]:
        """Return the settings files as they could be read last, by path."""
        rows = await self._database.rows(
            "select path, blob, content from good_config where repository = %s order by path",
            [repository],
        )
        return tuple(ConfigFile(path, Sha(blob), text) for path, blob, text in rows)

    async def keep(self, repository: RepositoryId, files: Sequence[ConfigFile]) -> None:
        """Store exactly these as good; every waiting package is due at once."""
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
        """Return the issue about settings that cannot be read; None when there should be none."""
        found = await self._database.row(
            "select digest, number from config_issue where repository = %s", [repository]
        )
        return ConfigIssue(*found) if found else None

    async def intend_issue(self, repository: RepositoryId, digest: str, *, now: datetime) -> bool:
        """Claim the issue for these errors; False when it exists, or another process opens it."""
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
        """Record the number of the issue."""
        await self._database.execute(
            "update config_issue set number = %s where repository = %s and digest = %s",
            [number, repository, digest],
        )

    async def forget_issue(self, repository: RepositoryId) -> None:
        """Record that the issue is no longer needed."""
        await self._database.execute("delete from config_issue where repository = %s", [repository])
