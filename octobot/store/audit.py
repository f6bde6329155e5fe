"""The audit log of commands: written once, never changed; the database itself refuses it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from octobot.model.ids import RepositoryId
from octobot.model.orders import Act, Person
from octobot.store.engine.columns import clean, to_sha
from octobot.store.engine.database import Database


class Audit:
    """The audit log."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def append(self, act: Act) -> None:
        """Write an act down; the same command of the same comment is written once."""
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
        """Count a person's commands since a moment."""
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
