"""The grammar of slash commands, on the tree that GitHub makes of a comment and not on its text.

A command begins a line of a plain paragraph: `/octobot NAME WORDS…`.  Commands inside quotes,
lists, headings, tables, code, strikethrough or links are ignored, and so is everything after a
piece of HTML, since only a browser knows what that encloses.  Words are data and never evaluated.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markdown_it import MarkdownIt
from markdown_it.token import Token

PREFIX = "/octobot"
MOST = 10
"""Commands in one comment; a comment with more is refused as a whole."""
LONGEST = 20_000
"""Characters of a comment that is read for commands; who writes more does not mean octobot."""

_COMMAND = re.compile(r"/octobot(?:[ \t]+(?P<rest>.*))?", re.DOTALL)
_INNOCENT = re.compile(r"\s*<!--(?!.*<!--).*-->\s*", re.DOTALL)
"""A comment of HTML, closed and alone: it encloses nothing."""
_SHOWN = frozenset({"text", "text_special", "code_inline"})
_EMPHASIS = frozenset({"em_open", "em_close", "strong_open", "strong_close"})

_MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])
# Escapes and entities stay apart from the text around them: `&#47;octobot` is no command.
_MARKDOWN.disable(["text_join"])


@dataclass(frozen=True, slots=True)
class Spoken:
    """One command as it was written."""

    name: str
    """Empty: nothing follows the slash and the bot's name."""
    words: tuple[str, ...]

    @property
    def rest(self) -> str:
        """Everything after the command's name."""
        return " ".join(self.words)


def spoken(body: str) -> tuple[Spoken, ...]:
    """Return the commands of a comment, in order; most comments have none."""
    if PREFIX not in body or len(body) > LONGEST:
        return ()
    return tuple(_read(_MARKDOWN.parse(body.replace("\r\n", "\n"))))


def _read(tokens: Sequence[Token]) -> Iterator[Spoken]:
    inside = None
    for token in tokens:
        if token.type == "html_block" and not _INNOCENT.fullmatch(token.content):
            return
        if token.type == "inline":
            children = token.children or []
            if any(child.type == "html_inline" for child in children):
                return
            if inside == "paragraph_open" and token.level == 1:
                yield from _commands(children)
        inside = token.type


def _commands(children: Sequence[Token]) -> Iterator[Spoken]:
    for line in _lines(children):
        first = line[0] if line else None
        if first is None or first.type != "text" or first.level or not _plain(line):
            continue
        found = _COMMAND.fullmatch("".join(child.content for child in line))
        if found and _is_named(first.content, alone=len(line) == 1):
            name, *words = (found["rest"] or "").split() or [""]
            yield Spoken(name, tuple(words))


def _lines(children: Sequence[Token]) -> Iterator[list[Token]]:
    line: list[Token] = []
    for child in children:
        if child.type in ("softbreak", "hardbreak"):
            yield line
            line = []
        else:
            line.append(child)
    yield line


def _plain(line: Sequence[Token]) -> bool:
    """Return whether a line is plain text: no link, no image, no strikethrough."""
    return all(child.type in _SHOWN | _EMPHASIS for child in line)


def _is_named(text: str, *, alone: bool) -> bool:
    """Return whether the command's name is plain text too, and not code after the prefix."""
    if not text.startswith(PREFIX):
        return False
    rest = text.removeprefix(PREFIX)
    return (alone and not rest) or (rest[:1] in (" ", "\t") and bool(rest.strip()))
