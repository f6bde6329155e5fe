"""What the transaction that begins a proposal keeps true, whatever other processes do meanwhile.

A package is in one open change, and only so many proposals begin within an hour.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import psycopg

from octobot.model.errors import TryLater
from octobot.model.ids import RepositoryId, display_name
from octobot.store.engine.database import AGAIN, Connection

HOUR = timedelta(hours=1)
"""Within which new proposals are counted."""


async def has_room(connection: Connection, values: Mapping[str, Any], at_most: int) -> bool:
    """Return whether fewer began within the hour, besides the intent that this one replaces.

    Whoever asks holds a lock until its own row is there, so no two processes take the last one.
    """
    await connection.execute(
        "select pg_advisory_xact_lock(hashtext('octobot proposal'), hashint8(%(repository)s))",
        values,
    )
    cursor = await connection.execute(
        "select count(*) from proposal where repository = %(repository)s and at > %(since)s"
        " and not (state = 'intended' and head is null and branch = %(branch)s)",
        {**values, "since": values["at"] - HOUR},
    )
    (began,) = await cursor.fetchone() or (0,)
    return int(began) < at_most


async def put_members(connection: Connection, repository: RepositoryId, change: str) -> None:
    """Record the packages of an open change; `TryLater` when another one has any of them."""
    values = {"repository": repository, "change": change}
    await connection.execute(
        "delete from open_member where repository = %(repository)s and change = %(change)s", values
    )
    try:
        await connection.execute(_MEMBERS, values)
    except psycopg.errors.UniqueViolation as error:
        raise TryLater(
            f"a package of {display_name(change)} is in another open change:"
            f" {error.diag.message_detail}",
            after=AGAIN,
        ) from error


_MEMBERS = """
    insert into open_member (repository, package, change)
    select distinct repository, regexp_replace(path, '[.]yaml$', ''), package
    from proposal,
        jsonb_object_keys(coalesce(files, jsonb_build_object(package || '.yaml', blob))) as path
    where repository = %(repository)s and package = %(change)s
        and state in ('intended', 'open') and id = (
            select max(id) from proposal as newer
            where newer.repository = proposal.repository and newer.branch = proposal.branch
        )"""
"""By the newest row of each of its branches."""
