"""What octobot posted or started, recorded so that it does neither twice."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from octobot.model.ids import RepositoryId, Sha
from octobot.model.pull_request import CheckRun
from octobot.store.engine.columns import clean
from octobot.store.engine.database import Database

_KEPT = timedelta(days=1)


class Posted:
    """Verdicts posted, comments and issues begun, re-runs claimed."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def verdict(self, repository: RepositoryId, head: Sha) -> str | None:
        """Return the digest of the verdict last posted for a head commit."""
        found = await self._database.row(
            "select digest from said where repository = %s and head = %s", [repository, head]
        )
        return found[0] if found else None

    async def record_verdict(self, repository: RepositoryId, head: Sha, digest: str) -> None:
        """Record the digest of the verdict just posted, so that it is not posted again."""
        await self._database.execute(
            "insert into said (repository, head, digest) values (%s, %s, %s)"
            " on conflict (repository, head) do update set digest = excluded.digest",
            [repository, head, digest],
        )

    async def begin_to_post(
        self, repository: RepositoryId, thread: int, tag: str, *, now: datetime, lag: timedelta
    ) -> bool:
        """Record that a post begins; False when one began less than `lag` ago."""
        values = {"r": repository, "t": thread, "tag": clean(tag), "now": now}
        async with self._database.connection() as connection, connection.transaction():
            await connection.execute("delete from spoken where since < %s", [now - _KEPT])
            cursor = await connection.execute(
                "insert into spoken (repository, thread, tag, since)"
                " values (%(r)s, %(t)s, %(tag)s, %(now)s)"
                " on conflict (repository, thread, tag) do update set since = excluded.since"
                " where spoken.since <= %(old)s",
                {**values, "old": now - lag},
            )
            return cursor.rowcount == 1

    async def claim_reruns(
        self, repository: RepositoryId, head: Sha, checks: Sequence[CheckRun], *, now: datetime
    ) -> bool:
        """Claim the one re-run of all these checks; False when one of them had its own already.

        A check is known by its App and name, because a new run of it has a new number.
        """
        rows = sorted({(check.app, clean(check.name)) for check in checks})
        async with self._database.connection() as connection, connection.transaction():
            cursor = await connection.execute(
                "select 1 from rerun where repository = %s and head = %s"
                " and (app, name) in (select * from unnest(%s::bigint[], %s::text[]))",
                [repository, head, [app for app, _ in rows], [name for _, name in rows]],
            )
            if await cursor.fetchone():
                return False
            cursor = await connection.execute(
                "insert into rerun (repository, head, app, name, asked)"
                " select %s, %s, app, name, %s"
                " from unnest(%s::bigint[], %s::text[]) as t (app, name) on conflict do nothing",
                [repository, head, now, [app for app, _ in rows], [name for _, name in rows]],
            )
            return cursor.rowcount == len(rows)
