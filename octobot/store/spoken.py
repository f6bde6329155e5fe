"""What octobot set out to say lately, so that a list that lags does not make it say it twice."""

from datetime import datetime, timedelta

from octobot.model.ids import RepositoryId
from octobot.store.engine.database import Database
from octobot.store.engine.json_codec import clean

_KEPT = timedelta(days=1)


class Spoken:
    """The beginnings of comments and issues, in the words of the stories."""

    _database: Database

    async def begin_to_speak(
        self, repository: RepositoryId, thread: int, tag: str, *, now: datetime, lag: timedelta
    ) -> bool:
        """Note that something is about to be said; False when that began less than `lag` ago."""
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
