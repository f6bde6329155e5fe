"""The order of apk versions, as the CI checks it: independent of the bot's own, on purpose.

A check that shares code with what it checks shares its mistakes.  Source: apk-tools
doc/apk-package.5.scd, section on versions.
"""

import re
from functools import cmp_to_key

_GRAMMAR = re.compile(
    r"(?P<numbers>[0-9]+(?:\.[0-9]+)*)(?P<letter>[a-z]?)"
    r"(?P<suffixes>(?:_(?:alpha|beta|pre|rc|cvs|svn|git|hg|p)[0-9]*)*)(?:~[0-9a-f]+)?"
)
_SUFFIX = re.compile(r"_([a-z]+)([0-9]*)")
_WEIGHT = {"alpha": -4, "beta": -3, "pre": -2, "rc": -1, "cvs": 1, "svn": 2, "git": 3, "hg": 4}
_WEIGHT["p"] = 5

Key = tuple[tuple[tuple[int, str], ...], str, tuple[tuple[int, int], ...]]


def key(version: str) -> Key | None:
    """Parse a version so that `compare` can order it; None outside the grammar."""
    match = _GRAMMAR.fullmatch(version)
    if match is None:
        return None
    first, *rest = match["numbers"].split(".")
    numbers = ((int(first), ""), *((int(part), _fraction(part)) for part in rest))
    suffixes = tuple(
        (_WEIGHT[name], int(number or 0)) for name, number in _SUFFIX.findall(match["suffixes"])
    )
    return numbers, match["letter"], suffixes


def _fraction(part: str) -> str:
    """A later number that begins with 0 counts as a fraction: `1.05` is less than `1.5`."""
    return part if len(part) > 1 and part.startswith("0") else ""


def compare(one: Key, other: Key) -> int:
    """Return a negative number when `one` is the older version, 0 when equal, else a positive."""
    for (left, left_text), (right, right_text) in zip(one[0], other[0], strict=False):
        if left_text or right_text:
            ones, others = left_text or str(left), right_text or str(right)
            if ones != others:
                return -1 if ones < others else 1
        elif left != right:
            return left - right
    if len(one[0]) != len(other[0]):
        return len(one[0]) - len(other[0])
    if one[1] != other[1]:
        return -1 if one[1] < other[1] else 1
    return _compare_suffixes(one[2], other[2])


def _compare_suffixes(one: tuple[tuple[int, int], ...], other: tuple[tuple[int, int], ...]) -> int:
    """No suffix lies between `_rc` and `_cvs`, that is at weight 0."""
    longest = max(len(one), len(other))
    ones = one + ((0, 0),) * (longest - len(one))
    others = other + ((0, 0),) * (longest - len(other))
    return (ones > others) - (ones < others)


order = cmp_to_key(compare)
"""For `sorted` and comparisons of keys."""
