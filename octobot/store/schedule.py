"""When each package's upstream is asked, and what came of it.

A look is lent for a while when it is handed out, so a process that dies leaves packages that come
back by themselves.  What is due is given light, without its spec: most looks change nothing.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from psycopg.types.json import Jsonb

from octobot.model.ids import Key, RepositoryId
from octobot.model.memory import Due, Looked
from octobot.model.package import Upstream
from octobot.model.reasons import Reason, ReasonCode
from octobot.store.engine.columns import clean, from_column, storable, to_column
from octobot.store.engine.database import Database
from octobot.store.specs import AT_ONCE

LOOKING = timedelta(minutes=10)
"""How long a look may take before another process may look too."""


class Schedule:
    """When each package's upstream is asked."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def due(
        self, repository: RepositoryId, *, far: bool, now: datetime, limit: int
    ) -> tuple[Due, ...]:
        """Take the packages whose upstream should be asked, longest due first.

        Another process is not given them for `LOOKING`.  A changed spec that is not read yet has no
        upstream.
        """
        async with self._database.connection() as connection:
            cursor = await connection.execute(
                """
                with due as (
                    select repository, name, look_due from package
                        where repository = %(repository)s and far = %(far)s and look_due <= %(now)s
                        order by look_due, name limit %(limit)s for update skip locked
                ), taken as (
                    update package set look_due = %(until)s, lent = true
                        from due
                        where package.repository = due.repository and package.name = due.name
                        returning package.name, package.upstream, package.mark, package.prefix,
                            due.look_due as was_due
                )
                select name, upstream, mark, prefix, was_due = %(at_once)s and mark is not null
                    from taken order by was_due, name
                """,
                {
                    "repository": repository,
                    "far": far,
                    "now": now,
                    "limit": limit,
                    "until": now + LOOKING,
                    "at_once": AT_ONCE,
                },
            )
            return tuple(
                [
                    Due(
                        Key(repository, name),
                        None if mark is None else upstream and from_column(Upstream, upstream),
                        mark or "",
                        prefix,
                        urgent,
                    )
                    for name, upstream, mark, prefix, urgent in await cursor.fetchall()
                ]
            )

    async def record(self, repository: RepositoryId, looks: Sequence[Looked]) -> frozenset[Key]:
        """Record looks at packages of one repository; gives those whose target or reason is news.

        News is due at once, whether or not the hint that follows arrives.
        """
        async with self._database.connection() as connection:
            cursor = await connection.execute(
                """
                with look as (
                    select * from jsonb_to_recordset(%(looks)s) as look (
                        name text, target jsonb, upstream jsonb, reason jsonb, again timestamptz,
                        pause double precision, mark text, prefix text, far boolean, missed int)
                ), before as (
                    select package.name, package.target is distinct from look.target
                            or package.reason <> look.reason as news
                        from package join look on look.name = package.name
                        where repository = %(repository)s order by package.name
                        for update of package
                )
                update package set
                    target = look.target, upstream = look.upstream, reason = look.reason,
                    look_due = look.again, lent = false, pause = make_interval(secs => look.pause),
                    mark = look.mark, prefix = look.prefix, far = look.far, missed = look.missed,
                    news = package.news or before.news,
                    due = case when before.news then %(at_once)s else due end
                from before join look on look.name = before.name
                where repository = %(repository)s and package.name = before.name
                returning package.name, before.news
                """,
                {
                    "repository": repository,
                    "looks": Jsonb([_from_looked(look) for look in looks]),
                    "at_once": AT_ONCE,
                },
            )
            return frozenset(
                [Key(repository, name) for name, news in await cursor.fetchall() if news]
            )

    async def take_back(self) -> int:
        """Make looks due again that a process was given and never recorded; gives their number.

        For a process that starts: another one that is at work merely asks some upstreams once more.
        """
        async with self._database.connection() as connection:
            cursor = await connection.execute(
                "update package set look_due = %s, lent = false where lent", [AT_ONCE]
            )
            return cursor.rowcount

    async def unchanged(self, keys: Sequence[Key], *, now: datetime, at_least: timedelta) -> None:
        """Put packages of one repository off by their own pause; nothing changed upstream."""
        async with self._database.connection() as connection:
            await connection.execute(
                "update package set look_due = %(now)s + greatest(pause, %(at_least)s),"
                " lent = false where repository = %(repository)s and name = any(%(names)s)",
                {
                    "now": now,
                    "at_least": at_least,
                    "repository": keys[0].repository if keys else 0,
                    "names": [key.package for key in keys],
                },
            )

    async def put_off(self, keys: Sequence[Key], *, until: datetime, far: bool) -> None:
        """Look at packages of one repository later, concluding nothing."""
        async with self._database.connection() as connection:
            await connection.execute(
                "update package set look_due = %(until)s, far = %(far)s, lent = false"
                " where repository = %(repository)s and name = any(%(names)s)",
                {
                    "until": until,
                    "far": far,
                    "repository": keys[0].repository if keys else 0,
                    "names": [key.package for key in keys],
                },
            )

    async def look_now(self, key: Key) -> bool:
        """Make a package the first to be looked at; False when it is unknown."""
        async with self._database.connection() as connection:
            cursor = await connection.execute(
                "update package set look_due = %s where repository = %s and name = %s",
                [AT_ONCE, key.repository, key.package],
            )
            return cursor.rowcount == 1

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

    async def select_again(self, key: Key) -> None:
        """Make a package the first to be checked, and select its version even from old news."""
        async with self._database.connection() as connection:
            await connection.execute(
                "update package set look_due = %s, mark = null where repository = %s and name = %s",
                [AT_ONCE, key.repository, clean(key.package)],
            )

    async def look_now_at(self, identifiers: Sequence[str]) -> int:
        """Make the packages that follow these upstreams, anywhere, the first; gives their number.

        An identifier is compared without regard to case, as GitHub does.
        """
        async with self._database.connection() as connection:
            cursor = await connection.execute(
                "update package set look_due = %s where lower(upstream ->> 'identifier') = any(%s)",
                [AT_ONCE, [clean(each).lower() for each in identifiers]],
            )
            return cursor.rowcount

    async def population(self) -> int:
        """Count the upstreams on GitHub that all watched repositories follow together."""
        async with self._database.connection() as connection:
            cursor = await connection.execute(
                "select count(distinct lower(upstream ->> 'identifier') || ' '"
                " || (upstream ->> 'kind'))"
                " from package where not far and repository in (select id from watched)"
            )
            found = await cursor.fetchone()
            return int(found[0]) if found else 0


def _from_looked(look: Looked) -> Mapping[str, Any]:
    return {
        "name": look.key.package,
        "target": storable(look.target),
        "upstream": storable(look.upstream),
        "reason": storable(look.reason),
        "again": look.again.isoformat(),
        "pause": look.pause.total_seconds(),
        "mark": look.digest,
        "prefix": clean(look.prefix),
        "far": look.far,
        "missed": look.missed,
    }
