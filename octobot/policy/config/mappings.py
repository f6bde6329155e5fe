"""The readers of lists and mappings, composed of the readers of their items and values."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal

import yaml

from octobot.policy.config.scalars import Faults, Reader, Schema, bad, shown

Values = Mapping[str, object]
"""The values of a mapping, by the key's name with `_` for `-`."""

Joining = Literal["replace", "append", "either"]


@dataclass(frozen=True, slots=True)
class Key:
    """One key that the file may have."""

    name: str
    reader: Reader
    default: str = ""
    """As in the file, or described."""
    meaning: str = ""
    """One sentence, for the schema and the documents."""
    joining: Joining = "replace"
    """How the repository's value combines with the organisation's: it replaces it, its items are
    appended, or either of them being true is enough."""
    former: str = ""
    """Another name that is accepted, and shown nowhere."""

    @property
    def names(self) -> tuple[str, ...]:
        """Every name that is accepted."""
        return (self.name, self.former) if self.former else (self.name,)

    @property
    def field(self) -> str:
        """The name as Python's."""
        return self.name.replace("-", "_")


def sequence(item: Reader) -> Reader:
    """Make a reader of a list, as a tuple, whose items `item` reads."""

    def read(node: yaml.Node) -> object:
        if not isinstance(node, yaml.SequenceNode):
            return bad(node, "expected a list; write each item on a line that starts with '- '")
        values = [item.read(child) for child in node.value]
        return gathered(values) or tuple(values)

    return Reader(read, {"type": "array", "items": item.schema})


def record(
    keys: Sequence[Key],
    make: Callable[..., object],
    *,
    required: Collection[str] = (),
    least: int = 0,
    check: Callable[[yaml.Node, Values], Faults | None] = lambda _node, _values: None,
    schema: Schema | None = None,
) -> Reader:
    """Make a reader of a mapping with these keys; `make` gets their values by name.

    `least` is how many keys must be set.  `check` checks all values together; `schema` expresses
    the same in JSON Schema.
    """

    def read(node: yaml.Node) -> object:
        values = mapping(node, keys, required)
        if isinstance(values, Faults):
            return values
        if len(values) < least:
            names = ", ".join(key.name for key in keys if key.name not in required)
            return bad(node, f"nothing is set here; add one of {names}, or remove it")
        return check(node, values) or make(**values)

    fewest: Schema = {"minProperties": least} if least else {}
    return Reader(read, {**schema_of(keys, required), **fewest, **(schema or {})})


def either(scalar: Reader, other: Reader) -> Reader:
    """Make a reader that reads a scalar by `scalar` and anything else by `other`."""

    def read(node: yaml.Node) -> object:
        return (scalar if isinstance(node, yaml.ScalarNode) else other).read(node)

    return Reader(read, {"anyOf": [scalar.schema, other.schema]})


def mapping(
    node: yaml.Node, keys: Sequence[Key], required: Collection[str] = ()
) -> dict[str, object] | Faults:
    """Read a mapping into keyword arguments, or return every fault in it."""
    if not isinstance(node, yaml.MappingNode):
        return bad(node, f"expected keys and values; write any of {_names(keys)}")
    values: dict[str, object] = {}
    faults: list[object] = []
    for key_node, value_node in node.value:
        key = next((key for key in keys if key_node.value in key.names), None)
        if key is None:
            faults.append(_unknown(key_node, keys))
        elif key.field in values:
            faults.append(bad(key_node, f"{shown(key_node)} is given twice; remove one of them"))
        else:
            values[key.field] = key.reader.read(value_node)
    missing = [key.name for key in keys if key.name in required and key.field not in values]
    faults += [bad(node, f"{name} is missing; add it") for name in missing]
    return gathered([*faults, *values.values()]) or values


def gathered(values: Sequence[object]) -> Faults | None:
    """Join the faults among values, in the order of the file; None when there are no faults."""
    faults = [fault for value in values if isinstance(value, Faults) for fault in value.all]
    return Faults(tuple(sorted(faults))) if faults else None


def schema_of(keys: Sequence[Key], required: Collection[str] = ()) -> Schema:
    """Return the JSON Schema of a mapping with these keys."""
    return {
        "type": "object",
        "properties": {key.name: _described(key) for key in keys},
        "additionalProperties": False,
        **({"required": sorted(required)} if required else {}),
    }


def _described(key: Key) -> Schema:
    default = f" Default: {key.default}." if key.default else ""
    described = {"description": key.meaning + default} if key.meaning else {}
    return {"title": key.name, **described, **key.reader.schema}


def _unknown(node: yaml.Node, keys: Sequence[Key]) -> Faults:
    names = [key.name for key in keys]
    near = get_close_matches(str(node.value).lower().replace("_", "-"), names, n=1, cutoff=0.5)
    remedy = f"did you mean {near[0]}?" if near else f"write one of {_names(keys)}"
    return bad(node, f"{shown(node)} is not a key that octobot knows; {remedy}")


def _names(keys: Sequence[Key]) -> str:
    return ", ".join(key.name for key in keys)
