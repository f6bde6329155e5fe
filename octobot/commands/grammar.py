"""The grammar of slash commands, on the tree that GitHub makes of a text and not on its characters.

A command begins a line of a plain paragraph: `/octobot NAME WORDS…`, or the App's own mention:
`@octobot NAME WORDS…`, in any letter case.  Commands inside quotes, lists, code, links or HTML
comments are ignored.  Any other line that begins with `/octobot` and that cannot be read for sure
is `unclear`: it is answered and never obeyed.  Words are data and never evaluated.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from markdown_it import MarkdownIt
from markdown_it.token import Token

from octobot.commands.surroundings import Html, in_footnote, mathematics

PREFIX = "/octobot"
MOST = 10
"""Commands in one text; a text with more is refused as a whole."""
LONGEST = 20_000
"""Characters of a text that is read for commands: parsing more could take seconds."""

Unclear = Literal[
    "glued", "formatted", "html", "invisible", "footnote", "mathematics", "long", "edited", "old"
]
"""Why a line that begins with `/octobot` is not obeyed."""

_UNSEEN = re.compile("[\u00ad\u180e\u200b\u200c\u200d\u2060\ufe0e\ufe0f\ufeff]")
"""What takes no room on the page: phones and copying leave it behind."""
_TURNING = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""What changes the order in which words are shown."""
_SLASH = re.compile(r"/octobot", re.IGNORECASE | re.ASCII)
_BLANK = re.compile(r"[^\S\n]")
_SHOWN = frozenset({"text", "text_special", "code_inline"})
_EMPHASIS = frozenset({"em_open", "em_close", "strong_open", "strong_close"})
_OPENING = frozenset({"em_open", "strong_open", "s_open"})
_SETEXT = frozenset("-=")

_MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])
# Escapes and entities stay apart from the text around them: `&#47;octobot` is no command.
_MARKDOWN.disable(["text_join"])


@dataclass(frozen=True, slots=True)
class Spoken:
    """One command as it was written."""

    name: str
    """In lower case; empty: nothing follows the bot's name."""
    words: tuple[str, ...]
    unclear: Unclear | None = None
    """Why it is answered and not obeyed; None: it is a command."""

    @property
    def rest(self) -> str:
        """Everything after the command's name."""
        return " ".join(self.words)


def spoken(body: str, slug: str = "") -> tuple[Spoken, ...]:
    """Return the commands of a text, in order; most texts have none."""
    return tuple(one for one in addressed(body, slug) if one.unclear is None)


def addressed(body: str, slug: str = "") -> tuple[Spoken, ...]:
    """Return the lines of a text that are meant for octobot, in order: commands and unclear ones.

    `slug` is the App's name in a mention; without one, mentions are not read.
    """
    text = body.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    shown = _UNSEEN.sub("", text).lower()
    if PREFIX not in shown and not (slug and f"@{slug.lower()}" in shown):
        return ()
    if len(text) > LONGEST:
        return tuple(_too_long(text))[:1]
    return tuple(_Reader(text, slug).read())


def _too_long(text: str) -> Iterator[Spoken]:
    for line in text.split("\n"):
        if _SLASH.match(_visible(line)):
            yield _split(_visible(line)[len(PREFIX) :], "long")


