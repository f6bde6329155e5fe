"""Deliveries: stored before they are answered, so that none is lost with the process.

GitHub can redeliver for three days under the same GUID; after that a row is of no use.
Deliveries are deduplicated by content, too: a replay under another GUID is ignored.
"""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, get_args

import psycopg

from octobot.model.delivery import Attempt, Reading
from octobot.model.errors import Misconfigured, TryLater
from octobot.model.events import Event
from octobot.model.ids import Guid
from octobot.store.engine.columns import clean, from_column, storable
from octobot.store.engine.database import Database

KEPT = timedelta(days=3)
"""How long GitHub offers to redeliver."""

TAKEN = timedelta(seconds=30)
"""How long one process may work on a delivery before another takes it."""

TOGETHER = 200
"""Deliveries in one commit."""

_Row = tuple[str, str, str, str | None]
"""GUID, name, digest of the content, and the event as JSON."""


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A delivery whose sender waits for an answer; it may have given up meanwhile."""

    row: _Row
    stored: asyncio.Future[bool]

    def finish(self, *, new: bool) -> None:
        if not self.stored.done():
            self.stored.set_result(new)

    def fail(self, error: Exception) -> None:
        if not self.stored.done():
            self.stored.set_exception(error)


_EVENTS: Mapping[str, type[Event]] = {kind.__name__: kind for kind in get_args(Event)}


class Deliveries:
    """The deliveries that the web server received."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: list[_Waiting] = []
        self._writing: asyncio.Task[None] | None = None

    async def record(self, guid: Guid, *, name: str, digest: str, event: Event | None) -> bool:
        """Store a delivery; False when its GUID or its content was seen before.

        `digest` is that of its content; without an `event` there is nothing to do.  Deliveries that
        arrive at the same time are committed together: a storm costs few commits.
        """
        stored: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        row = clean(guid), clean(name), digest, _from_event(event)
        self._waiting.append(_Waiting(row, stored))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write())
        return await stored

    async def _write(self) -> None:
        """Store what is waiting, and what arrives meanwhile, in batches."""
        while self._waiting:
            batch, self._waiting = self._waiting[:TOGETHER], self._waiting[TOGETHER:]
            try:
                new = await self._insert([each.row for each in batch])
            except (TryLater, Misconfigured, psycopg.Error) as error:
                for each in batch:
                    each.fail(error)
            except BaseException:
                for each in batch:  # nobody may wait for ever
                    each.stored.cancel()
                raise
            else:
                for each in batch:  # of copies in one batch the first is the one that is new
                    each.finish(new=each.row[0] in new)
                    new.discard(each.row[0])

    async def _insert(self, rows: Sequence[_Row]) -> set[str]:
        """Insert rows in one statement; return the GUIDs that are new."""
        rows = await self._database.rows(
            "insert into delivery (guid, name, told, event, done)"
            " select guid, name, told, event::jsonb, case when event is null then now() end"
            " from unnest(%s::text[], %s::text[], %s::text[], %s::text[])"
            " as row (guid, name, told, event) on conflict do nothing returning guid",
            [list(column) for column in zip(*rows, strict=True)],
        )
        return {guid for (guid,) in rows}

    async def pending(
        self, *, limit: int, taken: timedelta = TAKEN
    ) -> tuple[tuple[Guid, Event], ...]:
        """Take unfinished deliveries, oldest first.

        Those that another process took less than `taken` ago are skipped.
        """
        rows = await self._database.rows(
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
        found = sorted(rows, key=lambda row: (row[2], row[0]))
        return tuple([(Guid(guid), _to_event(event)) for guid, event, _ in found])

    async def done(self, *guids: Guid) -> None:
        """Mark deliveries as done."""
        await self._database.execute(
            "update delivery set done = now() where guid = any(%s) and done is null",
            [[clean(guid) for guid in guids]],
        )

    async def trim(self, *, kept: timedelta = KEPT) -> int:
        """Delete deliveries older than `kept`; return how many."""
        return await self._database.execute(
            "delete from delivery where received < now() - %s", [kept]
        )


def _from_event(event: Event | None) -> str | None:
    return None if event is None else json.dumps({"kind": type(event).__name__, **storable(event)})


def _to_event(value: Mapping[str, Any]) -> Event:
    fields = {name: each for name, each in value.items() if name != "kind"}
    return from_column(_EVENTS[value["kind"]], fields)


TRIES = 4
"""How often a redelivery is requested."""

PAUSE = timedelta(minutes=10)
"""Before the second try; each further one waits four times as long."""


class Redeliveries:
    """Failed deliveries, and the redeliveries that were requested for them by any process.

    A delivery is asked for a few times, with longer and longer pauses, until it is in the table of
    deliveries, GitHub shows that it arrived, or GitHub has forgotten it.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def begin(self, *, every: timedelta) -> Reading | None:
        """Start to read GitHub's list; None when a process did so less than `every` ago."""
        async with self._database.connection() as connection, connection.transaction():
            await connection.execute("delete from redelivery where failed < now() - %s", [KEPT])
            cursor = await connection.execute(
                "insert into hook_log (read_to, begun) values (now() - %(kept)s, now())"
                " on conflict (one) do update set begun = now()"
                " where hook_log.begun <= now() - %(every)s"
                " returning greatest(read_to, now() - %(kept)s), cursor, newest",
                {"kept": KEPT, "every": every},
            )
            found = await cursor.fetchone()
            return Reading(*found) if found else None

    async def finish(self, reading: Reading) -> None:
        """Record how far the list was read."""
        await self._database.execute(
            "update hook_log set read_to = %s, cursor = %s, newest = %s",
            [reading.read_to, reading.cursor, reading.newest],
        )

    async def learn(self, attempts: Sequence[Attempt]) -> None:
        """Record which deliveries failed and which ones arrived after all."""
        fine = {each.guid for each in attempts if each.outcome == "fine"}
        settled = [e for e in attempts if e.outcome == "fine" and e.again]
        failed = [e for e in attempts if e.outcome == "failed" and e.guid not in fine]
        async with self._database.connection() as connection, connection.transaction():
            for found, arrived in ((settled, True), (failed, False)):
                async with connection.cursor() as cursor:
                    await cursor.executemany(
                        "insert into redelivery (guid, attempt, failed, settled)"
                        " select %(guid)s, %(id)s, %(at)s, %(settled)s where %(settled)s"
                        " or not exists (select from delivery where guid = %(guid)s)"
                        " on conflict (guid) do update"
                        " set settled = redelivery.settled or excluded.settled,"
                        " attempt = greatest(redelivery.attempt, excluded.attempt)",
                        [
                            {"guid": clean(e.guid), "id": e.id, "at": e.at, "settled": arrived}
                            for e in found
                        ],
                    )

    async def take(self, *, limit: int, pause: timedelta = PAUSE) -> tuple[int, ...]:
        """Take the attempts to redeliver now, oldest first; no other process gets them."""
        rows = await self._database.rows(
            """
            with mine as (
                select guid from redelivery
                    where not settled and tries < %(tries)s
                        and failed > now() - %(kept)s
                        and (asked is null or asked <= now() - %(pause)s * 4 ^ (tries - 1))
                        and not exists (select from delivery where guid = redelivery.guid)
                    order by failed, guid limit %(limit)s for update skip locked
            )
            update redelivery set asked = now(), tries = tries + 1
                from mine where redelivery.guid = mine.guid
                returning redelivery.failed, redelivery.attempt
            """,
            {"tries": TRIES, "kept": KEPT, "pause": pause, "limit": limit},
        )
        return tuple([attempt for _, attempt in sorted(rows)])
