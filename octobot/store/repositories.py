"""The repositories on which the App is installed, as GitHub listed them last."""

from collections.abc import Sequence

from octobot.model.ids import InstallationId, Repository, RepositoryId, Watched
from octobot.store.engine.database import Connection


async def watched(connection: Connection) -> tuple[Watched, ...]:
    """Give the watched repositories, by name."""
    cursor = await connection.execute(
        "select installation, id, owner, name, default_branch from watched order by owner, name"
    )
    return tuple(
        [
            Watched(
                InstallationId(installation), RepositoryId(number), Repository(owner, name), base
            )
            for installation, number, owner, name, base in await cursor.fetchall()
        ]
    )


async def put(connection: Connection, repositories: Sequence[Watched]) -> None:
    """Make exactly these the watched repositories.

    What is remembered of one that is gone rests: it may be installed again.
    """
    async with connection.transaction():
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


def _values(each: Watched) -> tuple[int, int, str, str, str]:
    repository = each.repository
    return each.id, each.installation, repository.owner, repository.name, each.default_branch
