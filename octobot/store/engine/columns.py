"""What a column can hold: texts that PostgreSQL takes, and nouns of the model as JSON.

PostgreSQL's texts hold neither NUL nor lone surrogates, and names from upstreams may hold both;
each becomes a replacement character before it is stored.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from psycopg.types.json import Jsonb

from octobot.model.ids import Sha
from octobot.model.json_codec import from_json, to_json
from octobot.model.orders import Wish
from octobot.model.reasons import Reason
from octobot.model.release import Candidate
from octobot.model.triage import Cause

T = TypeVar("T")
Json = Mapping[str, Any]
"""A JSON object as psycopg returns it."""


def clean(text: str) -> str:
    """Return `text` without what PostgreSQL refuses."""
    return text.replace("\x00", "\ufffd").encode("utf-8", "replace").decode()


def to_sha(value: str | None) -> Sha | None:
    """Return an object id that may be absent."""
    return None if value is None else Sha(value)


def storable(noun: object) -> Any:  # noqa: ANN401 (JSON)
    """Return a noun, or None, as JSON that PostgreSQL takes."""
    return to_json(noun, text=clean)


def to_column(noun: object) -> Jsonb:
    """Return a noun as a value for a JSON column."""
    return Jsonb(storable(noun))


def from_column(kind: type[T], value: Json) -> T:
    """Return the noun that a JSON column holds."""
    return from_json(kind, _FORMER[kind](value) if kind in _FORMER else value)


def _named(value: object, *names: str) -> object:
    return dict(zip(names, value, strict=True)) if isinstance(value, list) else value


def _reason(value: Json) -> Json:
    return {**value, "where": _named(value["where"], "path", "line")}


def _candidate(value: Json) -> Json:
    if "release" in value:
        return value
    release = {name: each for name, each in value.items() if name != "version"}
    return {"release": release, "version": value["version"]}


def _cause(value: Json) -> Json:
    former = value.get("mends", ())
    fixes = [each[1] if isinstance(each, list) else each for each in value.get("fixes", former)]
    kept = {name: each for name, each in value.items() if name != "mends"}
    return {**kept, "line": _named(value["line"], "number", "text"), "fixes": fixes}


def _wish(value: Json) -> Json:
    return {**value, "target": value["target"] and _candidate(value["target"])}


_FORMER: Mapping[type, Callable[[Json], Json]] = {
    Reason: _reason,
    Candidate: _candidate,
    Cause: _cause,
    Wish: _wish,
}
"""How older rows become the present form, by noun."""
