"""Who each upstream is: the repository that it was first, and another that took its place."""

from collections.abc import Mapping
from datetime import datetime

from psycopg.types.json import Jsonb

from octobot.model.memory import Identity
from octobot.model.package import Upstream
from octobot.store.engine.columns import clean
from octobot.store.engine.database import Database

_UPSERT = """
    insert into upstream_identity as known (datasource, identifier, number, first_seen)
        select datasource, identifier, number, %(now)s
            from jsonb_to_recordset(%(seen)s) as seen (
                datasource text, identifier text, number bigint)
            order by datasource, identifier
    on conflict (datasource, identifier) do update set
        other = coalesce(known.other,
            case when excluded.number <> known.number then excluded.number end)
    returning datasource, identifier, number, other
"""


class Identities:
    """Which repository each upstream is known to be."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def identify(
        self, seen: Mapping[Upstream, int], *, now: datetime
    ) -> Mapping[Upstream, Identity]:
        """Record which repository each upstream is; the first one never changes by itself."""
        places = {upstream: _place(upstream) for upstream in seen}
        rows = {
            place: {"datasource": place[0], "identifier": place[1], "number": seen[upstream]}
            for upstream, place in places.items()
        }
        values = {"seen": Jsonb(list(rows.values())), "now": now}
        found = {row[:2]: Identity(*row[2:]) for row in await self._database.rows(_UPSERT, values)}
        return {upstream: found[place] for upstream, place in places.items()}

    async def accept(self, datasource: str, identifier: str) -> Identity | None:
        """Let the other repository be the upstream from now on; gives what was known before.

        None when no other was ever seen.
        """
        place = [datasource, clean(identifier).lower()]
        async with self._database.connection() as connection, connection.transaction():
            cursor = await connection.execute(
                "select number, other from upstream_identity"
                " where datasource = %s and identifier = %s and other is not null for update",
                place,
            )
            found = await cursor.fetchone()
            await connection.execute(
                "update upstream_identity set number = other, other = null"
                " where datasource = %s and identifier = %s and other is not null",
                place,
            )
        return Identity(*found) if found else None


def _place(upstream: Upstream) -> tuple[str, str]:
    return upstream.datasource, clean(upstream.identifier).lower()
