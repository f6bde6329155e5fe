"""Split a log into lines, without timestamps and escapes, each with its mark of the runner.

GitHub's runner writes `TIMESTAMP ##[error]text`, melange writes `TIMESTAMP LEVEL text` where every
line that a build step printed to its error stream is a `WARN`, so that level alone says nothing.
"""

import re
import unicodedata
from dataclasses import dataclass
from enum import Enum

LIMIT = 2 << 20
"""Characters of a log that are read: its last ones."""

_ESCAPES = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # colours and cursor moves
    r"|\x1b\][^\x07\x1b\n]*(?:\x07|\x1b\\)?"  # titles and links
    r"|\x1b[@-Z\\-_]"
)
_JOB = re.compile(r"[\w ./()+-]{1,80}\t[^\t\n]{1,120}\t")
"""The job and step that `gh run view --log` puts before each line."""

_STAMP = re.compile(
    r"\ufeff?[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?Z(?: |$)"
)
_MELANGE = re.compile(
    r"(?:[0-9]{4}/[0-9]{2}/[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2} )?"
    r"(DEBU|INFO|WARN|ERRO|FATA)(?: |$)"
    r"|[0-9]{4}/[0-9]{2}/[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2} (DEBUG|WARNING|ERROR|FATAL)(?: |$)"
)
"""melange's level; the long words only behind its timestamp, for builds print those too."""

_MELANGE_ARCH = re.compile(r"(?:\[?(?:x86_64|aarch64)\]?[ ]*\|?[ ]+)?")
_COMMAND = re.compile(r"##\[([a-z-]{1,20})\]")


class Mark(Enum):
    """The runner's, not the build's, mark of a line."""

    NONE = ""
    GROUP = "group"
    """A step, or a foldable part of one, begins."""
    END = "endgroup"
    ERROR = "error"
    """The step failed, or the tool that ran the build gave up."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the log."""

    number: int
    text: str
    mark: Mark
    stamped: bool
    """True when the runner or melange put a mark or a level before it."""


def unescape(log: str) -> tuple[str, int]:
    """Return the last `LIMIT` characters of a log, only text, and the number of lines cut.

    This comes before the redaction: an escape or an unseen character inside a secret would hide
    it from the patterns and fall out later.
    """
    cut = len(log) - LIMIT
    start = log.find("\n", cut) + 1 if cut > 0 else 0
    text = _ESCAPES.sub("", log[start:])
    text = text.replace("\r\n", "\n")
    if not text.isascii() or not text.replace("\n", "").isprintable():
        text = "".join(char for char in text if _is_text(char))
    return text, log.count("\n", 0, start)


def _is_text(char: str) -> bool:
    return char in "\n\t\r" or unicodedata.category(char) not in {"Cc", "Cf", "Cn", "Co", "Cs"}


def split(text: str, first: int = 1) -> tuple[Line, ...]:
    """Split a stripped log into lines; a progress bar's line is what it showed last."""
    return tuple(
        _line(number, raw.rstrip("\r").rpartition("\r")[2])
        for number, raw in enumerate(text.split("\n"), first)
    )


def _line(number: int, raw: str) -> Line:
    text = raw
    for prefix in (_JOB, _STAMP):
        found = prefix.match(text)
        text = text[found.end() :] if found else text
    if command := _COMMAND.match(text):
        known = {mark.value: mark for mark in Mark if mark.value}
        mark = known.get(command[1], Mark.NONE)
        return Line(number, text[command.end() :], mark, stamped=True)
    level = _MELANGE.match(text)
    if level is None:
        return Line(number, text, Mark.NONE, stamped=False)
    words = text[level.end() :]
    arch = _MELANGE_ARCH.match(words)
    failed = (level[1] or level[2]) in {"ERRO", "FATA", "ERROR", "FATAL"}
    mark = Mark.ERROR if failed else Mark.NONE
    return Line(number, words[arch.end() :] if arch else words, mark, stamped=True)
