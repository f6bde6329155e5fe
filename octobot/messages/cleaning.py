"""Remove what octobot never posts: characters that cannot be seen, or that reorder others.

Controls, bidirectional marks, zero-width and tag characters, variation selectors and blank
letters are channels that a reader cannot see; terminals obey some of them.
"""

import unicodedata

_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
"""Letters and marks that show nothing, in none of the categories below."""

_UNSEEN = frozenset({"Cc", "Cf", "Cn", "Co", "Cs"})
"""Unicode's general categories: control, format, unassigned, private, surrogate."""


def clean(text: str) -> str:
    """Drop every unseen character but line ends; tabs and odd spaces become spaces."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(map(_visible, text.replace("\r\n", "\n").replace("\r", "\n")))


def one_line(text: str) -> str:
    """Clean a text and join its lines and runs of spaces into single spaces."""
    return " ".join(clean(text).split())


def cut(text: str, limit: int) -> str:
    """Shorten to at most `limit` characters, the last of which then shows the cut."""
    return text if len(text) <= limit else text[: max(limit - 1, 0)].rstrip() + "…"


def _visible(char: str) -> str:
    if char in {"\n", "\t"} or " " <= char <= "~":
        return " " if char == "\t" else char
    category = unicodedata.category(char)
    if category in _UNSEEN or char in _BLANK or _selects_variation(char):
        return ""
    if category == "Zs":
        return " "
    return "\n" if category in {"Zl", "Zp"} else char


def _selects_variation(char: str) -> bool:
    return (
        "\ufe00" <= char <= "\ufe0f"
        or "\u180b" <= char <= "\u180f"
        or "\U000e0100" <= char <= "\U000e01ef"
    )
