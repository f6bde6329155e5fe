"""Nouns of the model as JSON columns, and back.

PostgreSQL's texts hold neither NUL nor lone surrogates, and names from upstreams may hold both;
each becomes a replacement character before it is stored.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb

from octobot.model.ids import Sha, Version
from octobot.model.package import Upstream
from octobot.model.reasons import Reason, ReasonCode, Where
from octobot.model.release import Candidate, Release

Json = Mapping[str, Any]
"""A JSON object as psycopg gives it: the one place where an `Any` is parsed."""


def clean(text: str) -> str:
    """Make `text` storable."""
    return text.replace("\x00", "\ufffd").encode("utf-8", "replace").decode()


def from_reason(reason: Reason) -> Jsonb:
    """Encode a reason."""
    where = reason.where
    return Jsonb(
        {
            "code": reason.code.value,
            "detail": clean(reason.detail),
            "where": None if where is None else [clean(where.path), where.line],
        }
    )


def to_reason(value: Json) -> Reason:
    """Decode a reason."""
    where = value["where"]
    return Reason(
        ReasonCode(value["code"]), value["detail"], None if where is None else Where(*where)
    )


def from_upstream(upstream: Upstream | None) -> Jsonb | None:
    """Encode an upstream."""
    if upstream is None:
        return None
    return Jsonb(
        {
            "datasource": upstream.datasource,
            "identifier": clean(upstream.identifier),
            "kind": upstream.kind,
            "branch": clean(upstream.branch),
        }
    )


def to_upstream(value: Json | None) -> Upstream | None:
    """Decode an upstream."""
    return None if value is None else Upstream(**value)


def from_candidate(candidate: Candidate | None) -> Jsonb | None:
    """Encode a target."""
    if candidate is None:
        return None
    release = candidate.release
    return Jsonb(
        {
            "version": candidate.version,
            "name": clean(release.name),
            "commit": release.commit,
            "tag_object": release.tag_object,
            "prerelease": release.prerelease,
            "draft": release.draft,
            "published": _from_time(release.published),
            "committed": _from_time(release.committed),
        }
    )


def to_candidate(value: Json | None) -> Candidate | None:
    """Decode a target."""
    if value is None:
        return None
    release = Release(
        name=value["name"],
        commit=to_sha(value["commit"]),
        tag_object=to_sha(value["tag_object"]),
        prerelease=value["prerelease"],
        draft=value["draft"],
        published=_to_time(value["published"]),
        committed=_to_time(value["committed"]),
    )
    return Candidate(release, Version(value["version"]))


def to_sha(value: str | None) -> Sha | None:
    """Decode an object id that may be absent."""
    return None if value is None else Sha(value)


def _from_time(time: datetime | None) -> str | None:
    return None if time is None else time.isoformat()


def _to_time(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(value)