@dataclass(slots=True)
class _Reader:
    """One text, being read."""

    text: str
    slug: str
    html: Html = field(default_factory=Html)

    def read(self) -> Iterator[Spoken]:
        """Read each block at the top: a paragraph, or a heading with a line of dashes below.

        A mail's signature begins with such a line, which makes a heading of the text above it.
        """
        tokens = _MARKDOWN.parse(self.text)
        formulas = mathematics([one for one in tokens if one.type == "inline"])
        opened: list[Token] = []
        for token in tokens:
            if token.type == "html_block":
                self.html.feed(token.content)
            if token.type == "inline":
                yield from self._block(opened[-2:], token, formulas[id(token)])
            opened.append(token)

    def _block(
        self, opened: Sequence[Token], token: Token, formulas: frozenset[int]
    ) -> Iterator[Spoken]:
        children, read = token.children or [], _is_read(opened, token)
        doubt = self._doubt(token, children) if read else "formatted"
        for number, line in enumerate(_lines(children)):
            if (read or _is_table(opened, token)) and not self.html.hides:
                maths: Unclear | None = "mathematics" if number in formulas else None
                yield from self._line(line, doubt or maths)
            if _NOTE.match(_text(line)):
                doubt = doubt or "footnote"
            self._feed(line)

    def _feed(self, line: Sequence[Token]) -> None:
        for child in line:
            if child.type == "html_inline":
                self.html.feed(child.content)

    def _doubt(self, token: Token, children: Sequence[Token]) -> Unclear | None:
        """Say why no line of a block can be a command; None: they can."""
        if self.html.seen or any(child.type == "html_inline" for child in children):
            return "html"
        first = token.map[0] if token.map else 0
        return "footnote" if in_footnote(self.text.split("\n"), first) else None

    def _line(self, line: Sequence[Token], doubt: Unclear | None) -> Iterator[Spoken]:
        start = next((n for n, one in enumerate(line) if one.type not in _OPENING), len(line))
        head = _head(line[start:])
        rest = self._after_name(head)
        if rest is None:
            return
        whole = _visible("".join(child.content for child in line))
        if start or not _is_plain(line):
            doubt = doubt or "formatted"
        if _TURNING.search(whole) or not _is_whole(line[start:], head.removesuffix(rest)):
            doubt = doubt or "invisible"
        doubt = doubt or _parted(rest, continued=len(_visible(whole)) > len(head))
        yield _split(whole[len(head) - len(rest) :], doubt)

    def _after_name(self, head: str) -> str | None:
        """Return what follows the bot's name at a line's start; None: the line is not for it."""
        if _SLASH.match(head):
            return head[len(PREFIX) :]
        if not self.slug:
            return None
        mention = re.match(
            rf"@{re.escape(self.slug)}(?:\[bot\])?[,:]?(?=\s|$)", head, re.IGNORECASE
        )
        return head[mention.end() :] if mention else None


def _is_read(opened: Sequence[Token], token: Token) -> bool:
    """Return whether a block may hold commands."""
    before = opened[-1]
    underlined = before.type == "heading_open" and before.markup in _SETEXT
    return token.level == 1 and (underlined or before.type == "paragraph_open")


def _is_table(opened: Sequence[Token], token: Token) -> bool:
    """Return whether a block is the first cell of a table at the top."""
    kinds = [one.type for one in opened]
    return token.level == _CELL and kinds == ["tr_open", "th_open"]


_CELL = 4
"""Within a table, its head and a row."""
_NOTE = re.compile(r"\[\^[^\]\s]+\]:")
"""What begins a footnote on GitHub."""


def _parted(rest: str, *, continued: bool) -> Unclear | None:
    """Say what is wrong with how octobot's name ends: what follows must be a space, and text.

    `continued`: more than the text with which it begins is in the line.
    """
    if rest[:1] not in ("", " "):
        return "glued"
    return "formatted" if continued and not rest.strip() else None


def _split(text: str, unclear: Unclear | None) -> Spoken:
    name, *words = text.split() or [""]
    return Spoken(name.lower(), tuple(words), unclear)


def _visible(text: str) -> str:
    """Return a line without what is not seen, every kind of blank as a space."""
    return _BLANK.sub(" ", _UNSEEN.sub("", text)).strip()


def _text(line: Sequence[Token]) -> str:
    return "".join(child.content for child in line if child.type == "text")


def _head(line: Sequence[Token]) -> str:
    """Return the plain text with which a line begins."""
    return _visible_start("".join(child.content for child in _leading(line)))


def _leading(line: Sequence[Token]) -> Iterator[Token]:
    for child in line:
        if child.type != "text":
            return
        yield child


def _visible_start(text: str) -> str:
    return _BLANK.sub(" ", _UNSEEN.sub("", text)).lstrip()


def _is_whole(line: Sequence[Token], name: str) -> bool:
    """Return whether nothing unseen parts the letters of octobot's name: that disarms it."""
    raw = _BLANK.sub(" ", "".join(child.content for child in _leading(line)))
    return re.sub(rf"^(?: |{_UNSEEN.pattern})+", "", raw).startswith(name)


def _lines(children: Sequence[Token]) -> Iterator[list[Token]]:
    line: list[Token] = []
    for child in children:
        if child.type in ("softbreak", "hardbreak"):
            yield line
            line = []
        else:
            line.append(child)
    yield line


def _is_plain(line: Sequence[Token]) -> bool:
    """Return whether a line is plain text: no link, no image, no strikethrough, nor inside one."""
    return not line[0].level and all(child.type in _SHOWN | _EMPHASIS for child in line)
