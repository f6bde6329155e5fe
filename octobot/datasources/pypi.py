"""PyPI's index API as JSON.  Source: PEP 691, PEP 700 (`versions`) and PEP 592 (yanking).

Files are yanked, not versions: a version counts as yanked when no file of it is left that is not.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime

from octobot.datasources.reading import Json, read_json, read_time
from octobot.datasources.registry import Registry
from octobot.model.release import Release

_NAME = re.compile("[A-Za-z0-9](?:[A-Za-z0-9._-]{0,200}[A-Za-z0-9])?")
_SEPARATORS = re.compile("[-_.+]+")
_ARCHIVES = (".tar.gz", ".zip", ".tar.bz2", ".tar.xz", ".tgz")


def _address(identifier: str) -> str | None:
    if not _NAME.fullmatch(identifier):
        return None
    # PEP 503's normal form saves the redirect.
    return f"https://pypi.org/simple/{re.sub('[-_.]+', '-', identifier).lower()}/"


def _read(_: str, body: bytes) -> Sequence[Release] | None:
    match read_json(body):
        case {"versions": [*versions], "files": [*files]}:
            dates = _dates(files)
            return [
                Release(name, yanked=_key(name) not in dates, published=dates.get(_key(name)))
                for name in versions
                if isinstance(name, str)
            ]
        case _:
            return None


def _dates(files: Sequence[Json]) -> dict[str, datetime | None]:
    """Return the versions with a file that is not yanked, and when it was uploaded."""
    dates: dict[str, datetime | None] = {}
    for file in files:
        match file:
            # `yanked` is true or the reason why; PEP 592 lets even an empty reason yank.
            case {"filename": str(filename), **rest} if rest.get("yanked", False) is False:
                for version in _versions_of(filename):
                    dates.setdefault(version, read_time(rest.get("upload-time")))
            case _:
                pass
    return dates


def _versions_of(filename: str) -> Iterator[str]:
    """Yield what may be the version of a file: old source archives have dashes in their names."""
    if filename.endswith((".whl", ".egg")):
        parts = filename.split("-")
        yield _key(parts[1]) if len(parts) > 1 else ""
        return
    stem = next((filename.removesuffix(end) for end in _ARCHIVES if filename.endswith(end)), "")
    parts = stem.split("-")
    yield from (_key("-".join(parts[at:])) for at in range(1, min(len(parts), 8)))


def _key(version: str) -> str:
    return _SEPARATORS.sub(".", version.lower())


PYPI = Registry(
    name="pypi",
    summary="versions of a Python project on PyPI",
    address=_address,
    read=_read,
    accept="application/vnd.pypi.simple.v1+json",
)
