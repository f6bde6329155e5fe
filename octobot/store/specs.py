"""The specs of a repository: which blob stands at which path, and each text once."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from octobot.model.ids import RepositoryId, Sha
from octobot.model.reasons import Reason, ReasonCode
from octobot.store.engine.columns import clean, to_column
from octobot.store.engine.database import Connection, Database

AT_ONCE = datetime(1970, 1, 1, tzinfo=UTC)
"""Due by any clock: the stories' clock need not be the database's."""

SPECS_LOCK = 0x7370656373
"""`specs` in ASCII: one process at a time adds and removes texts."""


class Specs:
    """Which blob stands at which path."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def blobs(self, repository: RepositoryId) -> dict[str, Sha]:
        """Return path → blob id of the specs known."""
        rows = await self._database.rows(
            "select path, blob from package where repository = %s", [repository]
        )
        return {path: Sha(blob) for path, blob in rows}

    async def put(
        self,
        repository: RepositoryId,
        changed: Mapping[str, tuple[Sha, str]],
        gone: Sequence[str],
    ) -> None:
        """Take over specs: path `NAME.yaml` → (blob id, text); what changed is due at once.

        A changed spec keeps its target and reason until it is looked at, except for a freeze:
        whoever wrote into the spec has looked.  A package that is gone is forgotten, except in the
        ledger.
        """
        async with self._database.connection() as connection, connection.transaction():
            await connection.execute("select pg_advisory_xact_lock(%s)", [SPECS_LOCK])
            before = await _replaced(connection, repository, (*changed, *gone))
            await connection.execute(
                "delete from package where repository = %s and path = any(%s)",
                [repository, list(gone)],
            )
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
