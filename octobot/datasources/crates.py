"""crates.io's sparse index: one JSON object a line.  Source: the Cargo Book, registry index."""

import re
from collections.abc import Sequence

from octobot.datasources.reading import read_json, read_time
from octobot.datasources.registry import Registry
from octobot.model.release import Release

_NAME = re.compile("[A-Za-z][A-Za-z0-9_-]{0,63}")
_WHOLE_FOLDER = 3
"""Names up to this length have a folder of their length."""


def _address(identifier: str) -> str | None:
    if not _NAME.fullmatch(identifier):
        return None
    name = identifier.lower()
    match len(name):
        case 1 | 2 as size:
            folder = str(size)
        case size if size == _WHOLE_FOLDER:
            folder = f"{size}/{name[0]}"
        case _:
            folder = f"{name[:2]}/{name[2:4]}"
    return f"https://index.crates.io/{folder}/{name}"


def _read(_: str, body: bytes) -> Sequence[Release] | None:
    found: list[Release] = []
    for line in body.splitlines():
        match read_json(line):
            case {"vers": str(name), "yanked": bool(yanked), **rest}:
                # Semantic versioning: a hyphen begins a pre-release, before any build metadata.
                early = "-" in name.partition("+")[0]
                moment = read_time(rest.get("pubtime"))
                found.append(Release(name, prerelease=early, yanked=yanked, published=moment))
            case _:
                return None
    return found


CRATES = Registry(
    name="crate",
    summary="versions of a crate on crates.io",
    address=_address,
    read=_read,
    accept="text/plain",
)
