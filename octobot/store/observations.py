"""What was seen of an upstream's names: the first sighting, and whether the name ever moved.

A name counts as sighted once its commit is known: a release that is shown before its tag exists
must not let the tag's commit inherit its age.
"""

from datetime import datetime

from octobot.model.ids import Sha
from octobot.model.memory import Sighting
from octobot.model.package import Upstream
from octobot.model.release import Observation, Release
from octobot.store.database import Connection
from octobot.store.encoding import clean, to_sha


async def observe(
    connection: Connection, upstream: Upstream, release: Release, *, now: datetime
) -> Sighting:
    """Record that a name was seen; the first sighting's commit and time never change.

    The first other commit becomes `moved_to`, for ever.
    """
    datasource, identifier, space = _space(upstream)
    cursor = await connection.execute(
        """
        insert into sighting as s
            (datasource, identifier, space, name, commit, tag_object, first_seen)
            values (%(datasource)s, %(identifier)s, %(space)s, %(name)s, %(commit)s,
                    %(tag_object)s, %(now)s)
        on conflict (datasource, identifier, space, name) do update set
            commit = coalesce(s.commit, excluded.commit),
            tag_object = case when s.commit is null then excluded.tag_object
                else s.tag_object end,
            first_seen = case when s.commit is null and excluded.commit is not null
                then excluded.first_seen else s.first_seen end,
            moved_to = coalesce(
                s.moved_to, case when excluded.commit <> s.commit then excluded.commit end)
        returning name, commit, tag_object, first_seen, moved_to
        """,
        {
            "datasource": datasource,
            "identifier": identifier,
            "space": space,
            "name": clean(release.name),
            "commit": release.commit,
            "tag_object": release.tag_object,
            "now": now,
        },
    )
    found = await cursor.fetchone()
    if found is None:  # an upsert without a condition gives its row
        raise AssertionError("PostgreSQL returned no sighting")
    return _sighting(*found)


async def sighting(connection: Connection, upstream: Upstream, name: str) -> Sighting | None:
    """Read what was seen of a name."""
    cursor = await connection.execute(
        "select name, commit, tag_object, first_seen, moved_to from sighting"
        " where datasource = %s and identifier = %s and space = %s and name = %s",
        [*_space(upstream), clean(name)],
    )
    found = await cursor.fetchone()
    return _sighting(*found) if found else None


async def sightings(
    connection: Connection, upstream: Upstream, *, limit: int
) -> tuple[Sighting, ...]:
    """Read what was seen of an upstream, newest first."""
    cursor = await connection.execute(
        "select name, commit, tag_object, first_seen, moved_to from sighting"
        " where datasource = %s and identifier = %s and space = %s"
        " order by first_seen desc, name limit %s",
        [*_space(upstream), limit],
    )
    return tuple([_sighting(*found) for found in await cursor.fetchall()])


def _space(upstream: Upstream) -> tuple[str, str, str]:
    """Name what the upstream's names are unique in: a release and its tag are one name."""
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
