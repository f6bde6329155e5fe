"""The audit log of commands: written once, never changed; the database itself refuses it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, LiteralString

from psycopg.rows import dict_row

from octobot.model.ids import RepositoryId
from octobot.model.orders import Act, Person, TextKind
from octobot.store.engine.columns import clean, to_sha
from octobot.store.engine.database import Connection, Database


class Audit:
    """The audit log."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def append(self, act: Act) -> None:
        """Write an act down; the same command of the same text is written once."""
        person = act.person
        async with self._database.connection() as connection:
            await connection.execute(
                "insert into audit (repository, thread, comment, position, who, login, bot, level,"
                " command, words, package, head, outcome, answer, at, kind, answered)"
                " values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
                " on conflict (repository, kind, comment, position) do nothing",
                [
                    *(act.repository, act.thread, act.comment, act.position),
                    *(person.id, clean(person.login), person.bot, act.level),
                    *(clean(act.command), clean(act.words), clean(act.package), act.head),
                    *(act.outcome, clean(act.answer), act.at, act.kind, act.answered),
                ],
            )

    async def acts(
        self, repository: RepositoryId, comment: int, kind: TextKind = "comment"
    ) -> tuple[Act, ...]:
        """Return the outcomes of a text's commands, in their order."""
        async with self._database.connection() as connection:
            return await _read(
                connection,
                "select * from audit where repository = %(r)s and kind = %(k)s and comment = %(c)s"
                " order by position",
                {"r": repository, "k": kind, "c": comment},
            )

    async def answers(
        self, repository: RepositoryId, thread: int, *, limit: int
    ) -> tuple[Act, ...]:
        """Return the acts of a thread whose answers are posted: the newest ones, oldest first."""
        async with self._database.connection() as connection:
            found = await _read(
                connection,
                "select * from audit where repository = %(r)s and thread = %(t)s and answered"
                " order by id desc limit %(limit)s",
                {"r": repository, "t": thread, "limit": limit},
            )
            return found[::-1]

    async def acts_by(self, repository: RepositoryId, person: int, *, since: datetime) -> int:
        """Count a person's commands since a moment."""
        async with self._database.connection() as connection:
            cursor = await connection.execute(
                "select count(*) from audit where repository = %s and who = %s and at >= %s",
                [repository, person, since],
            )
            found = await cursor.fetchone()
            return int(found[0]) if found else 0

    async def last_by(self, repository: RepositoryId, person: int) -> Act | None:
        """Return a person's last act; None without any."""
        async with self._database.connection() as connection:
            found = await _read(
                connection,
                "select * from audit where repository = %(r)s and who = %(who)s"
                " order by id desc limit 1",
                {"r": repository, "who": person},
            )
            return found[0] if found else None

    async def unanswered_texts(self, repository: RepositoryId, *, since: datetime) -> int:
        """Count the texts since a moment whose answers are not posted."""
        async with self._database.connection() as connection:
            cursor = await connection.execute(
                "select count(distinct (kind, comment)) from audit"
                " where repository = %s and not answered and at >= %s",
                [repository, since],
            )
            found = await cursor.fetchone()
            return int(found[0]) if found else 0

    async def whole(self, *, since: datetime | None) -> tuple[Act, ...]:
        """Return the log of all repositories, oldest first."""
        async with self._database.connection() as connection:
            return await _read(
                connection,
                "select * from audit where %(since)s::timestamptz is null or at >= %(since)s"
                " order by at, id",
                {"since": since},
            )


async def _read(
    connection: Connection, query: LiteralString, values: Mapping[str, Any]
) -> tuple[Act, ...]:
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(query, values)
        return tuple([_act(found) for found in await cursor.fetchall()])


def _act(found: Mapping[str, Any]) -> Act:
    return Act(
        repository=RepositoryId(found["repository"]),
        thread=found["thread"],
        comment=found["comment"],
        position=found["position"],
        person=Person(found["who"], found["login"], bot=found["bot"]),
        level=found["level"],
        command=found["command"],
        words=found["words"],
        package=found["package"],
        head=to_sha(found["head"]),
        outcome=found["outcome"],
        answer=found["answer"],
        at=found["at"],
        kind=found["kind"],
        answered=found["answered"],
    )
