r"""Versions as apk reads them: the grammar that gates every version, and the order.

melange puts `package.version` into shell text unchecked, and git takes tags such as `v1.0$(id)`:
this grammar is the only gate between a tag's name and a shell (SAFETY.md, rule 5).  It is that of
wolfictl's pkg/versions/validate.go, matched whole and in ASCII: `$` would let a trailing newline
through and `\d` full-width digits.  The order is that of apk-tools' version.c.
"""

import re
from functools import lru_cache

from octobot.model.ids import Version

LONGEST = 128
"""Characters; the longest version of the distro has 28."""

KEYS = 1 << 15
"""Versions of which the keys are kept: more than any upstream has, each asked for many times."""

# Python's own engine, in half the time of RE2's.  No text has two ways to match, so going back is
# short, and the text is: `LONGEST`.  Not possessive: Python before 3.11.5 loses groups with that.
_GRAMMAR = re.compile(
    r"([0-9]+)((?:\.[0-9]+)*)([a-z]?)"
    r"(?:_(alpha|beta|pre|rc)([0-9]*))?(?:_(cvs|svn|git|hg|p)([0-9]*))?(?:-r([0-9]+))?"
)
_SUFFIXES = {
    suffix: rank
    for rank, suffix in enumerate(("alpha", "beta", "pre", "rc", "cvs", "svn", "git", "hg", "p"))
}
# What follows where another version has something else decides: in apk-tools the token with the
# smaller number wins, an ending loses to all but a pre-release suffix.
_PRE, _END, _EPOCH, _SUFFIX_NUMBER, _POST, _LETTER, _NUMBER = range(7)

Order = tuple[tuple[int, ...], ...]
"""A sort key; compare only with other keys of this module."""


def parse(text: str) -> Version | None:
    """Return the version when the whole text is one, without an epoch; None otherwise."""
    groups = _groups(text)
    if groups is None or groups[-1] is not None:
        return None
    return Version(text)


def is_full_version(text: str) -> bool:
    """Return whether the whole text is a version, with an epoch (`1.2.3-r4`) or without."""
    return _groups(text) is not None


@lru_cache(maxsize=KEYS)
def order_key(version: str) -> Order:
    """Return the sort key of a version or full version (`1.2.3-r4`); others are a `ValueError`."""
    groups = _groups(version)
    if groups is None:
        raise ValueError(f"{version!r} is not an apk version")
    first, rest, letter, pre, pre_number, post, post_number, epoch = groups
    tokens: list[tuple[int, ...]] = [(int(first or 0),)]
    tokens += [_component(number) for number in (rest or "").split(".")[1:]]
    if letter:
        tokens.append((_LETTER, ord(letter)))
    for suffix, number, kind in ((pre, pre_number, _PRE), (post, post_number, _POST)):
        if suffix:
            tokens.append((kind, _SUFFIXES[suffix]))
            tokens += [(_SUFFIX_NUMBER, int(number))] if number else []
    if epoch:
        tokens.append((_EPOCH, int(epoch)))
    return (*tokens, (_END,))


def compare(one: str, other: str) -> int:
    """Return a negative number, 0 or a positive one when `one` is older, equal or newer."""
    left, right = order_key(one), order_key(other)
    return (left > right) - (left < right)


def _component(number: str) -> tuple[int, ...]:
    # With a leading zero apk compares as text, so 1.05 < 1.5 and 2024.09 < 2024.10.
    if number.startswith("0"):
        return (_NUMBER, 0, *map(int, number))
    return (_NUMBER, 1, int(number))


@lru_cache(maxsize=KEYS)
def _groups(text: str) -> tuple[str | None, ...] | None:
    if len(text) > LONGEST or not text.isascii():
        return None
    match = _GRAMMAR.fullmatch(text)
    return None if match is None else match.groups()


def is_greater(left: str, right: str) -> bool:
    """Return whether `left` is greater by both tools: apk-tools installs, apko builds images."""
    return _is_greater_for_apk(left, right) and _is_greater_for_apko(left, right)


def disagreement(left: str, right: str) -> str:
    """Say how apk-tools and apko disagree about `left` being greater; empty when they agree.

    A number with a leading zero is a fraction to apk-tools, so 0.027 < 0.5.3, and a whole number to
    apko, so 0.027 > 0.5.3.
    """
    apk, apko = _is_greater_for_apk(left, right), _is_greater_for_apko(left, right)
    if apk == apko:
        return ""
    word = {True: "greater", False: "not greater"}
    return f"{left} is {word[apk]} than {right} to apk-tools and {word[apko]} to apko"


def _is_greater_for_apk(left: str, right: str) -> bool:
    return order_key(left) > order_key(right)


def _is_greater_for_apko(left: str, right: str) -> bool:
    new, old = _apko_key(left), _apko_key(right)
    return new is not None and (old is None or new > old)


_APKO_LARGEST = 2**63 - 1
_NO_PRERELEASE = 1000


@lru_cache(maxsize=KEYS)
def _apko_key(version: str) -> tuple[tuple[int, ...], str, tuple[int, ...]] | None:
    """Return apko's sort key; None for a version with a number that apko cannot hold.

    Source: chainguard-dev/apko, pkg/apk/apk/version.go, CompareVersions.
    """
    groups = _groups(version)
    if groups is None:
        raise ValueError(f"{version!r} is not an apk version")
    first, rest, letter, pre, pre_number, post, post_number, epoch = groups
    numbers = tuple(int(number) for number in f"{first}{rest or ''}".split("."))
    suffixes = (
        _SUFFIXES[pre] if pre else _NO_PRERELEASE,
        int(pre_number or 0),
        _SUFFIXES[post] if post else -1,
        int(post_number or 0),
        int(epoch or 0),
    )
    return None if max(*numbers, *suffixes) > _APKO_LARGEST else (numbers, letter or "", suffixes)
