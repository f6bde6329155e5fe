"""When each package's upstream is checked, and the results.

A check is leased for a while, so that the packages of a process that dies become due by
themselves.  Due packages come without their specs: most checks change nothing.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from psycopg.types.json import Jsonb

from octobot.model.ids import Key, RepositoryId
from octobot.model.memory import Checked, Due
from octobot.model.package import Upstream
from octobot.model.reasons import Reason, ReasonCode
from octobot.store.engine.columns import clean, from_column, storable, to_column
from octobot.store.engine.database import Database
from octobot.store.packages import AT_ONCE

LEASE = timedelta(minutes=10)
"""How long a check may take before another process may check too."""


class Schedule:
    """When each package's upstream is checked."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def due(
        self, repository: RepositoryId, *, far: bool, now: datetime, limit: int
    ) -> tuple[Due, ...]:
        """Take the packages whose upstream should be checked, longest due first.

        Other processes do not get them for `LEASE`.  A changed spec that is not read yet has no
        upstream.
        """
        rows = await self._database.rows(
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
                "until": now + LEASE,
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
                for name, upstream, mark, prefix, urgent in rows
            ]
        )

    async def record(self, repository: RepositoryId, looks: Sequence[Checked]) -> frozenset[Key]:
        """Record checks in one repository; return the packages whose target or reason is news.

        News is due at once, in case the hint is lost.
        """
        rows = await self._database.rows(
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
        return frozenset([Key(repository, name) for name, news in rows if news])

    async def requeue_unfinished(self) -> int:
        """Make checks due again that a process took and never recorded; return how many.

        For a process that starts: at worst, another one checks some upstreams twice.
        """
        return await self._database.execute(
            "update package set look_due = %s, lent = false where lent", [AT_ONCE]
        )

    async def unchanged(
        self, keys: Sequence[Key], *, now: datetime, shortest: timedelta, scale: float
    ) -> None:
        """Schedule packages without a change upstream by their own rhythms, times `scale`.

        Never sooner than `shortest`; a rhythm of whole days is kept as it is.
        """
        await self._database.execute(
            "update package set look_due = %(now)s + case when pause < interval '1 day'"
            " then greatest(pause * %(scale)s, %(shortest)s) else pause end,"
            " lent = false where repository = %(repository)s and name = any(%(names)s)",
            {
                "now": now,
                "shortest": shortest,
                "scale": scale,
                "repository": keys[0].repository if keys else 0,
                "names": [key.package for key in keys],
            },
        )

    async def put_off(self, keys: Sequence[Key], *, until: datetime, far: bool) -> None:
        """Check packages of one repository later, without a result."""
        await self._database.execute(
            "update package set look_due = %(until)s, far = %(far)s, lent = false"
            " where repository = %(repository)s and name = any(%(names)s)",
            {
                "until": until,
                "far": far,
                "repository": keys[0].repository if keys else 0,
                "names": [key.package for key in keys],
            },
        )

    async def check_now(self, key: Key) -> bool:
        """Make a package the first to be checked; False when it is unknown."""
        changed = await self._database.execute(
            "update package set look_due = %s where repository = %s and name = %s",
            [AT_ONCE, key.repository, key.package],
        )
        return changed == 1

    async def recheck_now(self, key: Key) -> bool:
        """Make a package the first to be checked, and drop the result of the last check.

        A freeze for a moved tag ends, unless the check finds a reason to freeze again; until then
        there is no target.  False when the package is unknown.
        """
        fresh = to_column(Reason(ReasonCode.NOT_LOOKED_YET))
        changed = await self._database.execute(
            "update package set look_due = %s, mark = null, due = %s, news = true,"
            " target = case when reason ->> 'code' = %s then null else target end,"
            " reason = case when reason ->> 'code' = %s then %s else reason end"
            " where repository = %s and name = %s",
            [
                *(AT_ONCE, AT_ONCE, *[ReasonCode.TAG_MOVED.value] * 2, fresh),
                *(key.repository, clean(key.package)),
            ],
        )
        return changed == 1

    async def select_again(self, key: Key) -> None:
        """Make a package the first to be checked, and select its version even from old news."""
        await self._database.execute(
            "update package set look_due = %s, mark = null where repository = %s and name = %s",
            [AT_ONCE, key.repository, clean(key.package)],
        )

    async def check_upstreams_now(self, identifiers: Sequence[str]) -> int:
        """Make all packages that follow these upstreams the first to be checked; return how many.

        An identifier is compared without regard to case, as GitHub does.
        """
        return await self._database.execute(
            "update package set look_due = %s where lower(upstream ->> 'identifier') = any(%s)",
            [AT_ONCE, [clean(each).lower() for each in identifiers]],
        )

    async def demand(self) -> float:
        """Return the checks a second that the upstreams on GitHub want, each at its own rhythm.

        Of all watched repositories together; what several follow is asked once, by the shortest.
        """
        found = await self._database.row(
            "select sum(1 / extract(epoch from rhythm)) from ("
            " select min(pause) as rhythm from package"
            " where not far and upstream is not null and pause > interval '0'"
            " and repository in (select id from watched)"
            " group by lower(upstream ->> 'identifier'), upstream ->> 'kind') as each"
        )
        return float(found[0] or 0) if found else 0.0

    async def rhythms(self) -> Mapping[Upstream, timedelta]:
        """Return the rhythm of each upstream on other hosts, of all watched repositories."""
        rows = await self._database.rows(
            "select upstream, min(pause) from package"
            " where far and upstream is not null and pause > interval '0'"
            " and repository in (select id from watched) group by upstream"
        )
        return {from_column(Upstream, upstream): rhythm for upstream, rhythm in rows}


def _from_looked(look: Checked) -> Mapping[str, Any]:
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
