"""Commands of people: comments in progress, each in one process, and the audit log.

A comment whose process died is taken again after a while, and given up after a few tries, so
that it cannot block others for ever.  The audit log is written once; the database itself refuses
to change it.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from octobot.model.ids import RepositoryId
from octobot.model.orders import Act, Person, Taken
from octobot.store.engine.columns import clean, to_sha
from octobot.store.engine.database import Database

TAKEN = timedelta(minutes=5)
"""How long one process may work on a comment; longer than GitHub's retries take."""
TRIES = 5


class Comments:
    """Which comments are in progress or done, and up to when they were read."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def take(self, repository: RepositoryId, comment: int, *, now: datetime) -> Taken:
        """Take a comment for this process, unless another one has it or it is done."""
        found = await self._database.row(
            "insert into command (repository, comment, taken) values (%(r)s, %(c)s, %(now)s)"
            " on conflict (repository, comment) do update"
            " set taken = excluded.taken, tries = command.tries + 1"
            " where command.done is null and command.taken <= %(free)s returning tries",
            {"r": repository, "c": comment, "now": now, "free": now - TAKEN},
        )
        if found is None:
            return "no"
        return "new" if found[0] == 1 else "again"

    async def finish(self, repository: RepositoryId, comment: int, *, now: datetime) -> None:
        """Mark a comment as done, whether or not a process has taken it."""
        await self._database.execute(
            "insert into command (repository, comment, taken, done)"
            " values (%(r)s, %(c)s, %(now)s, %(now)s)"
            " on conflict (repository, comment) do update set done = excluded.done"
            " where command.done is null",
            {"r": repository, "c": comment, "now": now},
        )

    async def unfinished(self, repository: RepositoryId, *, now: datetime) -> tuple[int, ...]:
        """Return the comments that a process took and did not finish, oldest first."""
        rows = await self._database.rows(
            "select comment from command where repository = %s and done is null"
            " and taken <= %s and tries < %s order by taken limit 100",
            [repository, now - TAKEN, TRIES],
        )
        return tuple([comment for (comment,) in rows])

    async def listened(self, repository: RepositoryId) -> datetime | None:
        """Return the time up to which the comments of a repository were read."""
        found = await self._database.row(
            "select since from listened where repository = %s", [repository]
        )
        return found[0] if found else None

    async def listen_from(self, repository: RepositoryId, since: datetime) -> None:
        """Move that time forward; it never goes back."""
        await self._database.execute(
            "insert into listened (repository, since) values (%s, %s)"
            " on conflict (repository) do update"
            " set since = greatest(listened.since, excluded.since)",
            [repository, since],
        )


class Audit:
    """The audit log."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def append(self, act: Act) -> None:
        """Record a command; the same command of the same comment is recorded once."""
        person = act.person
        await self._database.execute(
            "insert into audit (repository, thread, comment, position, who, login, bot, level,"
            " command, words, package, head, outcome, answer, at)"
            " values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
            " on conflict (repository, comment, position) do nothing",
            [
                *(act.repository, act.thread, act.comment, act.position),
                *(person.id, clean(person.login), person.bot, act.level),
                *(clean(act.command), clean(act.words), clean(act.package), act.head),
                *(act.outcome, clean(act.answer), act.at),
            ],
        )

    async def acts(self, repository: RepositoryId, comment: int) -> tuple[Act, ...]:
        """Return the recorded commands of a comment, in their order."""
        found = await self._database.records(
            "select * from audit where repository = %s and comment = %s order by position",
            [repository, comment],
        )
        return tuple([_act(each) for each in found])

    async def acts_by(self, repository: RepositoryId, person: int, *, since: datetime) -> int:
        """Count a person's commands since a time."""
        found = await self._database.row(
            "select count(*) from audit where repository = %s and who = %s and at >= %s",
            [repository, person, since],
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
    )
