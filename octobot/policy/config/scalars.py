"""The readers of single values: each returns the value, or what is wrong and the remedy.

A reader takes a node of PyYAML's composer, which knows its place, and never raises.  It has the
JSON Schema of what it accepts, so that an editor finds the same faults.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

import yaml

from octobot.model.config import Fault

Schema = Mapping[str, object]
"""A part of a JSON Schema, draft 2020-12."""

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}

_OTHER_THAN_TEXT = re.compile(
    r"~|null|Null|NULL|true|True|TRUE|false|False|FALSE"
    r"|[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+"
    r"|[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?"
    r"|[-+]?(\.inf|\.Inf|\.INF)|\.nan|\.NaN|\.NAN"
)
"""Plain scalars that are not text.  Source: YAML 1.2.2, 10.3.2, the core schema's tags."""


@dataclass(frozen=True, slots=True)
class Faults:
    """Everything that is wrong with a value, which a reader returns in its place; never empty."""

    all: tuple[Fault, ...]


@dataclass(frozen=True, slots=True)
class Reader:
    """How one kind of value is read."""

    read: Callable[[yaml.Node], object]
    """Returns the value, or `Faults`."""
    schema: Schema
    """What it accepts."""


def bad(place: yaml.Node | yaml.Event | yaml.Mark | None, says: str) -> Faults:
    """Return one fault, at a node, an event or a mark."""
    mark = place if isinstance(place, yaml.Mark) else getattr(place, "start_mark", None)
    return Faults((Fault(mark.line + 1, mark.column + 1, says) if mark else Fault(1, 1, says),))


def shown(node: yaml.Node) -> str:
    """Quote a scalar, cut at 80 characters."""
    return repr(node.value[:80]) if isinstance(node, yaml.ScalarNode) else "this"


def _text(node: yaml.Node) -> str | Faults:
    if not isinstance(node, yaml.ScalarNode) or not node.value.strip():
        return bad(node, "expected a text; write one on the same line")
    if node.style is None and _OTHER_THAN_TEXT.fullmatch(node.value):
        return bad(node, f"{shown(node)} is no text to YAML; put it in quotes")
    return str(node.value)


text_value = Reader(_text, {"type": "string", "pattern": r"\S"})
"""Reads a text that is not empty; what YAML reads as a number or boolean must be quoted."""


def scalar(
    value: Callable[[str], object], says: str, schema: Schema, *, plain: bool = False
) -> Reader:
    """Make a reader of a scalar; `value` returns None for a text that it refuses.

    `plain`: a quoted scalar is refused too.
    """

    def read(node: yaml.Node) -> object:
        if isinstance(node, yaml.ScalarNode) and (node.style is None or not plain):
            found = value(node.value)
            if found is not None:
                return found
        return bad(node, f"{shown(node)} {says}")

    return Reader(read, schema)


boolean = scalar(
    {"true": True, "false": False}.get,
    "is neither; write true or false, without quotes",
    {"type": "boolean"},
    plain=True,
)
"""Reads `true` or `false`, unquoted."""

count = scalar(
    lambda text: int(text) if re.fullmatch("[0-9]{1,9}", text) else None,
    "is not a whole number; write one such as 15368",
    {"type": "integer", "minimum": 0, "maximum": 999_999_999},
    plain=True,
)
"""Reads a whole number of up to 9 decimal digits, unquoted."""


def _duration(text: str) -> timedelta | None:
    found = re.fullmatch("([0-9]{1,5})([smhd])", text)
    return timedelta(**{_UNITS[found[2]]: int(found[1])}) if found else None


duration = scalar(
    _duration,
    "is not a duration; write one such as 0s, 90m, 24h or 7d",
    {"type": "string", "pattern": "^[0-9]{1,5}[smhd]$"},
)
"""Reads a number with its unit: `0s`, `90m`, `24h`, `7d`."""


def _duration_or_never(node: yaml.Node) -> timedelta | Faults | None:
    if isinstance(node, yaml.ScalarNode) and node.value in {"never", "0"}:
        return None
    found = duration.read(node)
    if isinstance(found, timedelta):
        return found or None
    return bad(node, f"{shown(node)} is not a duration; write one such as 12h or 7d, or never")


duration_or_never = Reader(_duration_or_never, {"anyOf": [duration.schema, {"enum": ["never", 0]}]})
"""Reads a duration, or `never`; a duration of 0 means never, too."""


def one_of(*words: str) -> Reader:
    """Make a reader of exactly one of these words."""
    says = f"is not known here; write one of {', '.join(words)}"
    return scalar(dict(zip(words, words, strict=True)).get, says, {"enum": list(words)})
