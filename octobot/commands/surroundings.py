"""What is around a line of a text on GitHub's page: HTML, footnotes and mathematics.

None of these is in the Markdown that the grammar parses.  Each says when a line may be inside of
one; a line that may be is not obeyed.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate

from markdown_it.token import Token

_INNOCENT = re.compile(r"\s*<!--(?!.*<!--).*-->\s*", re.DOTALL)
"""A comment of HTML, closed and alone: it encloses nothing."""
_HIDING = re.compile(
    r"<!--|-->|<(/?)(blockquote|pre|code|details|del|s|strike|q|samp|kbd|tt|template|script|style|"
    r"textarea|title|xmp|plaintext|svg|math)\b",
    re.IGNORECASE,
)
"""What quotes, hides or shows as code whatever it encloses."""
_NOTE = re.compile(r" {0,3}\[\^[^\]\s]+\]:")
_CONTINUED = re.compile(r"(?: {4}|\t)")
_DISPLAYED = "$$"
_FORMULA = re.compile(r"\$\$.+?\$\$|(?<![\w$])\$(?=[^\s$])[^$]*?(?<=[^\s$])\$(?![\w$])", re.DOTALL)


@dataclass(slots=True)
class Html:
    """The pieces of HTML that were met so far; only a browser knows what they enclose."""

    seen: bool = False
    """Whether there was any that might enclose something."""
    _open: Counter[str] = field(default_factory=Counter)

    @property
    def hides(self) -> bool:
        """Whether what follows seems to be a quotation, code, or hidden."""
        return any(depth > 0 for depth in self._open.values())

    def feed(self, piece: str) -> None:
        """Take note of one more piece."""
        if _INNOCENT.fullmatch(piece):
            return
        self.seen = True
        for found in _HIDING.finditer(piece):
            if found[0] in ("<!--", "-->"):
                self._open["<!--"] = int(found[0] == "<!--")
            else:
                name = found[2].lower()
                self._open[name] = max(0, self._open[name] + (-1 if found[1] else 1))


def in_footnote(lines: Sequence[str], first: int) -> bool:
    """Return whether a block that begins at a line may belong to a footnote above it.

    A footnote continues over lines that follow without a blank one between, and over indented ones.
    """
    indented = False
    for line in reversed(lines[:first]):
        if not line.strip():
            if not indented:
                return False
            continue
        if _NOTE.match(line):
            return True
        indented = _CONTINUED.match(line) is not None
    return False


def mathematics(blocks: Sequence[Token]) -> Mapping[int, frozenset[int]]:
    """Return for each block, by its `id`, the numbers of the lines that begin inside mathematics.

    `$$` may be left open in one block and closed in another.
    """
    texts = [_text(block) for block in blocks]
    signs = [_FORMULA.sub("", text).count(_DISPLAYED) % 2 for text in texts]
    opened = [0, *accumulate(signs)]
    found = {}
    for number, (block, text) in enumerate(zip(blocks, texts, strict=True)):
        starts = [0, *(one.end() for one in re.finditer("\n", text))]
        inside = {
            line
            for line, start in enumerate(starts)
            if any(one.start() < start < one.end() for one in _FORMULA.finditer(text))
        }
        inside |= _unclosed(text, starts, opened[number] % 2, closed=any(signs[number + 1 :]))
        found[id(block)] = frozenset(inside)
    return found


def _unclosed(text: str, starts: Sequence[int], opened: int, *, closed: bool) -> set[int]:
    """Return the lines between a `$$` and one in another block."""
    bare = _FORMULA.sub(lambda formula: " " * len(formula[0]), text)
    inside, sign = set(), bare.find(_DISPLAYED)
    for line, start in enumerate(starts):
        passed = 0 <= sign < start
        if opened and not passed and (closed or sign >= 0):
            inside.add(line)
        if not opened and passed and closed:
            inside.add(line)
    return inside


def _text(block: Token) -> str:
    """Return a block's text as the page has it, what is no plain text as one character each."""
    shown = {"softbreak": "\n", "hardbreak": "\n"}
    return "".join(
        child.content if child.type == "text" else shown.get(child.type, "\0")
        for child in block.children or []
    )
