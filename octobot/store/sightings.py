"""What was seen of an upstream: each name's first sighting, moves, and whose repository it is.

A name counts as seen once its commit is known: a release that is published before its tag exists
must not pass its age on to the tag's commit.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from psycopg.types.json import Jsonb

from octobot.model.ids import Sha
from octobot.model.memory import Identity, Sighting
from octobot.model.package import Upstream
from octobot.model.release import Observation, Release
from octobot.store.engine.columns import clean, to_sha
from octobot.store.engine.database import Database

_UPSERT = """
    insert into sighting as s
        (datasource, identifier, space, name, commit, tag_object, first_seen)
        select datasource, identifier, space, name, commit, tag_object, %(now)s
            from jsonb_to_recordset(%(seen)s) as seen (
                datasource text, identifier text, space text, name text, commit text,
                tag_object text)
            order by datasource, identifier, space, name
    on conflict (datasource, identifier, space, name) do update set
        commit = coalesce(s.commit, excluded.commit),
        tag_object = case when s.commit is null then excluded.tag_object
            else s.tag_object end,
        first_seen = case when s.commit is null and excluded.commit is not null
            then excluded.first_seen else s.first_seen end,
        moved_to = coalesce(
            s.moved_to, case when excluded.commit <> s.commit then excluded.commit end)
    returning datasource, identifier, space, name, commit, tag_object, first_seen, moved_to
"""

_IDENTIFY = """
    insert into upstream_identity as known (datasource, identifier, number, first_seen)
        select datasource, identifier, number, %(now)s
            from jsonb_to_recordset(%(seen)s) as seen (
                datasource text, identifier text, number bigint)
            order by datasource, identifier
    on conflict (datasource, identifier) do update set
        other = coalesce(known.other,
            case when excluded.number <> known.number then excluded.number end)
    returning datasource, identifier, number, other
"""

_Place = tuple[str, str, str, str]
"""Datasource, identifier, space and name."""


class Sightings:
    """What was seen of upstreams' names."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def observe(
        self, seen: Mapping[Upstream, Sequence[Release]], *, now: datetime
    ) -> Mapping[Upstream, tuple[Sighting, ...]]:
        """Record that names were seen; return their sightings in the same order.

        The first sighting's commit and time never change.  The first other commit becomes
        `moved_to`, for ever.
        """
        places = {
            upstream: [(*_space(upstream), clean(one.name)) for one in releases]
            for upstream, releases in seen.items()
        }
        found: dict[_Place, Sighting] = {}
        for batch in _rounds(seen, places):
            for row in await self._database.rows(_UPSERT, {"seen": Jsonb(batch), "now": now}):
                found[row[:4]] = _sighting(*row[3:])
        return {upstream: tuple([found[one] for one in all_]) for upstream, all_ in places.items()}

    async def first_seen(
        self, upstreams: Sequence[Upstream], *, limit: int = 50
    ) -> Mapping[Upstream, tuple[datetime, ...]]:
        """Return the distinct times when names of each upstream were seen first, newest first."""
        spaces = [_space(upstream) for upstream in upstreams]
        rows = await self._database.rows(
            """
            select position, array_agg(first_seen order by first_seen desc) from (
                select distinct position, first_seen
                    from unnest(%s::text[], %s::text[], %s::text[]) with ordinality
                        as wanted (datasource, identifier, space, position)
                    join sighting using (datasource, identifier, space)
            ) as moments group by position
            """,
            [[space[column] for space in spaces] for column in range(3)],
        )
        found = {upstreams[at - 1]: tuple(moments[:limit]) for at, moments in rows}
        return {upstream: found.get(upstream, ()) for upstream in upstreams}

    async def find(self, upstream: Upstream, name: str) -> Sighting | None:
        """Read what was seen of a name."""
        found = await self._database.row(
            "select name, commit, tag_object, first_seen, moved_to from sighting"
            " where datasource = %s and identifier = %s and space = %s and name = %s",
            [*_space(upstream), clean(name)],
        )
        return _sighting(*found) if found else None

    async def newest(self, upstream: Upstream, *, limit: int = 20) -> tuple[Sighting, ...]:
        """Read what was seen of an upstream, newest first."""
        rows = await self._database.rows(
            "select name, commit, tag_object, first_seen, moved_to from sighting"
            " where datasource = %s and identifier = %s and space = %s"
            " order by first_seen desc, name limit %s",
            [*_space(upstream), limit],
        )
        return tuple([_sighting(*found) for found in rows])


