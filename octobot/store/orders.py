"""Comments that were taken up, the orders that stand, and what follows for a package's row.

A comment is taken up by one process at a time and finished once; one whose process died is taken
again after a while, and given up after a few tries, so that it cannot keep anybody busy for ever.
"""

from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from copy import copy
from datetime import datetime, timedelta
from typing import Any, Self, get_args

from psycopg.types.json import Jsonb

from octobot.model.ids import Key, RepositoryId
from octobot.model.reasons import Reason, ReasonCode
from octobot.model.steering import (
    UNSTEERED,
    Acceptance,
    Act,
    Anew,
    Closing,
    Hold,
    Ignore,
    Order,
    Pause,
    Rebuild,
    Said,
    Steering,
    Taken,
    Waiver,
    Wish,
)
from octobot.store import audit
from octobot.store.engine.columns import clean, from_column, storable, to_column
from octobot.store.engine.database import Database
from octobot.store.specs import AT_ONCE

_ONE: Mapping[type[Order], str] = {
    Pause: "paused",
    Hold: "hold",
    Wish: "wish",
    Rebuild: "rebuild",
    Waiver: "waiver",
    Anew: "anew",
    Closing: "closing",
}
"""The field of `Steering` that has the one order of a kind."""

_KINDS: Mapping[str, type[Order]] = {kind.__name__: kind for kind in get_args(Order)}

_MANY: Mapping[type[Order], str] = {Ignore: "ignored", Acceptance: "accepted"}
"""The field that has all of them."""

TAKEN = timedelta(minutes=5)
"""How long one process may work on a comment; longer than GitHub's retries take."""
TRIES = 5


