"""Drain: group lines that are alike, online, by a tree of fixed depth.

Source: P. He, J. Zhu, Z. Zheng and M. R. Lyu, "Drain: An Online Log Parsing Approach with Fixed
Depth Tree", IEEE ICWS 2017.  A line goes down the tree by its number of words, then by its leading
words; only the groups of that leaf are compared with it.  A group's template is what its lines
have in common.  The paper's masking of numbers is done before (`templates.mask`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from operator import eq

_ANY = None
"""In a template, a place where lines differ; in the tree, all words beyond the `_BROADEST`."""

_BROADEST = 100
"""Children of a node at most (the paper's maxChild): no log makes the tree broad."""


@dataclass(slots=True)
class _Group:
    """Lines that are alike."""

    number: int
    template: list[str | None]

    def likeness(self, words: Sequence[str]) -> tuple[float, int]:
        """Return the share of common words (the paper's simSeq), and how many places differ."""
        common = sum(map(eq, words, self.template))
        return common / len(words) if words else 1.0, self.template.count(_ANY)

    def fits(self, words: Sequence[str]) -> bool:
        """Return whether a line is the template, whatever is where lines differ."""
        return all(each in (_ANY, word) for each, word in zip(self.template, words, strict=True))

    def learn(self, words: Sequence[str]) -> None:
        """Keep in the template what this line has, too."""
        pairs = zip(self.template, words, strict=True)
        self.template = [each if each == word else _ANY for each, word in pairs]


@dataclass(slots=True)
class _Node:
    """A place in the tree; the leaves have groups."""

    children: dict[str | None, "_Node"] = field(default_factory=dict)
    groups: list[_Group] = field(default_factory=list)


class Drain:
    """Groups of lines, by `alike`, the share of common words, and by the first `leading` words."""

    def __init__(self, *, alike: float, leading: int) -> None:
        self._alike, self._leading = alike, leading
        self._lengths: dict[int, _Node] = {}
        self._count = 0

    def add(self, text: str) -> int:
        """Return the number of the group that a line joins; a new one for a new kind."""
        words = text.split()
        groups = self._grow(words).groups
        best = max(groups, key=lambda group: group.likeness(words), default=None)
        if best is None or best.likeness(words)[0] < self._alike:
            self._count += 1
            best = _Group(self._count, list(words))
            groups.append(best)
        best.learn(words)
        return best.number

    def has(self, text: str) -> bool:
        """Return whether a line fits a template exactly; nothing is learnt."""
        words = text.split()
        node = self._lengths.get(len(words))
        for word in self._leads(words):
            if node is not None:
                node = node.children.get(word) or node.children.get(_ANY)
        return node is not None and any(group.fits(words) for group in node.groups)

    def _leads(self, words: Sequence[str]) -> Sequence[str]:
        """Return the words that lead to a leaf; the last word of a line never does."""
        return words[: min(self._leading, len(words) - 1)] if words else ()

    def _grow(self, words: Sequence[str]) -> _Node:
        """Return a line's leaf, with all nodes on the way to it."""
        node = self._lengths.setdefault(len(words), _Node())
        for word in self._leads(words):
            known = word in node.children
            key = word if known or len(node.children) < _BROADEST - 1 else _ANY
            node = node.children.setdefault(key, _Node())
        return node
