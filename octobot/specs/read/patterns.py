r"""Go's regular expressions: compiled by RE2, replaced by Go's rules.

The patterns in specs are user input in Go's dialect, which is RE2's; a back-tracking engine takes
21 s on `^(\d+\.?)+$` with 28 digits.  Replacement templates are Go's as well: `$1_beta` reads the
group *named* `1_beta` and results in an empty text, and real specs rely on it (regexp.Expand).
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import re2

LONGEST_PATTERN = 1024
"""Bytes of a pattern or template; the longest of the distro has 96."""
LONGEST_INPUT = 256
"""Bytes of a text that a pattern is tried on."""
_BYTES = 4
"""Of a character, at most."""
_MEMORY = 1 << 20


@dataclass(frozen=True, slots=True)
class Pattern:
    """A compiled pattern."""

    text: str
    compiled: Any
    """RE2's object; it ships no types."""

    def found_in(self, text: str) -> bool:
        """Return whether the pattern matches anywhere in `text`."""
        # Of bytes RE2's wrapper does not count where the characters of a match are.
        return self.compiled.search(text.encode()) is not None

    def replace_all(self, text: str, template: str) -> str:
        """Return what Go's `ReplaceAllString(text, template)` returns."""
        done: list[str] = []
        position = copied = 0
        while position <= len(text):
            match = self.compiled.search(text, position)
            if match is None:
                break
            start, end = match.span()
            done.append(text[copied:start])
            # An empty match right after the last one would be a second replacement of it.
            if end > copied or start == 0:
                done.append(_expand(template, match, self.compiled.groupindex))
            copied = end
            position = max(end, position + 1)
        return "".join((*done, text[copied:]))


@dataclass(frozen=True, slots=True)
class BadPattern:
    """Why a pattern is not used."""

    text: str
    because: str


@lru_cache(maxsize=4096)
def compile_pattern(text: str) -> Pattern | BadPattern:
    """Compile one pattern; look-around, back-references and over 1 kB are a `BadPattern`."""
    if len(text.encode(errors="replace")) > LONGEST_PATTERN:
        return BadPattern(text, f"the pattern is longer than {LONGEST_PATTERN} bytes")
    options = re2.Options()
    options.max_mem = _MEMORY
    options.log_errors = False
    try:
        return Pattern(text, re2.compile(text, options))
    except (re2.error, UnicodeEncodeError) as error:
        message = error.args[0] if error.args else ""
        return BadPattern(text, message.decode() if isinstance(message, bytes) else str(error))


def unknown_groups(pattern: Pattern, template: str) -> tuple[str, ...]:
    """Return the groups that a replacement names and its pattern lacks: they become empty."""
    named, unknown = pattern.compiled.groupindex, []
    while "$" in template:
        template = template.partition("$")[2]
        if template.startswith("$"):
            template = template[1:]
            continue
        name, template = _name(template)
        number = int(name[:9]) if _is_number(name) else None
        known = name in named if number is None else number <= pattern.compiled.groups
        unknown += [name] if name and not known else []
    return tuple(unknown)


def fits(text: str) -> bool:
    """Return whether `text` is short enough, and encodable, to be tried."""
    if len(text) <= LONGEST_INPUT // _BYTES:
        return True
    return len(text) <= LONGEST_INPUT and len(text.encode(errors="replace")) <= LONGEST_INPUT


def _expand(template: str, match: Any, named: dict[str, int]) -> str:  # noqa: ANN401  (RE2's match)
    done: list[str] = []
    while True:
        before, dollar, template = template.partition("$")
        done.append(before)
        if not dollar:
            return "".join(done)
        if template.startswith("$"):
            done.append("$")
            template = template[1:]
            continue
        name, rest = _name(template)
        if name:
            done.append(_group(match, name, named))
            template = rest
        else:
            done.append("$")


def _name(template: str) -> tuple[str, str]:
    """Split the name off a template that follows `$`; the name is empty when there is no name."""
    brace = template.startswith("{")
    text = template[1:] if brace else template
    size = next((i for i, c in enumerate(text) if not (c.isalnum() or c == "_")), len(text))
    if brace and text[size : size + 1] != "}":
        return "", template
    return text[:size], text[size + 1 if brace else size :]


def _group(match: Any, name: str, named: dict[str, int]) -> str:  # noqa: ANN401  (RE2's match)
    if _is_number(name):
        number = int(name[:9])
        return (match.group(number) or "") if number <= len(match.groups()) else ""
    return (match.group(named[name]) or "") if name in named else ""


def _is_number(name: str) -> bool:
    return name.isascii() and name.isdigit() and (name == "0" or name[0] != "0")
