"""Commands of people: texts in progress, each in one process, and the audit log.

A text whose process died is taken again after a while, and given up after a few tries, so
that it cannot block others for ever.  The audit log is written once; the database itself refuses
to change it.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from octobot.model.ids import RepositoryId
from octobot.model.orders import Act, Person, Taken, TextKind, TextRef
from octobot.store.engine.columns import clean, to_sha
from octobot.store.engine.database import Database

TAKEN = timedelta(minutes=5)
"""How long one process may work on a comment; longer than GitHub's retries take."""
TRIES = 6
"""With a pause that doubles, they reach beyond the hour in which GitHub counts writes."""


class Comments:
    """Which texts are in progress or done, and up to when they were read."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def take(self, repository: RepositoryId, text: TextRef, *, now: datetime) -> Taken:
        """Take a text for this process, unless another one has it or it is done."""
        found = await self._database.row(
            "insert into command (repository, kind, comment, thread, taken)"
            " values (%(r)s, %(k)s, %(c)s, %(t)s, %(now)s)"
            " on conflict (repository, kind, comment) do update"
            " set taken = excluded.taken, tries = command.tries + 1"
            " where command.done is null and command.taken <= %(free)s returning tries",
            {**_row(repository, text), "now": now, "free": now - TAKEN},
        )
        if found is None:
            return "no"
        return "new" if found[0] == 1 else "again"

    async def finish(self, repository: RepositoryId, text: TextRef, *, now: datetime) -> None:
        """Mark a text as done, whether or not a process has taken it."""
        await self._database.execute(
            "insert into command (repository, kind, comment, thread, taken, done)"
            " values (%(r)s, %(k)s, %(c)s, %(t)s, %(now)s, %(now)s)"
            " on conflict (repository, kind, comment) do update set done = excluded.done"
            " where command.done is null",
            {**_row(repository, text), "now": now},
        )

    async def unfinished(self, repository: RepositoryId, *, now: datetime) -> tuple[TextRef, ...]:
        """Return the texts that a process took and did not finish, oldest first.

        Each further try waits twice as long: an answer that had no room among the writes of one
        hour has it in the next.
        """
        rows = await self._database.rows(
            "select kind, comment, thread from command where repository = %s and done is null"
            " and taken + %s * power(2, tries - 1) <= %s and tries < %s"
            " order by taken limit 100",
            [repository, TAKEN, now, TRIES],
        )
        return tuple([TextRef(*found) for found in rows])

    async def listened(
        self, repository: RepositoryId, kind: TextKind = "comment"
    ) -> datetime | None:
        """Return the time up to which a kind of texts in a repository was read."""
        found = await self._database.row(
            "select since from listened where repository = %s and kind = %s", [repository, kind]
        )
        return found[0] if found else None

    async def began(self, repository: RepositoryId, kind: TextKind = "comment") -> datetime | None:
        """Return the time from which on they are read at all."""
        found = await self._database.row(
            "select began from listened where repository = %s and kind = %s", [repository, kind]
        )
        return found[0] if found else None

    async def listen_from(
        self, repository: RepositoryId, since: datetime, kind: TextKind = "comment"
    ) -> None:
        """Move the time up to which they were read forward; it never goes back."""
        await self._database.execute(
            "insert into listened (repository, kind, since, began)"
            " values (%(r)s, %(k)s, %(since)s, %(since)s)"
            " on conflict (repository, kind) do update"
            " set since = greatest(listened.since, excluded.since)",
            {"r": repository, "k": kind, "since": since},
        )


def _row(repository: RepositoryId, text: TextRef) -> dict[str, object]:
    return {"r": repository, "k": text.kind, "c": text.id, "t": text.thread}


class Audit:
    """The audit log."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def append(self, act: Act) -> None:
        """Record a command; the same command of the same text is recorded once."""
        person = act.person
        await self._database.execute(
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
        """Return the recorded commands of a text, in their order."""
        found = await self._database.records(
            "select * from audit where repository = %s and kind = %s and comment = %s"
            " order by position",
            [repository, kind, comment],
        )
        return tuple([_act(each) for each in found])

    async def answers(
        self, repository: RepositoryId, thread: int, *, limit: int
    ) -> tuple[Act, ...]:
        """Return the newest commands of a thread whose answers are posted, oldest first."""
        found = await self._database.records(
            "select * from audit where repository = %s and thread = %s and answered"
            " order by id desc limit %s",
            [repository, thread, limit],
        )
        return tuple([_act(each) for each in reversed(found)])

    async def acts_by(self, repository: RepositoryId, person: int, *, since: datetime) -> int:
        """Count a person's commands since a time."""
        found = await self._database.row(
            "select count(*) from audit where repository = %s and who = %s and at >= %s",
            [repository, person, since],
        )
        return int(found[0]) if found else 0

    async def last_by(self, repository: RepositoryId, person: int) -> Act | None:
        """Return a person's last command; None without any."""
        found = await self._database.records(
            "select * from audit where repository = %s and who = %s order by id desc limit 1",
            [repository, person],
        )
        return _act(found[0]) if found else None

    async def unanswered_texts(self, repository: RepositoryId, *, since: datetime) -> int:
        """Count the texts since a time whose answers are not posted."""
        found = await self._database.row(
            "select count(distinct (kind, comment)) from audit"
            " where repository = %s and not answered and at >= %s",
            [repository, since],
        )
        return int(found[0]) if found else 0

    async def whole(self, *, since: datetime | None) -> tuple[Act, ...]:
        """Return the log of all repositories, oldest first."""
        found = await self._database.records(
            "select * from audit where %(since)s::timestamptz is null or at >= %(since)s"
            " order by at, id",
            {"since": since},
        )
        return tuple([_act(each) for each in found])


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
