"""Mask what varies in lines, so that similar ones count as one.

Masking replaces numbers, digests and temporary paths.  Drain groups masked lines that differ in
some words.  A count of 0 stays: `0 failed` and `3 failed` are not alike.
"""

import hashlib
import re
from collections.abc import Callable, Iterable, Sequence

from octobot.triage.log.drain import Drain

_VARIABLE = re.compile(
    r"/(?:tmp|var/tmp|home/build/\.cache)/[^\s:'\"]*"
    r"|\b0x[0-9a-fA-F]+\b"
    r"|\b(?=[0-9a-f]*[0-9])[0-9a-f]{7,128}\b"
    r"|(?<![0-9.])(?!0(?![0-9.]))[0-9]+(?:[.:][0-9]+)*"
)
"""Linear: no two repetitions meet over the same characters."""

_LONGEST = 400
"""Characters of a line that make its template."""

_UNIQUE = 20_000
"""Templates of a successful log that are remembered; no honest log has more."""

_KINDS, _QUESTIONS = 200, 2000
"""Kinds of lines that are learnt, and how often they are compared: Drain compares each with many,
and an honest log needs a tenth of this."""

_ALIKE, _SAME = 0.6, 0.75
"""The share of common words with which two lines count as one, or as seen before."""


def mask(text: str) -> str:
    """Return a line without what differs from run to run."""
    return " ".join(_VARIABLE.sub("#", text[:_LONGEST]).split())


class Clusters:
    """Groups lines that are alike as they come."""

    def __init__(self) -> None:
        # By the number of words alone, as compilers put a file's name first.
        self._drain = Drain(alike=_ALIKE, leading=0)

    def of(self, text: str) -> int:
        """Return the number of a line's group; a new one for a new kind."""
        return self._drain.add(mask(text))


class Baseline:
    """What a job prints when it succeeds, so that none of it can be the cause of a failure."""

    def __init__(self, lines: Iterable[str] = (), weighs: Callable[[str], bool] = bool) -> None:
        """Learn the lines; those with a weight also as a kind of line."""
        self._exact: set[str] = set()
        self._drain = Drain(alike=_SAME, leading=1)
        self._learnt, self._asked = 0, 0
        for line in lines:
            masked = mask(line)
            if masked and masked not in self._exact and len(self._exact) < _UNIQUE:
                self._exact.add(masked)
                if self._learnt < _KINDS and weighs(line):
                    self._learnt += 1
                    self._drain.add(masked)

    def __bool__(self) -> bool:
        return bool(self._exact)

    def has(self, text: str, *, exactly: bool) -> bool:
        """Return whether a successful run printed this line, or (not exactly) one of its kind."""
        if not self._exact:
            return False
        masked = mask(text)
        if masked in self._exact:
            return True
        if exactly or self._asked >= _QUESTIONS:
            return False
        self._asked += 1
        return self._drain.has(masked)


def fingerprint(kind: str, step: str, cause: str, others: Sequence[str]) -> str:
    """Digest what is the same in another run of the same failure; the order of lines is not."""
    parts = [kind, mask(step), mask(cause), *sorted({mask(other) for other in others})]
    return hashlib.sha256("\n".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]
