"""Check that a suggestion changed only what it may, without knowing the suggestion.

One piece of code makes the edits, another one checks them: this one removes from both texts
everything that may change, and the rest must be equal.
"""

from collections import Counter

from octobot.specs.fix.allowed_fields import DROPPABLE, INPUTS, PACKAGES, keys_of
from octobot.specs.read.nodes import Map, Node, Path, Scalar, Seq

_Rest = str | tuple[object, ...]
_STEPS = frozenset(
    {("pipeline",), ("subpackages", "pipeline"), ("test", "pipeline")}
    | {("subpackages", "test", "pipeline")}
)


def stays_inside(before: Map, after: Map) -> bool:
    """Return whether two specs differ only in what a suggestion may change."""
    old, new = _Rests(), _Rests()
    return old.of(before) == new.of(after) and new.dropped <= old.dropped


class _Rests:
    """Removes what may change; counts the steps that may be removed."""

    def __init__(self) -> None:
        self.dropped: Counter[_Rest] = Counter()

    def of(self, node: Node, path: Path = ()) -> _Rest:
        """Return the rest of a node."""
        match node:
            case Scalar():
                return node.text
            case Seq() if keys_of(path) in PACKAGES:
                return "packages"
            case Seq():
                return ("[]", *self._items(node, path))
            case Map():
                return ("{}", *self._entries(node, path))

    def _items(self, node: Seq, path: Path) -> list[_Rest]:
        kept = []
        for index, item in enumerate(node.items):
            rest = self.of(item, (*path, index))
            if _is_steps(path) and isinstance(item, Map) and item.text("uses") in DROPPABLE:
                self.dropped[rest] += 1
            else:
                kept.append(rest)
        return kept

    def _entries(self, node: Map, path: Path) -> list[_Rest]:
        uses = node.text("uses") if _is_steps(path[:-1]) else ""
        rest: list[_Rest] = []
        for key, child in node.entries.items():
            if uses and key == "with" and isinstance(child, Map):
                allowed = INPUTS.get(uses, frozenset())
                left = [
                    (name, self.of(value, (*path, key, name)))
                    for name, value in child.entries.items()
                    if name not in allowed
                ]
                rest += [(key, *left)] if left or not allowed else []
            else:
                rest.append((key, self.of(child, (*path, key))))
        return rest


def _is_steps(path: Path) -> bool:
    """Return whether a path is that of a list of steps; steps nest."""
    keys = keys_of(path)
    while keys[-2:] == ("pipeline", "pipeline"):
        keys = keys[:-1]
    return keys in _STEPS
