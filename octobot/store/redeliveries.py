"""Deliveries that failed: what GitHub was asked for again, once for all processes.

A delivery is asked for a few times, with longer and longer pauses, until it is in the table of
deliveries, GitHub shows that it arrived, or GitHub has forgotten it.
"""

from collections.abc import Sequence
from datetime import timedelta

from octobot.model.delivery import Attempt, Reading
from octobot.store.deliveries import KEPT
from octobot.store.engine.database import Database
from octobot.store.engine.json_codec import clean

TRIES = 4
"""How often one delivery is asked for."""

PAUSE = timedelta(minutes=10)
"""Before the second try; each further one waits four times as long."""


class Redeliveries:
    """What is remembered of deliveries that failed."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def begin(self, *, every: timedelta) -> Reading | None:
        """Begin to read GitHub's list; None when a process did so less than `every` ago."""
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
        """Remember how far the list was read."""
        async with self._database.connection() as connection:
            await connection.execute(
                "update hook_log set read_to = %s, cursor = %s, newest = %s",
                [reading.read_to, reading.cursor, reading.newest],
            )

    async def learn(self, attempts: Sequence[Attempt]) -> None:
        """Note what failed and did not arrive in another way, and what arrived at last."""
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
        """Take the attempts to ask for again now, oldest first; no other process gets them."""
        async with self._database.connection() as connection:
            cursor = await connection.execute(
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
            return tuple([attempt for _, attempt in sorted(await cursor.fetchall())])
