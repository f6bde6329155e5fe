"""A spec as a tree whose scalars know their places in the text.

Every scalar is text: a version `1.10` must never become the number 1.1.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

Step = str | int
Path = tuple[Step, ...]
"""Keys and indexes from the root to a node."""


@dataclass(slots=True)
class Scalar:
    """A leaf."""

    text: str
    """The value, unquoted."""
    start: int
    """Offset of its first character in the text, quote included."""
    end: int
    line: int
    """Counted from 1."""
    style: str
    """The quote, `|` or `>`; empty for a plain scalar."""


@dataclass(slots=True, eq=False)
class Map:
    """A mapping, in the order of the text."""

    start: int
    line: int
    end: int = 0
    entries: dict[str, "Node"] = field(default_factory=dict)
    keys: dict[str, Scalar] = field(default_factory=dict)

    def text(self, key: str) -> str:
        """Return the scalar's value; empty when the key has no scalar."""
        node = self.entries.get(key)
        return node.text if isinstance(node, Scalar) else ""

    def scalar(self, key: str) -> Scalar | None:
        """Return the scalar of this key, if it is one."""
        node = self.entries.get(key)
        return node if isinstance(node, Scalar) else None

    def map(self, key: str) -> "Map | None":
        """Return the mapping of this key, if it is one."""
        node = self.entries.get(key)
        return node if isinstance(node, Map) else None

    def items(self, key: str) -> "list[Node]":
        """Return the items of this key's sequence; empty when the key has no sequence."""
        node = self.entries.get(key)
        return node.items if isinstance(node, Seq) else []


@dataclass(slots=True, eq=False)
class Seq:
    """A sequence."""

    start: int
    line: int
    end: int = 0
    items: "list[Node]" = field(default_factory=list)


Node = Scalar | Map | Seq


def leaves(node: Node, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """Yield every scalar with its path, in order; an empty collection yields its kind."""
    match node:
        case Scalar():
            yield path, node.text
        case Map():
            if not node.entries:
                yield path, "{}"
            for key, child in node.entries.items():
                yield from leaves(child, (*path, key))
        case Seq():
            if not node.items:
                yield path, "[]"
            for index, child in enumerate(node.items):
                yield from leaves(child, (*path, index))


def readable(path: Path) -> str:
    """Write a path as people do: `pipeline[0].with.expected-commit`."""
    text = "".join(f"[{s}]" if isinstance(s, int) else f".{s[:80]}" for s in path)
    return text.removeprefix(".") or "<spec>"


def content_end(text: str, node: Node) -> int:
    """Return where a node's own text ends; the parser's end mark is after blanks and comments."""
    last: Node | None = None
    if isinstance(node, Map) and node.entries and text[node.start] != "{":
        last = next(reversed(node.entries.values()))
    elif isinstance(node, Seq) and node.items and text[node.start] != "[":
        last = node.items[-1]
    if last is not None:
        return content_end(text, last)
    return node.start + len(text[node.start : node.end].rstrip())


def lines_end(text: str, start: int, node: Node) -> int:
    """Return the offset after the last line of a node's own text."""
    return line_end(text, max(start, content_end(text, node) - 1))


def line_start(text: str, position: int) -> int:
    """Return the offset of the first character of a line."""
    return text.rfind("\n", 0, position) + 1


def line_end(text: str, position: int) -> int:
    """Return the offset after a line's end."""
    found = text.find("\n", position)
    return len(text) if found < 0 else found + 1
