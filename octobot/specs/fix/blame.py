"""Which of several specs a failed check was building, as its log and its name tell.

A log that builds several says so before each: `melange build NAME.yaml`, `melange version …
building NAME`, `make package/NAME`.  What stands above the decisive line, nearest to it, is what
failed.  Packages that are merely installed are named as well, so no other line counts.
"""

import re
from collections.abc import Collection

_BUILDS = re.compile(r"\bbuild(?:ing)?\b|\bpackage/", re.IGNORECASE)
_TOKEN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]*")
_LONGEST = 2_000
"""Characters of a line that are read: a command line, not a file in one line."""


def blamed(check: str, log: str, line: int | None, packages: Collection[str]) -> str | None:
    """Name the package whose build failed; None when that is not told.

    `line` is the decisive line's number, counted from 1; None: the log's end.
    """
    lines = log.split("\n")
    above = lines[: len(lines) if line is None else line]
    for text in reversed(above):
        named = _named(text[:_LONGEST], packages) if _BUILDS.search(text[:_LONGEST]) else set()
        if len(named) == 1:
            return named.pop()
    named = _named(check, packages)
    return named.pop() if len(named) == 1 else None


def _named(text: str, packages: Collection[str]) -> set[str]:
    words = {word.rstrip(".").removesuffix(".yaml") for word in _TOKEN.findall(text)}
    return words.intersection(packages)
