"""The one outlet: how untrusted text enters what octobot posts.

Tag names, spec fields, log lines and people's words are untrusted.  GitHub reads Markdown first and
then looks for mentions, issue references, commits and addresses in what is left, so a backslash
alone does not stop `@team`, and neither does `&#64;team`, which decodes to it.  Therefore:

* entities are decoded first, again and again, and unseen characters dropped, until nothing changes;
* a word that GitHub would turn into something is put into a code span, where GitHub leaves text
  alone and people can still copy it;
* where a word cannot (a backtick, a bar or `]:` in it), a zero-width space parts it: the trick that
  other bots use, because it survives every later stage;
* everything else that means something in Markdown gets a backslash;
* longer text is put into a fence longer than any run of backticks in it.

Links, images, mentions and HTML exist only where octobot's own words make them, of validated
pieces.
"""

import re
from html import unescape
from typing import Literal
from urllib.parse import quote

from octobot.messages.cleaning import clean, cut, one_line

LIMIT = 60_000
"""Characters of any text that is posted; GitHub takes 65,536."""

Language = Literal["", "diff", "text", "yaml"]
"""What a fence may be marked as: never `suggestion`, nor what GitHub draws."""

_GATE = "\u200b"
"""A zero-width space; Markdown gets it as an entity, so that an editor shows it."""

_DOLLAR = "\N{FULLWIDTH DOLLAR SIGN}"
"""No escape keeps two dollar signs from enclosing mathematics on GitHub; this one looks alike."""

_MAGIC = re.compile(
    r"""[@#$]                       # mentions, issues, mathematics
    | :/ | (?:mailto|xmpp|www)[:.]  # addresses
    | \bGH-[0-9]                    # issues, the old way
    | \b[0-9a-f]{7,64}\b            # commits
    """,
    re.VERBOSE | re.IGNORECASE,
)

_REFERENCE = re.compile(r"[@#]|:(?=/)|(?:mailto|xmpp|www)(?=[:.])|\bGH(?=-)", re.IGNORECASE)
"""After each of these a zero-width space is put in a word that cannot be a code span."""

_COMMIT = re.compile(r"\b[0-9a-f]{7,}\b", re.IGNORECASE)
"""Parted every six digits there: GitHub links seven."""

_MARKDOWN = re.compile(r"[\\`*_\[\]<>#!|~&:]")
_NUMBERED = re.compile(r"([0-9]{1,9})([.)])")
_CORE = re.compile(r"""([(\['"<]*)(.*?)([.,;:!?)\]'">]*)""", re.DOTALL)

_QUOTED = re.compile(r"""([("']*)(.*?)([.,:;?)"']*)""", re.DOTALL)
"""What may stay around a code span as it is: nothing there means anything in Markdown."""

_CLOCK = re.compile(r"[0-9]{2}:[0-9]{2}")
"""A time of day: its one colon draws no emoji."""


def inert(text: str, *, limit: int = 500) -> str:
    """Write untrusted text inside a line of Markdown, as plain words; at most `limit` characters.

    The escaped result is longer than `limit`; it is one line, safe at a line's start, inside a
    table's cell, a list or emphasis.
    """
    words = cut(one_line(_decoded(text[: limit * 20 + 1000])), limit).split(" ")
    line = " ".join(map(_word, words))
    if line[:1] in {"-", "+", "="}:
        return "\\" + line
    return _NUMBERED.sub(r"\1\\\2", line, count=1) if _NUMBERED.match(line) else line


def legible(text: str, *, limit: int = 500) -> str:
    """Write untrusted text as `inert` does, for readers of the raw text: without a backslash.

    A word with anything that Markdown reads is a code span; where it cannot be one, each such
    character is an entity, which Markdown shows and never obeys.
    """
    words = cut(one_line(_decoded(text[: limit * 20 + 1000])), limit).split(" ")
    line = " ".join(map(_legible_word, words))
    if line[:1] in {"-", "+", "="}:
        return _entity(line[0]) + line[1:]
    numbered = _NUMBERED.match(line)
    return f"{numbered[1]}{_entity(numbered[2])}{line[numbered.end() :]}" if numbered else line


