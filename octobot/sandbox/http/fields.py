"""JSON from outside, read by name and type; a wrong field is answered as GitHub answers it."""

import json
from collections.abc import Iterator, Mapping
from typing import TypeVar, cast

Json = dict[str, object]
T = TypeVar("T")


class BadField(ValueError):  # noqa: N818  (becomes an answer to the caller)
    """A field is missing or has another type; the message names it."""


class Fields:
    """A JSON object being read."""

    def __init__(self, values: Mapping[str, object]) -> None:
        self._values = values

    @classmethod
    def parse(cls, body: bytes) -> "Fields":
        """Read a JSON object; an empty body is an empty one; other things are `BadField`."""
        try:
            values: object = json.loads(body) if body.strip() else {}
        except ValueError as wrong:
            raise BadField("Problems parsing JSON") from wrong
        if not isinstance(values, dict):
            raise BadField("Body should be a JSON object")
        return cls(values)

    @property
    def values(self) -> Mapping[str, object]:
        """The object as received."""
        return self._values

    def has(self, name: str) -> bool:
        """Return whether the field is present and not null."""
        return self._values.get(name) is not None

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def text(self, name: str, default: str | None = None) -> str:
        """Read a required text, or one with a default."""
        return self._need(name, str, default)

    def maybe(self, name: str) -> str | None:
        """Read a text that may be absent or null."""
        return self.text(name) if self.has(name) else None

    def flag(self, name: str, *, default: bool = False) -> bool:
        """Read a boolean."""
        return self._need(name, bool, default)

    def texts(self, name: str) -> tuple[str, ...]:
        """Read a list of texts; absent is empty."""
        return tuple(_only(name, item, str) for item in self._list(name))

    def numbers(self, name: str) -> tuple[int, ...]:
        """Read a list of integers; absent is empty."""
        return tuple(_only(name, item, int) for item in self._list(name))

    def inner(self, name: str) -> "Fields":
        """Read an object; absent or null is empty."""
        return Fields(cast("Mapping[str, object]", self._need(name, dict, {}, null=True)))

    def each(self, name: str) -> Iterator["Fields"]:
        """Read a list of objects; absent is empty."""
        for item in self._list(name):
            yield Fields(_only(name, item, dict))

    def _list(self, name: str) -> list[object]:
        return cast("list[object]", self._need(name, list, [], null=True))

    def _need(self, name: str, kind: type[T], default: T | None, *, null: bool = False) -> T:
        value = self._values.get(name, default)
        if value is None and null:
            value = default
        return _only(name, value, kind)


def _only(name: str, value: object, kind: type[T]) -> T:
    if not isinstance(value, kind):
        word = "missing" if value is None else f"not a {kind.__name__}"
        raise BadField(f'"{name}" is {word}')
    return value
