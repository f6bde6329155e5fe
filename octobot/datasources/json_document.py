"""Versions in any JSON document, found by a pointer: RFC 6901, with `*` for every member.

At the pointer's end a text is a name; of a list the texts are names, of an object the keys.
"""

import re
from collections.abc import Iterator, Sequence

from octobot.datasources.anywhere import address, split
from octobot.datasources.reading import Json, read_json
from octobot.datasources.registry import Registry
from octobot.model.release import Release

_INDEX = re.compile("0|[1-9][0-9]{0,5}")
_MOST_STEPS = 16


def _is_pointer(what: str) -> bool:
    return what.startswith("/") and what.count("/") <= _MOST_STEPS


def _read(identifier: str, body: bytes) -> Sequence[Release] | None:
    pointer = split(identifier)[1]
    steps = [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]
    # Nothing at the pointer: the document is not the one that was meant.
    return [Release(name) for name in _at(read_json(body), steps)] or None


def _at(value: Json, steps: Sequence[str]) -> Iterator[str]:
    if not steps:
        yield from _names(value)
        return
    step, rest = steps[0], steps[1:]
    match value:
        case dict() if step == "*":
            members = list(value.values())
        case list() if step == "*":
            members = value
        case dict() if step in value:
            members = [value[step]]
        case list() if _INDEX.fullmatch(step) and int(step) < len(value):
            members = [value[int(step)]]
        case _:
            members = []
    for member in members:
        yield from _at(member, rest)


def _names(value: Json) -> Iterator[str]:
    match value:
        case str():
            yield value
        case list():
            yield from (name for name in value if isinstance(name, str))
        case dict():
            yield from value
        case _:
            pass


JSON = Registry(
    name="json",
    summary="texts or keys in a JSON document; `URL POINTER`, in which `*` is every member",
    address=address(_is_pointer),
    read=_read,
    batch=1,
)
