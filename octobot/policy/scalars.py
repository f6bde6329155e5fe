"""The small readers of which the repository's file is read: each gives a value or a reason.

A reader takes a node of PyYAML's composer, which knows its line, and never raises.
"""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import timedelta
from difflib import get_close_matches
from typing import Any

import yaml

from octobot.model.reasons import Reason, ReasonCode, Where

PATH = ".github/octobot.yaml"
"""Where the file lives, on the default branch."""

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


@dataclass(frozen=True, slots=True)
class Key:
    """One key that the file may have."""

    name: str
    read: Callable[[yaml.Node], object]
    """Gives the value, or a `Reason`."""
    default: str = ""
    meaning: str = ""


def bad(place: yaml.Node | yaml.Event | yaml.Mark | None, detail: str) -> Reason:
    """Say what is wrong with the file at a node, an event or a mark."""
    mark = place if isinstance(place, yaml.Mark) else getattr(place, "start_mark", None)
    return Reason(ReasonCode.BAD_CONFIG, detail, Where(PATH, mark.line + 1 if mark else 1))


def mapping(
    node: yaml.Node, keys: Collection[Key], required: Collection[str] = ()
) -> dict[str, Any] | Reason:
    """Read a mapping into keyword arguments; the first fault wins."""
    if not isinstance(node, yaml.MappingNode):
        return bad(node, f"expected keys and values; write any of {_names(keys)}")
    values: dict[str, Any] = {}
    for key_node, value_node in node.value:
        match _entry(key_node, value_node, keys):
            case Reason() as reason:
                return reason
            case name, _ if name in values:
                return bad(key_node, f"{_shown(key_node)} is given twice; remove one of them")
            case name, value:
                values[name] = value
    for name in required:
        if name not in values:
            return bad(node, f"{name} is missing; add it")
    return values


def _entry(key_node: yaml.Node, value_node: yaml.Node, keys: Collection[Key]) -> Any:  # noqa: ANN401 (a parser's inside: (name, value) or Reason)
    key = next((key for key in keys if key.name == key_node.value), None)
    if key is None:
        return _unknown(key_node, keys)
    value = key.read(value_node)
    return value if isinstance(value, Reason) else (key.name.replace("-", "_"), value)


def _unknown(node: yaml.Node, keys: Collection[Key]) -> Reason:
    names = [key.name for key in keys]
    near = get_close_matches(str(node.value).lower().replace("_", "-"), names, n=1, cutoff=0.5)
    remedy = f"did you mean {near[0]}?" if near else f"write one of {_names(keys)}"
    return bad(node, f"{_shown(node)} is not a key that octobot knows; {remedy}")


def _names(keys: Collection[Key]) -> str:
    return ", ".join(key.name for key in keys)


def _shown(node: yaml.Node) -> str:
    return repr(node.value[:80]) if isinstance(node, yaml.ScalarNode) else "this"


def sequence(item: Callable[[yaml.Node], object]) -> Callable[[yaml.Node], object]:
    """Make a reader of a list whose items `item` reads; it gives a tuple."""

    def read(node: yaml.Node) -> object:
        if not isinstance(node, yaml.SequenceNode):
            return bad(node, "expected a list; write each item on a line that starts with '- '")
        values = [item(child) for child in node.value]
        return next((value for value in values if isinstance(value, Reason)), tuple(values))

    return read


def text_value(node: yaml.Node) -> str | Reason:
    """Read a text that is not empty."""
    if isinstance(node, yaml.ScalarNode) and node.value.strip():
        return str(node.value)
    return bad(node, "expected a text; write one on the same line")


def boolean(node: yaml.Node) -> bool | Reason:
    """Read `true` or `false`, unquoted; nothing else is either."""
    values = {"true": True, "false": False}
    if isinstance(node, yaml.ScalarNode) and node.style is None and node.value in values:
        return values[node.value]
    return bad(node, f"{_shown(node)} is neither; write true or false, without quotes")


def count(node: yaml.Node) -> int | Reason:
    """Read a whole number of up to 9 decimal digits."""
    if isinstance(node, yaml.ScalarNode) and re.fullmatch("[0-9]{1,9}", node.value):
        return int(node.value)
    return bad(node, f"{_shown(node)} is not a whole number; write one such as 15368")


def duration(node: yaml.Node) -> timedelta | Reason:
    """Read a number with its unit: `0s`, `90m`, `24h`, `7d`."""
    if isinstance(node, yaml.ScalarNode) and (
        found := re.fullmatch("([0-9]{1,5})([smhd])", node.value)
    ):
        return timedelta(**{_UNITS[found[2]]: int(found[1])})
    return bad(node, f"{_shown(node)} is not a duration; write one such as 0s, 90m, 24h or 7d")


def one_of(*words: str) -> Callable[[yaml.Node], str | Reason]:
    """Make a reader of exactly one of these words."""

    def read(node: yaml.Node) -> str | Reason:
        if isinstance(node, yaml.ScalarNode) and node.value in words:
            return str(node.value)
        return bad(node, f"{_shown(node)} is not known here; write one of {', '.join(words)}")

    return read