def code(text: str, *, limit: int = 200) -> str:
    """Write untrusted text as a code span, or inert where it holds a backtick, a bar or `]:`."""
    line = cut(one_line(text[: limit * 20 + 1000]), limit)
    return f"`{line}`" if line and not _breaks_code(line) else inert(line, limit=limit)


def fenced(text: str, language: Language = "", *, limit: int = 20_000) -> str:
    """Write untrusted text as a code block; what lies beyond `limit` is cut, and the cut shown."""
    body = cut(clean(text[: limit + 1]).strip("\n"), limit)
    longest = max((len(run) for run in re.findall("`+", body)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{body}\n{fence}"


def plain(text: str, *, limit: int = 200) -> str:
    """Write untrusted text where only references are read: titles, commit messages."""
    line = cut(one_line(_decoded(text[: limit * 20 + 1000])), limit)
    return _REFERENCE.sub(lambda found: found[0] + _GATE, line)


def link(words: str, base: str, *path: str) -> str:
    """Return a link: `base` is trusted, each piece of `path` is percent-encoded.

    `words` come from here.  A path that a browser would shorten (`..`, encoded or not) leads
    elsewhere, so its words are there without a link.
    """
    if not {"", ".", ".."}.isdisjoint(path):
        return words
    pieces = (quote(piece, safe="+:@,~", errors="surrogatepass") for piece in path)
    return f"[{words or '…'}]({'/'.join([base, *pieces])})"


def joined(*sections: str) -> str:
    """Put sections together, and leave out whole ones at the end rather than exceed `LIMIT`."""
    note = "_The rest was too long to be shown here._"
    text = ""
    for section in filter(None, sections):
        longer = f"{text}\n\n{section}" if text else section
        if len(longer) + len(note) + 3 > LIMIT:
            return f"{text}\n\n{note}\n" if text else f"{note}\n"
        text = longer
    return text + "\n"


def _decoded(text: str) -> str:
    """Decode entities and drop unseen characters until neither uncovers the other."""
    for _ in range(8):
        once = clean(unescape(text))
        if once == text:
            break
        text = once
    return text


def _word(word: str) -> str:
    if not _MAGIC.search(word):
        return _escaped(word)
    whole = _CORE.fullmatch(word)
    before, core, after = whole.groups() if whole else ("", word, "")
    if not core or _breaks_code(core):
        return _escaped(word)
    return f"{_escaped(before)}`{core}`{_escaped(after)}"


def _legible_word(word: str) -> str:
    whole = _QUOTED.fullmatch(word)
    before, core, after = whole.groups() if whole else ("", word, "")
    if not (_MAGIC.search(word) or _MARKDOWN.search(core)) or _CLOCK.fullmatch(core):
        return word
    if not core or _breaks_code(core):
        return _entities(word)
    return f"{before}`{core}`{after}"


def _entities(text: str) -> str:
    marked = _MARKDOWN.sub(lambda found: _entity(found[0]), _parted(text).replace("$", _DOLLAR))
    return marked.replace(_GATE, "&#8203;")


def _parted(text: str) -> str:
    """Part what GitHub would turn into a reference by zero-width spaces."""
    text = _COMMIT.sub(lambda found: _GATE.join(re.findall("..?.?.?.?.?", found[0])), text)
    return _REFERENCE.sub(lambda found: found[0] + _GATE, text)


def _entity(character: str) -> str:
    return f"&#{ord(character)};"


def _breaks_code(text: str) -> bool:
    """Return whether a text cannot be a code span: what Markdown reads before it reads code spans.

    Bars part a table's cells, and `[` with a later `]:` defines a link, also across a code span:
    with `]:` in its words our own link at a line's start would be such a definition, and gone.
    """
    return "`" in text or "|" in text or "]:" in text


def _escaped(text: str) -> str:
    text = _MARKDOWN.sub(r"\\\g<0>", _parted(text))
    return text.replace("$", _DOLLAR).replace(_GATE, "&#8203;")
