"""Which verdict was posted last for a head commit, and whether a repository's line is stopped."""

from octobot.model.ids import RepositoryId, Sha
from octobot.store.engine.database import Connection
from octobot.store.engine.json_codec import clean


async def said(connection: Connection, repository: RepositoryId, head: Sha) -> str | None:
    """Give the digest of the verdict last posted for a head commit."""
    cursor = await connection.execute(
        "select digest from said where repository = %s and head = %s", [repository, head]
    )
    found = await cursor.fetchone()
    return found[0] if found else None


async def say(connection: Connection, repository: RepositoryId, head: Sha, digest: str) -> None:
    """Remember the digest of the verdict just posted, so that it is not posted again."""
    await connection.execute(
        "insert into said (repository, head, digest) values (%s, %s, %s)"
        " on conflict (repository, head) do update set digest = excluded.digest",
        [repository, head, digest],
    )


async def stop_line(connection: Connection, repository: RepositoryId, because: str) -> None:
    """No more merges in this repository until `release_line`; the first cause is kept."""
    await connection.execute(
        "insert into stopped_line (repository, because) values (%s, %s) on conflict do nothing",
        [repository, clean(because)],
    )


async def line_stopped(connection: Connection, repository: RepositoryId) -> str | None:
    """Say why the line is stopped, or None."""
    cursor = await connection.execute(
        "select because from stopped_line where repository = %s", [repository]
    )
    found = await cursor.fetchone()
    return found[0] if found else None


async def release_line(connection: Connection, repository: RepositoryId) -> bool:
    """Allow merges again, a person having looked; False when the line was not stopped."""
    cursor = await connection.execute(
        "delete from stopped_line where repository = %s", [repository]
    )
    return cursor.rowcount == 1
