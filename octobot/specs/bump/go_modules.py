"""Go's order of module versions, and which overrides of a build a new `go.mod` makes needless.

Source of the order: golang.org/x/mod/semver, that is semantic versioning with `v1` and `v1.2`
allowed; `+incompatible` and other build metadata do not count.
"""

import re
from collections.abc import Mapping

_VERSION = re.compile(
    r"v(0|[1-9][0-9]*)(?:\.(0|[1-9][0-9]*)(?:\.(0|[1-9][0-9]*)"
    r"(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+[0-9A-Za-z.-]+)?)?)?"
)
_LONGEST = 200

_Identifier = tuple[int, int, str]
Order = tuple[int, int, int, int, tuple[_Identifier, ...]]


def module_order(version: str) -> Order | None:
    """Return the sort key of a module version; None for `latest`, a branch or a commit."""
    match = _VERSION.fullmatch(version) if len(version) <= _LONGEST else None
    if match is None:
        return None
    major, minor, patch, prerelease = match.groups()
    identifiers = tuple(_identifier(part) for part in prerelease.split(".")) if prerelease else ()
    return int(major), int(minor or 0), int(patch or 0), int(not prerelease), identifiers


def satisfied(dependency: str, gomod: Mapping[str, str]) -> bool:
    """Return whether `module@version` is what `gomod` asks for anyway, or less."""
    module, _, version = dependency.partition("@")
    wanted, given = module_order(version), module_order(gomod.get(module, ""))
    return wanted is not None and given is not None and given >= wanted


def _identifier(text: str) -> _Identifier:
    # Numbers come before words, and compare as numbers.
    return (0, int(text), "") if text.isdigit() else (1, 0, text)
