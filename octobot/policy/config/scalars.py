"""The readers of single values: each gives a value, or what is wrong and what would mend it.

A reader takes a node of PyYAML's composer, which knows its place, and never raises.  It carries
the JSON Schema of what it takes, so that an editor is told the same as the file's author.
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
"""Plain scalars that are no text.  Source: YAML 1.2.2, 10.3.2, the core schema's tags."""


@dataclass(frozen=True, slots=True)
class Faults:
    """Everything that is wrong with a value: what a reader gives in its place; never empty."""

    all: tuple[Fault, ...]


@dataclass(frozen=True, slots=True)
class Reader:
    """How one kind of value is read."""

    read: Callable[[yaml.Node], object]
    """Gives the value, or `Faults`."""
    schema: Schema
    """What it takes."""


def bad(place: yaml.Node | yaml.Event | yaml.Mark | None, says: str) -> Faults:
    """Say what is wrong at a node, an event or a mark."""
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
"""Reads a text that is not empty; what YAML takes for a number or a truth must be quoted."""


def _boolean(node: yaml.Node) -> bool | Faults:
    values = {"true": True, "false": False}
    if isinstance(node, yaml.ScalarNode) and node.style is None and node.value in values:
        return values[node.value]
    return bad(node, f"{shown(node)} is neither; write true or false, without quotes")


boolean = Reader(_boolean, {"type": "boolean"})
"""Reads `true` or `false`, unquoted; nothing else is either."""


def _count(node: yaml.Node) -> int | Faults:
    plain = isinstance(node, yaml.ScalarNode) and node.style is None
    if plain and re.fullmatch("[0-9]{1,9}", node.value):
        return int(node.value)
    return bad(node, f"{shown(node)} is not a whole number; write one such as 15368")


count = Reader(_count, {"type": "integer", "minimum": 0, "maximum": 999_999_999})
"""Reads a whole number of up to 9 decimal digits, unquoted."""


def _duration(node: yaml.Node) -> timedelta | Faults:
    if isinstance(node, yaml.ScalarNode) and (
        found := re.fullmatch("([0-9]{1,5})([smhd])", node.value)
    ):
        return timedelta(**{_UNITS[found[2]]: int(found[1])})
    return bad(node, f"{shown(node)} is not a duration; write one such as 0s, 90m, 24h or 7d")


duration = Reader(_duration, {"type": "string", "pattern": "^[0-9]{1,5}[smhd]$"})
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

    def read(node: yaml.Node) -> str | Faults:
        if isinstance(node, yaml.ScalarNode) and node.value in words:
            return str(node.value)
        return bad(node, f"{shown(node)} is not known here; write one of {', '.join(words)}")

    return Reader(read, {"enum": list(words)})
