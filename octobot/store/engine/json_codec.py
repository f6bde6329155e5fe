"""Nouns of the model as JSON columns, and back.

PostgreSQL's texts hold neither NUL nor lone surrogates, and names from upstreams may hold both;
each becomes a replacement character before it is stored.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any, get_args

from psycopg.types.json import Jsonb

from octobot.model.ids import Sha, Version
from octobot.model.package import Upstream
from octobot.model.reasons import Reason, ReasonCode, Where
from octobot.model.release import Candidate, Release
from octobot.model.steering import (
    Order,
    Said,
)
from octobot.model.triage import (
    AddBuildPackage,
    Cause,
    CauseClass,
    DropCherryPick,
    DropDependency,
    DropPatch,
    LogLine,
    Mend,
    RaiseDependency,
    SetField,
)

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


_MENDS: Mapping[str, type[Mend]] = {
    kind.__name__: kind
    for kind in (
        SetField,
        AddBuildPackage,
        DropPatch,
        DropCherryPick,
        DropDependency,
        RaiseDependency,
    )
}


def from_cause(cause: Cause) -> Jsonb:
    """Encode a cause."""
    return Jsonb(
        {
            "kind": cause.kind.value,
            "title": clean(cause.title),
            "line": None if cause.line is None else [cause.line.number, clean(cause.line.text)],
            "explanation": clean(cause.explanation),
            "mends": [_from_mend(mend) for mend in cause.mends],
            "by": cause.by,
            "confidence": cause.confidence,
        }
    )


def to_cause(value: Json) -> Cause:
    """Decode a cause."""
    line = value["line"]
    return Cause(
        kind=CauseClass(value["kind"]),
        title=value["title"],
        line=None if line is None else LogLine(line[0], line[1]),
        explanation=value["explanation"],
        mends=tuple(_to_mend(name, fields) for name, fields in value["mends"]),
        by=value["by"],
        confidence=value["confidence"],
    )


def _from_mend(mend: Mend) -> list[Any]:
    fields = {
        name: clean(text) if isinstance(text, str) else text for name, text in asdict(mend).items()
    }
    return [type(mend).__name__, fields]


def _to_mend(name: str, fields: Mapping[str, Any]) -> Mend:
    return _MENDS[name](**fields)


_ORDERS: Mapping[str, type[Order]] = {kind.__name__: kind for kind in get_args(Order)}

_READ: Mapping[str, Callable[[Any], object]] = {
    "target": to_candidate,
    "despite": tuple,
    "until": lambda value: value and datetime.fromisoformat(value),
}
"""Fields that are not in JSON what they are in an order."""


def from_order(order: Order) -> Jsonb:
    """Encode an order, without who said it."""
    names = [each.name for each in fields(order) if each.name != "said"]
    return Jsonb({name: _plain(getattr(order, name)) for name in names})


def to_order(kind: str, value: Json, said: Said) -> Order:
    """Decode an order."""
    read: dict[str, Any] = {
        name: _READ[name](one) if name in _READ else one for name, one in value.items()
    }
    return _ORDERS[kind](**read, said=said)


def _plain(value: object) -> object:
    match value:
        case Candidate():
            found = from_candidate(value)
            return found and found.obj
        case datetime():
            return value.isoformat()
        case str():
            return clean(value)
        case _:
            return value
