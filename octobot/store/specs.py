"""The specs on the default branches: which blob is at which path, and each text once."""

from collections.abc import Mapping, Sequence

from octobot.model.bump import REMOVED
from octobot.model.ids import RepositoryId, Sha
from octobot.model.reasons import Reason, ReasonCode
from octobot.store.engine.columns import clean, to_column
from octobot.store.engine.database import Connection, Database
from octobot.store.packages import AT_ONCE

_SPECS_LOCK = 0x7370656373
"""`specs` in ASCII: one process at a time adds and removes texts."""


class Specs:
    """Which blob is at which path, and each text once."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def blobs(self, repository: RepositoryId) -> dict[str, Sha]:
        """Return path → blob id of the known specs."""
        rows = await self._database.rows(
            "select path, blob from package where repository = %s", [repository]
        )
        return {path: Sha(blob) for path, blob in rows}

    async def texts(self, ids: Sequence[Sha]) -> dict[Sha, str]:
        """Return the known ones of these blobs, as they were stored."""
        rows = await self._database.rows(
            "select id, content from blob where id = any(%s) and content <> ''", [list(ids)]
        )
        return {Sha(blob): content.decode() for blob, content in rows}

    async def put(
        self,
        repository: RepositoryId,
        changed: Mapping[str, tuple[Sha, str]],
        gone: Sequence[str],
    ) -> None:
        """Store specs: path `NAME.yaml` → (blob id, text); changed ones are due at once.

        A changed spec keeps its target and reason until the next check, except for a freeze: a
        person who edited the spec has seen it.  A removed package is deleted, except in the ledger.
        """
        async with self._database.connection() as connection, connection.transaction():
            await connection.execute("select pg_advisory_xact_lock(%s)", [_SPECS_LOCK])
            before = await _replaced(connection, repository, (*changed, *gone))
            await connection.execute(
                "delete from package where repository = %s and path = any(%s)",
                [repository, list(gone)],
            )
            await _record_removed(connection, repository, gone)
            await _put_texts(connection, changed)
            await _put_packages(connection, repository, changed)
            await connection.execute(
                "delete from blob where id = any(%s)"
                " and not exists (select from package where package.blob = blob.id)",
                [before],
            )


async def _replaced(
    connection: Connection, repository: RepositoryId, paths: Sequence[str]
) -> list[str]:
    cursor = await connection.execute(
        "select blob from package where repository = %s and path = any(%s)",
        [repository, list(paths)],
    )
    return [blob for (blob,) in await cursor.fetchall()]


async def _record_removed(
    connection: Connection, repository: RepositoryId, gone: Sequence[str]
) -> None:
    """Record it with what was merged: a spec that is added again was not reverted."""
    await connection.execute(
        """
        update proposal set fates =
            coalesce(fates, '{}') || jsonb_build_object(path, %(removed)s::text)
        from unnest(%(gone)s::text[]) as path
        where repository = %(repository)s and state = 'merged'
            and case when files is null then package || '.yaml' = path else files ? path end
        """,
        {"repository": repository, "gone": list(gone), "removed": REMOVED},
    )


async def _put_texts(connection: Connection, changed: Mapping[str, tuple[Sha, str]]) -> None:
    texts = dict(changed.values())
    await connection.execute(
        "insert into blob (id, content) select * from unnest(%b::text[], %b::bytea[])"
        " on conflict do nothing",
        [list(texts), [text.encode("utf-8", "replace") for text in texts.values()]],
    )


async def _put_packages(
    connection: Connection, repository: RepositoryId, changed: Mapping[str, tuple[Sha, str]]
) -> None:
    paths = [clean(path) for path in changed]
    await connection.execute(
        """
        insert into package (repository, name, path, blob, reason, due, look_due)
            select %(repository)s, name, path, blob, %(reason)s, %(due)s, %(due)s
                from unnest(%(names)s::text[], %(paths)s::text[], %(blobs)s::text[])
                    as spec (name, path, blob)
        on conflict (repository, name) do update set
            path = excluded.path, blob = excluded.blob,
            due = excluded.due, look_due = excluded.look_due, news = true, tries = 0,
            mark = null, far = false,
            target = case when package.reason ->> 'code' = %(moved)s then null
                else package.target end,
            reason = case when package.reason ->> 'code' = %(moved)s then excluded.reason
                else package.reason end
        where package.blob <> excluded.blob or package.path <> excluded.path
        """,
        {
            "repository": repository,
            "reason": to_column(Reason(ReasonCode.NOT_LOOKED_YET)),
            "moved": ReasonCode.TAG_MOVED.value,
            "due": AT_ONCE,
            "names": [path.rsplit("/", 1)[-1].removesuffix(".yaml") for path in paths],
            "paths": paths,
            "blobs": [blob for blob, _ in changed.values()],
        },
    )
