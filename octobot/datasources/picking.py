"""Find a version in a text, by a pattern in RE2's syntax as in specs."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import re2

_LONGEST_PATTERN = 1024
_LONGEST_TEXT = 1024


@dataclass(frozen=True, slots=True)
class Pick:
    """A compiled pattern."""

    compiled: Any
    """RE2's object; it ships no types."""

    def of(self, text: str) -> str | None:
        """Return the first group, or without groups the whole match; None where nothing matches."""
        if len(text) > _LONGEST_TEXT:
            return None
        match = self.compiled.search(text)
        if match is None:
            return None
        found: str | None = match.group(1 if self.compiled.groups else 0)
        return found or None


@lru_cache(maxsize=1024)
def compile_pick(pattern: str) -> Pick | None:
    """Compile one pattern; None for what is not RE2, or longer than 1 kB."""
    if len(pattern) > _LONGEST_PATTERN:
        return None
    options = re2.Options()
    options.max_mem = 1 << 20
    options.log_errors = False
    try:
        return Pick(re2.compile(pattern, options))
    except (re2.error, UnicodeEncodeError):
        return None


def is_pick(pattern: str) -> bool:
    """Return whether this is a valid pattern."""
    return bool(pattern) and compile_pick(pattern) is not None
