"""The ledger: every proposal, and every head commit that the API ever returned for its branch.

Rows are added and updated, never removed: what is not in the ledger is not trusted, so losing a
row would cost a person's time.  A branch that is proposed again gets a further row; the newest
row is the one in force.

A package is in one open change: a second one is refused by a unique row, in the transaction that
would start it.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb

from octobot.model.bump import ProposalState, Proposed
from octobot.model.ids import PullNumber, RepositoryId, Sha
from octobot.store.beginning import has_room, put_members
from octobot.store.engine.columns import clean
from octobot.store.engine.database import Connection, Database


class Ledger:
    """Proposals and their heads."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def intend(
        self, repository: RepositoryId, proposed: Proposed, *, at_most: int | None = None
    ) -> bool:
        """Record a proposal before its first effect; it replaces an intent without a head.

        `at_most`: how many may begin within an hour, of all processes together; False when so
        many did, and nothing is recorded.  `TryLater` when a member is in another open change.
        """
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
        async with self._database.connection() as connection, connection.transaction():
            if at_most is not None and not await has_room(connection, values, at_most):
                return False
            await connection.execute(
                "delete from proposal where state = 'intended' and head is null"
                " and id = (select max(id) from proposal"
                " where repository = %(repository)s and branch = %(branch)s)",
                values,
            )
            # An intent that a dead process left is over: it may have had other members.
            await connection.execute(
                "update proposal set state = 'withdrawn' where state = 'intended'"
                " and repository = %(repository)s and branch = %(branch)s",
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
                await _put_head(connection, repository, proposed.branch, proposed.head)
            await put_members(connection, repository, proposed.package)
        return True

    async def enter(self, repository: RepositoryId, branch: str, head: Sha) -> None:
        """Record a head commit that the API returned, in the newest row too."""
        async with self._database.connection() as connection, connection.transaction():
            await connection.execute(
                "update proposal set head = %(head)s where id = (select max(id)"
                " from proposal where repository = %(repository)s and branch = %(branch)s)",
                {"repository": repository, "branch": branch, "head": head},
            )
            await _put_head(connection, repository, branch, head)

    async def update_proposed(
        self,
        repository: RepositoryId,
        branch: str,
        *,
        state: ProposalState,
        number: int | None,
    ) -> None:
        """Update the state of a branch's proposal; a number once known stays."""
        async with self._database.connection() as connection, connection.transaction():
            cursor = await connection.execute(
                "update proposal set state = %(state)s, number = coalesce(number, %(number)s)"
                " where id = (select max(id)"
                " from proposal where repository = %(repository)s and branch = %(branch)s)"
                " returning package",
                {"repository": repository, "branch": branch, "state": state, "number": number},
            )
            for (change,) in await cursor.fetchall():
                await put_members(connection, repository, change)

    async def proposed(self, repository: RepositoryId, package: str) -> tuple[Proposed, ...]:
        """Return a package's proposals, newest first, with those of groups that contained it."""
        found = await self._database.records(
            "select package, version, branch, base, blob, head, number, state, at, files,"
            " renews, fates from proposal where repository = %(repository)s"
            " and (package = %(package)s or (files is not null and files ? %(path)s))"
            " order by id desc",
            {"repository": repository, "package": package, "path": f"{package}.yaml"},
        )
        return tuple([_proposed(each) for each in found])

    async def heads(self, repository: RepositoryId, branch: str) -> frozenset[Sha]:
        """Return every head commit ever recorded for a branch."""
        rows = await self._database.rows(
            "select head from head where repository = %s and branch = %s", [repository, branch]
        )
        return frozenset([Sha(head) for (head,) in rows])

    async def packages_of(self, repository: RepositoryId, head: Sha) -> tuple[str, ...]:
        """Return the packages whose ledger has this head commit, by name."""
        rows = await self._database.rows(
            "select distinct package from head join proposal using (repository, branch)"
            " where head.repository = %s and head.head = %s order by package",
            [repository, head],
        )
        return tuple([package for (package,) in rows])

    async def proposal_counts(self, repository: RepositoryId) -> Mapping[ProposalState, int]:
        """Count a repository's branches by the state of their newest row."""
        rows = await self._database.rows(
            "select state, count(*) from (select distinct on (branch) state from proposal"
            " where repository = %s order by branch, id desc) as newest group by state",
            [repository],
        )
        return dict(rows)

    async def opened_since(self, repository: RepositoryId, moment: datetime) -> int:
        """Count the pull requests that octobot opened, or began to open, since a time."""
        row = await self._database.row(
            "select count(*) from proposal where repository = %s and at > %s",
            [repository, moment],
        )
        (number,) = row or (0,)
        return int(number)

    async def renew(self, repository: RepositoryId, branch: str, *, number: int, head: Sha) -> bool:
        """Allow a head to be replaced; False when the ledger does not know the pull request."""
        changed = await self._database.execute(
            "update proposal set renews = %(head)s where id = (select max(id) from proposal"
            " where repository = %(repository)s and branch = %(branch)s)"
            " and state = 'open' and number = %(number)s",
            {"repository": repository, "branch": branch, "head": head, "number": number},
        )
        return changed == 1

    async def renewed(
        self,
        repository: RepositoryId,
        branch: str,
        *,
        base: Sha,
        head: Sha,
        files: Mapping[str, Sha],
        at: datetime,
    ) -> None:
        """Record the head that replaces the former one, with its base and texts (path → blob).

        `at`: when these texts were proposed first.
        """
        values = {
            "repository": repository,
            "branch": branch,
            "base": base,
            "head": head,
            "files": Jsonb(dict(files)),
            "first": min(files),
            "at": at,
        }
        async with self._database.connection() as connection, connection.transaction():
            await connection.execute(
                "update proposal set base = %(base)s, head = %(head)s, at = %(at)s,"
                " blob = %(files)s::jsonb ->> %(first)s,"
                " files = case when files is not null then %(files)s::jsonb end"
                " where id = (select max(id) from proposal"
                " where repository = %(repository)s and branch = %(branch)s)",
                values,
            )
            await _put_head(connection, repository, branch, head)

    async def record_revert(
        self, repository: RepositoryId, number: int, *, path: str, commit: str
    ) -> None:
        """Record at which commit the default branch went back from a merged version."""
        await self._database.execute(
            "update proposal set"
            " fates = coalesce(fates, '{}') || jsonb_build_object(%s::text, %s::text)"
            " where repository = %s and number = %s and state = 'merged'",
            [clean(path), commit, repository, number],
        )

    async def is_foreign(self, repository: RepositoryId, head: Sha) -> bool:
        """Return whether this head was examined and is not what octobot would have made."""
        return (
            await self._database.row(
                "select 1 from adoption where repository = %s and head = %s"
                " and refused is not null",
                [repository, head],
            )
            is not None
        )

    async def record_adoption(
        self,
        repository: RepositoryId,
        number: PullNumber,
        *,
        branch: str,
        head: Sha,
        refused: str | None,
    ) -> None:
        """Record that a head was adopted into the ledger, or why it was refused."""
        await self._database.execute(
            "insert into adoption (repository, head, branch, number, refused)"
            " values (%s, %s, %s, %s, %s) on conflict (repository, head) do update"
            " set refused = excluded.refused, at = now()",
            [repository, head, clean(branch), number, refused and clean(refused)],
        )

    async def orphans(self, repository: RepositoryId) -> tuple[str, ...]:
        """Return the packages without a spec that have a proposal which may still be merged.

        Groups are left out: they are found by their members.
        """
        rows = await self._database.rows(
            "select distinct package from proposal as latest"
            " where repository = %(r)s and state in ('intended', 'open') and files is null"
            " and not exists (select from package"
            " where package.repository = %(r)s and package.name = latest.package)"
            " and not exists (select from proposal as newer where newer.repository = %(r)s"
            " and newer.branch = latest.branch and newer.id > latest.id)"
            " order by package",
            {"r": repository},
        )
        return tuple([package for (package,) in rows])


async def _put_head(
    connection: Connection, repository: RepositoryId, branch: str, head: Sha
) -> None:
    """Add a head to the ledger, for ever."""
    await connection.execute(
        "insert into head (repository, branch, head) values (%s, %s, %s) on conflict do nothing",
        [repository, branch, head],
    )


def _proposed(found: Mapping[str, Any]) -> Proposed:
    files, fates = (tuple(sorted((found[name] or {}).items())) for name in ("files", "fates"))
    return Proposed(**{**found, "files": files, "fates": fates})
