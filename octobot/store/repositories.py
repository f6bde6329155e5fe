"""The repositories on which the App is installed, as GitHub listed them last, and their stops."""

from collections.abc import Sequence

from octobot.model.ids import InstallationId, Repository, RepositoryId, Watched
from octobot.store.engine.columns import clean
from octobot.store.engine.database import Database


class Repositories:
    """Which repositories are watched, and in which no more is merged."""

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

        What is remembered of one that is gone rests: it may be installed again.
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

    async def stop_line(self, repository: RepositoryId, because: str) -> None:
        """No more merges in this repository until `release_line`; the first cause is kept."""
        await self._database.execute(
            "insert into stopped_line (repository, because) values (%s, %s) on conflict do nothing",
            [repository, clean(because)],
        )

    async def merging_halted(self, repository: RepositoryId) -> str | None:
        """Say why the line is stopped, or None."""
        found = await self._database.row(
            "select because from stopped_line where repository = %s", [repository]
        )
        return found[0] if found else None

    async def release_line(self, repository: RepositoryId) -> bool:
        """Allow merges again, a person having looked; False when the line was not stopped."""
        changed = await self._database.execute(
            "delete from stopped_line where repository = %s", [repository]
        )
        return changed == 1


def _values(each: Watched) -> tuple[int, int, str, str, str]:
    repository = each.repository
    return each.id, each.installation, repository.owner, repository.name, each.default_branch
