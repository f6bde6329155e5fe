"""What upstreams published at the last check: a mark for each, and all releases apart.

The marks are read at every check and are small.  The releases, compressed, are read only when
something changed, to find which ones are new.
"""

import json
import zlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, LiteralString

from psycopg.types.json import Jsonb

from octobot.model.ids import Sha
from octobot.model.memory import Memo, Remembered
from octobot.model.package import Upstream
from octobot.model.release import Release
from octobot.store.engine.columns import clean
from octobot.store.engine.database import Database
from octobot.store.packages import AT_ONCE

_LARGEST = 64 << 20
"""Bytes of one upstream's releases, decompressed; a hundred thousand names."""

_WANTED = """
    with wanted as (
        select * from jsonb_to_recordset(%(upstreams)s) as wanted (
            number int, datasource text, identifier text, kind text, branch text)
    ) """


class UpstreamCache:
    """What upstreams published at the last check."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def remembered(self, upstreams: Sequence[Upstream]) -> Mapping[Upstream, Remembered]:
        """Return what is stored of those upstreams that were checked before."""
        rows = await self._database.rows(
            _about(
                "select number, mark, digest, prefixes, asked, whole from shown"
                " join wanted using (datasource, identifier, kind, branch)"
            ),
            {"upstreams": _numbered(upstreams)},
        )
        return {
            upstreams[number]: Remembered(mark, digest, tuple(prefixes), asked, whole)
            for number, mark, digest, prefixes, asked, whole in rows
        }

    async def recall(self, upstreams: Sequence[Upstream]) -> Mapping[Upstream, tuple[Release, ...]]:
        """Return all releases that those upstreams had."""
        rows = await self._database.rows(
            _about(
                "select number, releases from shown_releases"
                " join wanted using (datasource, identifier, kind, branch)"
            ),
            {"upstreams": _numbered(upstreams)},
        )
        return {upstreams[number]: _unpack(packed) for number, packed in rows}

    async def remember(self, memos: Mapping[Upstream, Memo], *, now: datetime) -> None:
        """Store what upstreams have, in place of what they had before."""
        upstreams = list(memos)
        values = {"upstreams": _numbered(upstreams), "now": now, "never": AT_ONCE}
        facts = [
            {
                "mark": memo.mark,
                "digest": memo.digest,
                "prefixes": [clean(one) for one in memo.prefixes],
                "whole": memo.whole,
            }
            for memo in memos.values()
        ]
        packed = [_pack(memo.releases) for memo in memos.values()]
        async with self._database.connection() as connection, connection.transaction():
            await connection.execute(
                _about("""
                insert into shown as s
                    (datasource, identifier, kind, branch, prefixes, mark, digest, asked, whole)
                    select datasource, identifier, kind, branch,
                        array(select jsonb_array_elements_text(fact -> 'prefixes')),
                        fact ->> 'mark', fact ->> 'digest', %(now)s,
                        case when fact -> 'whole' = 'true' then %(now)s else %(never)s end
                    from wanted join jsonb_array_elements(%(facts)s)
                        with ordinality as facts (fact, position) on position = number + 1
                    order by datasource, identifier, kind, branch
                on conflict (datasource, identifier, kind, branch) do update set
                    prefixes = excluded.prefixes, mark = excluded.mark,
                    digest = excluded.digest, asked = excluded.asked,
                    whole = greatest(s.whole, excluded.whole)"""),
                {**values, "facts": Jsonb(facts)},
            )
            await connection.execute(
                _about("""
                insert into shown_releases (datasource, identifier, kind, branch, releases)
                    select datasource, identifier, kind, branch, (%(packed)b::bytea[])[number + 1]
                    from wanted order by datasource, identifier, kind, branch
                on conflict (datasource, identifier, kind, branch) do update set
                    releases = excluded.releases"""),
                {**values, "packed": packed},
            )

    async def asked(self, upstreams: Sequence[Upstream], *, now: datetime) -> None:
        """Record that upstreams were checked, and had not changed."""
        await self._database.execute(
            _about(
                ", mine as (select datasource, identifier, kind, branch from shown"
                " join wanted using (datasource, identifier, kind, branch)"
                " order by datasource, identifier, kind, branch for update of shown)"
                " update shown set asked = %(now)s from mine"
                " where (shown.datasource, shown.identifier, shown.kind, shown.branch)"
                " = (mine.datasource, mine.identifier, mine.kind, mine.branch)"
            ),
            {"upstreams": _numbered(upstreams), "now": now},
        )

    async def forget(self, *, before: datetime) -> int:
        """Delete upstreams that were not checked since then; return how many."""
        return await self._database.execute(
            "with old as (delete from shown where asked < %s"
            " returning datasource, identifier, kind, branch)"
            " delete from shown_releases as r using old"
            " where (r.datasource, r.identifier, r.kind, r.branch)"
            " = (old.datasource, old.identifier, old.kind, old.branch)",
            [before],
        )


def _about(query: LiteralString) -> LiteralString:
    return _WANTED + query


def _numbered(upstreams: Sequence[Upstream]) -> Jsonb:
    return Jsonb(
        [
            {
                "number": number,
                "datasource": one.datasource,
                "identifier": clean(one.identifier),
                "kind": one.kind,
                "branch": clean(one.branch),
            }
            for number, one in enumerate(upstreams)
        ]
    )


def _pack(releases: Sequence[Release]) -> bytes:
    rows = [
        [
            one.name,
            one.commit,
            one.tag_object if one.tag_object != one.commit else "=",
            one.prerelease + 2 * one.draft + 4 * one.yanked + 8 * one.unreleased,
            _seconds(one.published),
            _seconds(one.committed),
        ]
        for one in releases
    ]
    # JSON's escapes carry what PostgreSQL's texts do not: the names come back as they were.
    return zlib.compress(json.dumps(rows, separators=(",", ":")).encode(), 1)


def _unpack(packed: bytes) -> tuple[Release, ...]:
    text = zlib.decompressobj().decompress(packed, _LARGEST)
    return tuple([_release(*row) for row in json.loads(text)])


def _release(
    name: str,
    commit: str | None,
    tag: str | None,
    flags: int,
    *times: Any,  # noqa: ANN401  (JSON)
) -> Release:
    published, committed = times
    tag_object = commit if tag == "=" else tag
    return Release(
        name,
        commit=None if commit is None else Sha(commit),
        tag_object=None if tag_object is None else Sha(tag_object),
        prerelease=bool(flags & 1),
        draft=bool(flags & 2),
        published=_moment(published),
        committed=_moment(committed),
        yanked=bool(flags & 4),
        unreleased=bool(flags & 8),
    )


def _seconds(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
