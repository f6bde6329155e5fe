"""A package's row and its spec: the results of the last check and pass, and when it is due again.

Two clocks drive a row.  `look_due` says when its upstream is asked; `due` says when the sweep
enqueues it.  Both are moved forward when the work is taken, not when it is done, so that the row
of a process that dies becomes due by itself.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from octobot.model.ids import Key, RepositoryId, Sha
from octobot.model.memory import Row
from octobot.model.package import Upstream
from octobot.model.reasons import Reason, ReasonCode
from octobot.model.release import Candidate
from octobot.store.engine.columns import from_column, to_column
from octobot.store.engine.database import Database

AT_ONCE = datetime(1970, 1, 1, tzinfo=UTC)
"""Due by any clock, be it the database's or a test's."""

NEVER = datetime.max.replace(tzinfo=UTC)
"""The `due` of a row that only an upstream check or a hint makes due again."""

HINTED = timedelta(minutes=1)
"""How long a hint may wait in the queue before the sweep repeats it."""

_SELECT: Final = "select package.*, content from package join blob on blob.id = blob"


class Packages:
    """What is known of each package, and what is due."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def row(self, key: Key) -> Row | None:
        """Read one package."""
        found = await self._database.records(
            f"{_SELECT} where repository = %s and name = %s", [key.repository, key.package]
        )
        return _row(found[0]) if found else None

    async def rows(self, repository: RepositoryId) -> tuple[Row, ...]:
        """Read all packages of a repository, by name."""
        found = await self._database.records(
            f"{_SELECT} where repository = %s order by name", [repository]
        )
        return tuple([_row(each) for each in found])

    async def some_rows(self, repository: RepositoryId, names: Sequence[str]) -> tuple[Row, ...]:
        """Read the packages of these names, by name."""
        found = await self._database.records(
            f"{_SELECT} where repository = %s and name = any(%s) order by name",
            [repository, list(names)],
        )
        return tuple([_row(each) for each in found])

    async def find(self, name: str) -> tuple[Row, ...]:
        """Read the packages of this name in all repositories."""
        found = await self._database.records(
            f"{_SELECT} where name = %s order by repository", [name]
        )
        return tuple([_row(each) for each in found])

    async def begin(self, key: Key, *, now: datetime) -> Row | None:
        """Start work: next generation; due again after 10 s, doubled with each try up to 1 h."""
        found = await self._database.records(
            """
            update package set
                generation = generation + 1, tries = tries + 1, news = false,
                due = %(now)s + least(interval '10 seconds' * 2 ^ least(tries, 20),
                    interval '1 hour')
            from blob
            where blob.id = package.blob and repository = %(repository)s and name = %(name)s
            returning package.*, content
            """,
            {"repository": key.repository, "name": key.package, "now": now},
        )
        return _row(found[0]) if found else None

    async def record(
        self,
        key: Key,
        *,
        generation: int,
        reason: Reason,
        due: datetime | None,
        issue: int | None,
    ) -> None:
        """Finish work, unless it was begun again meanwhile.

        News since the work began stays due, and its reason stays too: this work did not know of it,
        and an unchanged upstream would not report it again.
        """
        await self._database.execute(
            """
            update package set issue = %(issue)s, tries = 0,
                reason = case when news then reason else %(reason)s end,
                due = case when news then due else %(due)s end
            where repository = %(repository)s and name = %(name)s
                and generation = %(generation)s
            """,
            {
                "repository": key.repository,
                "name": key.package,
                "generation": generation,
                "reason": to_column(reason),
                "due": due,
                "issue": issue,
            },
        )

    async def due(self, now: datetime, limit: int) -> tuple[Key, ...]:
        """Take the packages of watched repositories that the sweep should enqueue."""
        return tuple(await self.take(now, limit))

    async def take(self, now: datetime, limit: int) -> Mapping[Key, datetime]:
        """Take the packages of watched repositories that are due; return since when each is.

        They are due again after `HINTED`: two processes do not enqueue the same one, and a lost
        hint is repeated.
        """
        rows = await self._database.rows(
            """
            with taken as (
                select repository, name, due from package
                    where due <= %(now)s and repository in (select id from watched)
                    order by due limit %(limit)s for update skip locked
            )
            update package set due = %(until)s
                from taken
                where package.repository = taken.repository and package.name = taken.name
                returning package.repository, package.name, taken.due
            """,
            {"now": now, "limit": limit, "until": now + HINTED},
        )
        return {Key(RepositoryId(number), name): since for number, name, since in rows}

    async def postpone(self, known: Mapping[Key, datetime], due: datetime) -> tuple[Key, ...]:
        """Make packages due later whose `due` is still the known one; return which these are.

        Whatever makes a package due changes that time, so no news is put off.
        """
        keys = list(known)
        rows = await self._database.rows(
            """
            update package set due = %(due)s
                from unnest(%(here)s::bigint[], %(names)s::text[], %(known)s::timestamptz[])
                    as known (repository, name, due)
                where package.repository = known.repository and package.name = known.name
                    and package.due = known.due
                returning package.repository, package.name
            """,
            {
                "due": due,
                "here": [key.repository for key in keys],
                "names": [key.package for key in keys],
                "known": [known[key] for key in keys],
            },
        )
        return tuple(Key(RepositoryId(number), name) for number, name in rows)

    async def wake(self, repository: RepositoryId) -> None:
        """Make every package of a repository due that was paused."""
        await self._database.execute(
            "update package set due = %s where repository = %s and reason ->> 'code' = %s",
            [AT_ONCE, repository, ReasonCode.PAUSED.value],
        )

    async def of_issue(self, repository: RepositoryId, number: int) -> str | None:
        """Return the package that an issue by octobot is about."""
        found = await self._database.row(
            "select name from package where repository = %s and issue = %s order by name",
            [repository, number],
        )
        return found[0] if found else None


def _row(found: Mapping[str, Any]) -> Row:
    return Row(
        key=Key(RepositoryId(found["repository"]), found["name"]),
        path=found["path"],
        blob=Sha(found["blob"]),
        text=found["content"].decode(),
        reason=from_column(Reason, found["reason"]),
        target=found["target"] and from_column(Candidate, found["target"]),
        upstream=found["upstream"] and from_column(Upstream, found["upstream"]),
        generation=found["generation"],
        issue=found["issue"],
        due=found["due"] or NEVER,
        look_due=found["look_due"],
        missed=found["missed"],
    )
