"""Reading JSON into types: the one place where a value from outside loses its `Any`.

Errors name the path of a wrong value and never the value, which may be foreign or secret.
"""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta

from octobot.model.errors import TryLater
from octobot.model.ids import Sha

_SHA = re.compile(r"[0-9a-f]{40}")


class Unexpected(TryLater):
    """JSON of another shape than GitHub documents; nothing is concluded from it."""

    def __init__(self, where: str, wanted: str) -> None:
        super().__init__(f"GitHub's JSON has no {wanted} at {where}", after=timedelta(minutes=5))


def at(value: object, *path: str) -> object:
    """Follow keys into nested objects; None where one is missing or null on the way."""
    for key in path:
        if not isinstance(value, Mapping):
            return None
        value = value.get(key)
    return value


def text(value: object, *path: str) -> str:
    """Read a string; anything else is `Unexpected`."""
    found = at(value, *path)
    if not isinstance(found, str):
        raise Unexpected(".".join(path), "string")
    return found


def number(value: object, *path: str) -> int:
    """Read an integer; anything else, a boolean too, is `Unexpected`."""
    found = at(value, *path)
    if not isinstance(found, int) or isinstance(found, bool):
        raise Unexpected(".".join(path), "integer")
    return found


def maybe_number(value: object, *path: str) -> int | None:
    """Read an integer, or None where it is missing or null."""
    return None if at(value, *path) is None else number(value, *path)


def sha(value: object, *path: str) -> Sha:
    """Read a git object id; anything else is `Unexpected`."""
    found = text(value, *path)
    if not _SHA.fullmatch(found):
        raise Unexpected(".".join(path), "object id")
    return Sha(found)


def moment(value: object, *path: str) -> datetime:
    """Read a time in ISO 8601; anything else is `Unexpected`."""
    try:
        return datetime.fromisoformat(text(value, *path))
    except ValueError:
        raise Unexpected(".".join(path), "time") from None


def items(value: object, *path: str) -> list[object]:
    """Read a list; anything else is `Unexpected`."""
    found = at(value, *path)
    if not isinstance(found, list):
        raise Unexpected(".".join(path), "list")
    return found


def texts(value: object, *path: str) -> dict[str, str]:
    """Read an object whose values are strings; other values are left out."""
    found = at(value, *path)
    if not isinstance(found, Mapping):
        raise Unexpected(".".join(path), "object")
    return {str(key): item for key, item in found.items() if isinstance(item, str)}