def _rounds(
    seen: Mapping[Upstream, Sequence[Release]], places: Mapping[Upstream, Sequence[_Place]]
) -> Sequence[Sequence[Mapping[str, str | None]]]:
    """Spread the names over statements: one of them cannot take the same name twice.

    A name comes twice where both the tags and the releases of a repository were read.
    """
    rounds: list[dict[_Place, Mapping[str, str | None]]] = []
    for upstream, releases in seen.items():
        for place, release in zip(places[upstream], releases, strict=True):
            row: dict[str, str | None] = {
                "commit": release.commit,
                "tag_object": release.tag_object,
            }
            row.update(zip(("datasource", "identifier", "space", "name"), place, strict=True))
            batch = next((one for one in rounds if place not in one), None)
            if batch is None:
                rounds.append(batch := {})
            batch[place] = row
    return [list(batch.values()) for batch in rounds]


def _space(upstream: Upstream) -> tuple[str, str, str]:
    """Return where the upstream's names are unique: a release and its tag are one name."""
    space = f"branch:{clean(upstream.branch)}" if upstream.kind == "branch" else "tags"
    return upstream.datasource, clean(upstream.identifier), space


def _sighting(
    name: str,
    commit: str | None,
    tag_object: str | None,
    first_seen: datetime,
    moved_to: str | None,
) -> Sighting:
    first = Observation(name, to_sha(commit), to_sha(tag_object), first_seen)
    return Sighting(first, None if moved_to is None else Sha(moved_to))


class Identities:
    """Which repository each upstream is, by its number: the first one, and another in its place."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def identify(
        self, seen: Mapping[Upstream, int], *, now: datetime
    ) -> Mapping[Upstream, Identity]:
        """Record which repository each upstream is; the first one never changes by itself."""
        places = {upstream: _place(upstream) for upstream in seen}
        rows = {
            place: {"datasource": place[0], "identifier": place[1], "number": seen[upstream]}
            for upstream, place in places.items()
        }
        values = {"seen": Jsonb(list(rows.values())), "now": now}
        found = {
            row[:2]: Identity(*row[2:]) for row in await self._database.rows(_IDENTIFY, values)
        }
        return {upstream: found[place] for upstream, place in places.items()}

    async def known(self, upstreams: Sequence[Upstream]) -> frozenset[Upstream]:
        """Return those whose repository's number was recorded."""
        places = {_place(upstream) for upstream in upstreams}
        rows = await self._database.rows(
            "select datasource, identifier from upstream_identity"
            " where (datasource, identifier) in (select * from unnest(%s::text[], %s::text[]))",
            [[place[0] for place in places], [place[1] for place in places]],
        )
        found = {tuple(row) for row in rows}
        return frozenset(upstream for upstream in upstreams if _place(upstream) in found)

    async def accept(self, datasource: str, identifier: str) -> Identity | None:
        """Accept the other repository as the upstream; return what was known before.

        None when no other was ever seen.
        """
        place = [datasource, clean(identifier).lower()]
        async with self._database.connection() as connection, connection.transaction():
            cursor = await connection.execute(
                "select number, other from upstream_identity"
                " where datasource = %s and identifier = %s and other is not null for update",
                place,
            )
            found = await cursor.fetchone()
            await connection.execute(
                "update upstream_identity set number = other, other = null"
                " where datasource = %s and identifier = %s and other is not null",
                place,
            )
        return Identity(*found) if found else None


def _place(upstream: Upstream) -> tuple[str, str]:
    return upstream.datasource, clean(upstream.identifier).lower()
