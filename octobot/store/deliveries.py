"""Deliveries: stored before they are answered, so that none is lost with the process.

GitHub can redeliver for three days and keeps the GUID; after that a row is of no use.  What a
delivery tells of counts once, too: a copy under another GUID is no news.
"""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import timedelta
from typing import Any, get_args

from psycopg.types.json import Jsonb

from octobot.model.events import Event
from octobot.model.ids import Guid
from octobot.store.database import Database
from octobot.store.encoding import clean

KEPT = timedelta(days=3)
"""How long GitHub offers to redeliver."""

TAKEN = timedelta(seconds=30)
"""How long one process may work on a delivery before another takes it."""

_EVENTS: Mapping[str, type[Event]] = {kind.__name__: kind for kind in get_args(Event)}


class Deliveries:
    """The deliveries, in the words of the web door."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def record(self, guid: Guid, *, name: str, told: str, event: Event | None) -> bool:
        """Store a delivery; False when its GUID, or what it tells of, was seen before.

        `told` is the digest of what it tells of; without an `event` there is nothing to do.
        """
        async with self._database.connection() as connection:
            cursor = await connection.execute(
                "insert into delivery (guid, name, told, event, done)"
                " values (%s, %s, %s, %s, case when %s then null else now() end)"
                " on conflict do nothing",
                [clean(guid), clean(name), told, _from_event(event), event is not None],
            )
            return cursor.rowcount == 1

    async def pending(
        self, *, limit: int, taken: timedelta = TAKEN
    ) -> tuple[tuple[Guid, Event], ...]:
        """Take deliveries that nobody has finished, oldest first.

        Those that another process took less than `taken` ago are left to it.
        """
        async with self._database.connection() as connection:
            cursor = await connection.execute(
                """
                with mine as (
                    select guid from delivery
                        where done is null and (taken is null or taken <= now() - %(taken)s)
                        order by received, guid limit %(limit)s for update skip locked
                )
                update delivery set taken = now() from mine where delivery.guid = mine.guid
                    returning delivery.guid, delivery.event, delivery.received
                """,
                {"limit": limit, "taken": taken},
            )
            found = sorted(await cursor.fetchall(), key=lambda row: (row[2], row[0]))
            return tuple([(Guid(guid), _to_event(event)) for guid, event, _ in found])

    async def done(self, guid: Guid) -> None:
        """Mark a delivery as worked off."""
        async with self._database.connection() as connection:
            await connection.execute(
                "update delivery set done = now() where guid = %s and done is null", [clean(guid)]
            )

    async def trim(self, *, kept: timedelta = KEPT) -> int:
        """Forget deliveries older than `kept`; give their number."""
        async with self._database.connection() as connection:
            cursor = await connection.execute(
                "delete from delivery where received < now() - %s", [kept]
            )
            return cursor.rowcount


def _from_event(event: Event | None) -> Jsonb | None:
    if event is None:
        return None
    fields = {
        name: clean(value) if isinstance(value, str) else value
        for name, value in asdict(event).items()
    }
    return Jsonb({"kind": type(event).__name__, **fields})


def _to_event(value: Mapping[str, Any]) -> Event:
    return _EVENTS[value["kind"]](**{name: each for name, each in value.items() if name != "kind"})
