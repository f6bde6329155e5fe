"""Text on a terminal or in a log line: nothing untrusted moves a cursor or hides a word.

Callers that draw with rich pass the result as `Text`, not as its markup.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC
from itertools import zip_longest
from textwrap import wrap

from octobot.messages.cleaning import cut, one_line
from octobot.model.orders import Act

_ESCAPES = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[@-Z\\-_]")


_GAP, _NARROWEST = "  ", 8


def inert(text: str, *, limit: int = 500) -> str:
    """Write untrusted text as one line of visible characters, at most `limit` of them."""
    return cut(one_line(_ESCAPES.sub("", text[: limit * 20 + 1000])), limit)


def columns(rows: Sequence[Sequence[str]], width: int | None = None) -> Iterator[tuple[int, str]]:
    """Yield the lines of a table, each with its row's number; the cells are one line each.

    With a `width` the widest columns are narrowed until a line has at most so many characters, and
    cells are folded: half a name cannot be copied.  No column gets narrower than `_NARROWEST`.
    """
    widths = [max(map(len, cells)) for cells in zip(*rows, strict=True)]
    while width and sum(widths) + len(_GAP) * (len(widths) - 1) > width:
        if max(widths) <= _NARROWEST:
            break
        widths[widths.index(max(widths))] -= 1
    for number, cells in enumerate(rows):
        folded = [_folded(cell, most) for cell, most in zip(cells, widths, strict=True)]
        for parts in zip_longest(*folded, fillvalue=""):
            padded = (part.ljust(most) for part, most in zip(parts, widths, strict=True))
            yield number, _GAP.join(padded).rstrip()


def _folded(cell: str, width: int) -> Sequence[str]:
    return (cell,) if len(cell) <= width else wrap(cell, width, break_on_hyphens=False)


def line(act: Act, where: str) -> str:
    """Write a line of the audit log: when, where, who, as what, what, its outcome; not inert."""
    about = f" [{act.package}]" if act.package else ""
    head = f" at {act.head[:12]}" if act.head else ""
    return (
        f"{act.at.astimezone(UTC):%Y-%m-%d %H:%M:%S} {where}#{act.thread} {act.person.login}"
        f" ({act.level}): /octobot {act.command} {act.words}".rstrip()
        + f"{about}{head}: {act.outcome}"
    )
