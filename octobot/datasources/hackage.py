"""Hackage's versions of a package, with those that its maintainers deprecated.

Source: Hackage's API, `GET /package/NAME/preferred.json`.
"""

from collections.abc import Sequence

from octobot.datasources.reading import Json, read_json
from octobot.datasources.registry import Registry, named
from octobot.model.release import Release

_LISTS = ("normal-version", "unpreferred-version", "deprecated-version")


def _read(_: str, body: bytes) -> Sequence[Release] | None:
    lists = read_json(body)
    if not isinstance(lists, dict) or not isinstance(lists.get("normal-version"), list):
        return None
    return [
        Release(name, yanked=key == "deprecated-version")
        for key in _LISTS
        for name in _texts(lists.get(key))
    ]


def _texts(names: Json) -> list[str]:
    listed = names if isinstance(names, list) else []
    return [name for name in listed if isinstance(name, str)]


HACKAGE = Registry(
    name="hackage",
    summary="versions of a package on Hackage; deprecated ones count as yanked",
    address=named(
        "[A-Za-z0-9][A-Za-z0-9-]{0,100}", "https://hackage.haskell.org/package/{}/preferred.json"
    ),
    read=_read,
)
