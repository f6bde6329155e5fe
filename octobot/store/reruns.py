"""Which failed checks were run again on which head commit: remembered before it is asked for."""

from collections.abc import Sequence
from datetime import datetime

from octobot.model.ids import RepositoryId, Sha
from octobot.model.pull_request import CheckRun
from octobot.store.engine.database import Database
from octobot.store.engine.json_codec import clean


class Reruns:
    """The memory of re-runs, in the words of the stories."""

    _database: Database

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
