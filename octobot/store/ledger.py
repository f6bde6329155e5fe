"""The ledger: every proposal, and every head commit that the API ever returned for its branch.

Rows are added and moved on, never removed: what is not in the ledger is not trusted, so losing a
row would cost a person's time.  A branch that is proposed again gets a further row; the newest
one is the branch's.
"""

from collections.abc import Mapping
from typing import Any

from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from octobot.model.bump import ProposalState, Proposed
from octobot.model.ids import RepositoryId, Sha
from octobot.store.engine.database import Connection


async def intend(connection: Connection, repository: RepositoryId, proposed: Proposed) -> None:
    """Write the ledger's row before the first effect; replaces an intent without a head."""
    values = {
        "repository": repository,
        "package": proposed.package,
        "version": proposed.version,
        "branch": proposed.branch,
        "base": proposed.base,
        "blob": proposed.blob,
        "head": proposed.head,
        "number": proposed.number,
        "state": proposed.state,
        "at": proposed.at,
        "files": Jsonb(dict(proposed.files)) if proposed.files else None,
    }
    async with connection.transaction():
        await connection.execute(
            "delete from proposal where state = 'intended' and head is null"
            " and id = (select max(id) from proposal"
            " where repository = %(repository)s and branch = %(branch)s)",
            values,
        )
        await connection.execute(
            "insert into proposal"
            " (repository, package, version, branch, base, blob, head, number, state, at,"
            " files) values (%(repository)s, %(package)s, %(version)s, %(branch)s, %(base)s,"
            " %(blob)s, %(head)s, %(number)s, %(state)s, %(at)s, %(files)s)",
            values,
        )
        if proposed.head is not None:
            await put_head(connection, repository, proposed.branch, proposed.head)


async def enter(connection: Connection, repository: RepositoryId, branch: str, head: Sha) -> None:
    """Enter a head commit that the API returned, and make it the newest row's."""
    async with connection.transaction():
        await connection.execute(
            "update proposal set head = %(head)s where id = (select max(id)"
            " from proposal where repository = %(repository)s and branch = %(branch)s)",
            {"repository": repository, "branch": branch, "head": head},
        )
        await put_head(connection, repository, branch, head)


async def put_head(
    connection: Connection, repository: RepositoryId, branch: str, head: Sha
) -> None:
    """Put a head into the ledger, where it stays."""
    await connection.execute(
        "insert into head (repository, branch, head) values (%s, %s, %s) on conflict do nothing",
        [repository, branch, head],
    )


async def update(
    connection: Connection,
    repository: RepositoryId,
    branch: str,
    *,
    state: ProposalState,
    number: int | None,
) -> None:
    """Move the branch's row on; a number once known stays."""
    await connection.execute(
        "update proposal set state = %(state)s, number = coalesce(number, %(number)s)"
        " where id = (select max(id)"
        " from proposal where repository = %(repository)s and branch = %(branch)s)",
        {"repository": repository, "branch": branch, "state": state, "number": number},
    )


async def proposed(
    connection: Connection, repository: RepositoryId, package: str
) -> tuple[Proposed, ...]:
    """Give a package's ledger rows, newest first; those of groups that had its file, too."""
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(
            "select package, version, branch, base, blob, head, number, state, at, files, renews"
            " from proposal where repository = %(repository)s"
            " and (package = %(package)s or (files is not null and files ? %(path)s))"
            " order by id desc",
            {"repository": repository, "package": package, "path": f"{package}.yaml"},
        )
        return tuple([_proposed(found) for found in await cursor.fetchall()])


def _proposed(found: Mapping[str, Any]) -> Proposed:
    files = tuple(sorted((found["files"] or {}).items()))
    return Proposed(**{**found, "files": files})


async def heads(connection: Connection, repository: RepositoryId, branch: str) -> frozenset[Sha]:
    """Give every head commit ever entered for a branch."""
    cursor = await connection.execute(
        "select head from head where repository = %s and branch = %s", [repository, branch]
    )
    return frozenset([Sha(head) for (head,) in await cursor.fetchall()])


async def packages_of(
    connection: Connection, repository: RepositoryId, head: Sha
) -> tuple[str, ...]:
    """Give the packages whose ledger has this head commit, by name."""
    cursor = await connection.execute(
        "select distinct package from head join proposal using (repository, branch)"
        " where head.repository = %s and head.head = %s order by package",
        [repository, head],
    )
    return tuple([package for (package,) in await cursor.fetchall()])


async def counts(connection: Connection, repository: RepositoryId) -> Mapping[ProposalState, int]:
    """Count a repository's branches by the state of their newest row."""
    cursor = await connection.execute(
        "select state, count(*) from (select distinct on (branch) state from proposal"
        " where repository = %s order by branch, id desc) as newest group by state",
        [repository],
    )
    return dict(await cursor.fetchall())
