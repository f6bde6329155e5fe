"""Causes and their mends as JSON columns, and back."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from psycopg.types.json import Jsonb

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
from octobot.store.engine.json_codec import Json, clean

_KINDS: Mapping[str, type[Mend]] = {
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
    return _KINDS[name](**fields)