class Steerings:
    """What people said, in the words of the stories."""

    _database: Database

    # comments

    async def take_comment(self, repository: RepositoryId, comment: int, *, now: datetime) -> Taken:
        """Take a comment up, unless another process did, or it is done."""
        async with self._database.connection() as connection:
            cursor = await connection.execute(
                "insert into command (repository, comment, taken) values (%(r)s, %(c)s, %(now)s)"
                " on conflict (repository, comment) do update"
                " set taken = excluded.taken, tries = command.tries + 1"
                " where command.done is null and command.taken <= %(free)s returning tries",
                {"r": repository, "c": comment, "now": now, "free": now - TAKEN},
            )
            found = await cursor.fetchone()
        if found is None:
            return "no"
        return "new" if found[0] == 1 else "again"

    async def finish_comment(
        self, repository: RepositoryId, comment: int, *, now: datetime
    ) -> None:
        """Remember that a comment needs nothing more, whether or not it was taken up."""
        async with self._database.connection() as connection:
            await connection.execute(
                "insert into command (repository, comment, taken, done)"
                " values (%(r)s, %(c)s, %(now)s, %(now)s)"
                " on conflict (repository, comment) do update set done = excluded.done"
                " where command.done is null",
                {"r": repository, "c": comment, "now": now},
            )

    async def unfinished_comments(
        self, repository: RepositoryId, *, now: datetime
    ) -> tuple[int, ...]:
        """Return the comments that a process took up and left, oldest first."""
        async with self._database.connection() as connection:
            cursor = await connection.execute(
                "select comment from command where repository = %s and done is null"
                " and taken <= %s and tries < %s order by taken limit 100",
                [repository, now - TAKEN, TRIES],
            )
            return tuple([comment for (comment,) in await cursor.fetchall()])

    async def listened(self, repository: RepositoryId) -> datetime | None:
        """Return the moment up to which the repository's comments are known."""
        async with self._database.connection() as connection:
            cursor = await connection.execute(
                "select since from listened where repository = %s", [repository]
            )
            found = await cursor.fetchone()
            return found[0] if found else None

    async def listen_from(self, repository: RepositoryId, since: datetime) -> None:
        """Move that moment on; it never goes back."""
        async with self._database.connection() as connection:
            await connection.execute(
                "insert into listened (repository, since) values (%s, %s)"
                " on conflict (repository) do update"
                " set since = greatest(listened.since, excluded.since)",
                [repository, since],
            )

    # orders

    @asynccontextmanager
    async def together(self) -> AsyncIterator[Self]:
        """Return a store whose writes take effect together when all is over, or not at all."""
        async with self._database.together() as database:
            bound = copy(self)
            bound._database = database  # noqa: SLF001  (its own copy)
            yield bound

    async def order(self, repository: RepositoryId, package: str, order: Order) -> None:
        """Let an order stand, in place of an older one of its kind; no package: for all.

        Its package is due with it, so that a hint that a death loses is made up for.
        """
        said = order.said
        async with self._database.connection() as connection, connection.transaction():
            await connection.execute(
                "update package set due = %s, news = true where repository = %s and name = %s",
                [AT_ONCE, repository, clean(package)],
            )
            await connection.execute(
                "insert into steering (repository, package, kind, name, value, who, login, at)"
                " values (%s, %s, %s, %s, %s, %s, %s, %s)"
                " on conflict (repository, package, kind, name) do update set"
                " value = excluded.value, who = excluded.who, login = excluded.login,"
                " at = excluded.at where steering.at <= excluded.at",
                [
                    *(repository, clean(package), type(order).__name__, name_of(order)),
                    *(_to_value(order), said.by, clean(said.login), said.at),
                ],
            )

    async def revoke(
        self, repository: RepositoryId, package: str, kind: type[Order], name: str = ""
    ) -> bool:
        """Let an order stand no more; False when there was none."""
        async with self._database.connection() as connection:
            cursor = await connection.execute(
                "delete from steering where repository = %s and package = %s and kind = %s"
                " and name = %s",
                [repository, clean(package), kind.__name__, clean(name)],
            )
            return cursor.rowcount > 0

    async def steering(self, repository: RepositoryId, package: str) -> Steering:
        """Return every order that concerns a package."""
        found = await self.steered(repository, (package,))
        return found.get(package, found.get("", UNSTEERED))

    async def steered(
        self, repository: RepositoryId, packages: Sequence[str] | None = None
    ) -> Mapping[str, Steering]:
        """Return a repository's orders by package; what is for all is in each, and under ""."""
        async with self._database.connection() as connection:
            cursor = await connection.execute(
                "select package, kind, value, who, login, at from steering"
                " where repository = %(r)s and (%(p)s::text[] is null or package = any(%(p)s))"
                " order by package, kind, at, name",
                {"r": repository, "p": None if packages is None else ["", *packages]},
            )
            orders: dict[str, list[Order]] = defaultdict(list)
            for package, kind, value, who, login, at in await cursor.fetchall():
                orders[package].append(_to_order(kind, value, Said(who, login, at)))
        for_all = orders.get("", [])
        return {
            package: gathered([*for_all, *own] if package else own)
            for package, own in orders.items()
        }

    # packages

    async def look_anew(self, key: Key) -> bool:
        """Make a package the first to be looked at, and have it concluded anew.

        A freeze for a moved tag ends with it, unless the look finds a reason to freeze again; until
        then there is no version to go to.  False when the package is unknown.
        """
        fresh = to_column(Reason(ReasonCode.NOT_LOOKED_YET))
        async with self._database.connection() as connection:
            cursor = await connection.execute(
                "update package set look_due = %s, mark = null, due = %s, news = true,"
                " target = case when reason ->> 'code' = %s then null else target end,"
                " reason = case when reason ->> 'code' = %s then %s else reason end"
                " where repository = %s and name = %s",
                [
                    *(AT_ONCE, AT_ONCE, *[ReasonCode.TAG_MOVED.value] * 2, fresh),
                    *(key.repository, clean(key.package)),
                ],
            )
            return cursor.rowcount == 1

    async def wake(self, repository: RepositoryId) -> None:
        """Make every package of a repository due that rests because it was paused."""
        async with self._database.connection() as connection:
            await connection.execute(
                "update package set due = %s where repository = %s and reason ->> 'code' = %s",
                [AT_ONCE, repository, ReasonCode.PAUSED.value],
            )

    async def package_of_issue(self, repository: RepositoryId, number: int) -> str | None:
        """Return the package that an issue of ours is about."""
        async with self._database.connection() as connection:
            cursor = await connection.execute(
                "select name from package where repository = %s and issue = %s order by name",
                [repository, number],
            )
            found = await cursor.fetchone()
            return found[0] if found else None

    # the audit log

    async def append(self, act: Act) -> None:
        """Write an act down; the same command of the same comment is written once."""
        async with self._database.connection() as connection:
            await audit.append(connection, act)

    async def acts(self, repository: RepositoryId, comment: int) -> tuple[Act, ...]:
        """Return what came of a comment's commands, in their order."""
        async with self._database.connection() as connection:
            return await audit.acts(connection, repository, comment)

    async def acts_by(self, repository: RepositoryId, person: int, *, since: datetime) -> int:
        """Count a person's commands since a moment."""
        async with self._database.connection() as connection:
            return await audit.acts_by(connection, repository, person, since=since)

    async def audit(self, *, since: datetime | None) -> tuple[Act, ...]:
        """Return the audit log of all repositories, oldest first."""
        async with self._database.connection() as connection:
            return await audit.whole(connection, since=since)


def _to_value(order: Order) -> Jsonb:
    """Encode an order; who said it has columns of its own."""
    return Jsonb({name: each for name, each in storable(order).items() if name != "said"})


def _to_order(kind: str, value: Mapping[str, Any], said: Said) -> Order:
    return from_column(_KINDS[kind], {**value, "said": said})


def name_of(order: Order) -> str:
    """Return what tells an order apart from others of its kind for the same package."""
    match order:
        case Ignore(what=what):
            return what
        case Acceptance(name=name):
            return clean(name)
        case _:
            return ""


def gathered(orders: Iterable[Order]) -> Steering:
    """Put all orders about one package together."""
    found: dict[str, Any] = {}
    for order in orders:
        kind = type(order)
        if kind in _ONE:
            found[_ONE[kind]] = order
        else:
            found[_MANY[kind]] = (*found.get(_MANY[kind], ()), order)
    return Steering(**found)
