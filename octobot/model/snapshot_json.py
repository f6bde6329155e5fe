"""Nouns of the model as JSON and back, by their declared types: the form of `octobot policy try`.

The types are the one description of the form, so a field that is added to a noun is in the form
too.  Reading is strict: every field must be there, unknown ones are refused, and nothing has a
default, because a fact that was left out must not count as a good one.
"""

import re
import types
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import datetime, timedelta
from difflib import get_close_matches
from enum import Enum
from functools import cache
from typing import Any, Literal, NewType, Union, get_args, get_origin, get_type_hints

from octobot.model.ids import Sha

_SHA = re.compile("[0-9a-f]{40}")
_DURATION = re.compile("([0-9]{1,9})([smhd])")
_MANY = 12
"""Of more words than these only the likely ones are told."""
_UNLIKE = -1_000
"""Less than any number of wrong names makes an object unlike a noun."""
_UNITS = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}


def to_json(value: object) -> object:
    """Give a noun as JSON: objects, lists, texts, numbers, truths and null."""
    if is_dataclass(value):
        return {each.name: to_json(getattr(value, each.name)) for each in fields(value)}
    match value:
        case Enum():
            return value.value
        case datetime():
            return value.isoformat()
        case timedelta():
            return _duration(value)
        case tuple() | frozenset():
            items = [to_json(each) for each in value]
            return sorted(items, key=str) if isinstance(value, frozenset) else items
        case _:
            return value


def _duration(value: timedelta) -> str:
    seconds = int(value.total_seconds())
    unit = next(unit for unit, size in _UNITS.items() if seconds % size == 0)
    return f"{seconds // _UNITS[unit]}{unit}"


@dataclass(slots=True)
class Reading:
    """One JSON text being read as nouns; what does not fit is noted with its place."""

    faults: list[str] = field(default_factory=list)

    def value(self, kind: Any, data: object, path: str = "$") -> Any:  # noqa: ANN401 (a parser: any type in, a value of it out)
        """Read `data` as a `kind`; None, and a fault noted, where it does not fit."""
        if kind is Sha:
            return self._fitting(_SHA, data, path, "a git object id: 40 hexadecimal digits")
        if isinstance(kind, NewType):
            return self.value(kind.__supertype__, data, path)
        by_origin = {
            Union: self._one_of,
            types.UnionType: self._one_of,
            Literal: self._literal,
            tuple: self._several,
            frozenset: self._several,
        }
        plain = self._noun if is_dataclass(kind) else self._scalar
        return by_origin.get(get_origin(kind), plain)(kind, data, path)

    def _scalar(self, kind: Any, data: object, path: str) -> Any:  # noqa: ANN401 (see value)
        if issubclass(kind, Enum):
            found = self._word([each.value for each in kind], data, path)
            return None if found is None else kind(found)
        if kind is datetime:
            return self._moment(data, path)
        if kind is timedelta:
            text = self._fitting(_DURATION, data, path, "a duration such as 90m, 24h or 7d")
            return text and timedelta(seconds=int(text[:-1]) * _UNITS[text[-1]])
        if type(data) is not kind:
            self._fault(path, f"expected {_WORDS[kind]}")
        return data

    def _noun(self, kind: Any, data: object, path: str) -> Any:  # noqa: ANN401 (see value)
        known = _kinds(kind)
        if not isinstance(data, Mapping):
            self._fault(path, f"expected an object: {', '.join(known)}")
            return None
        for name in data:
            if name not in known:
                near = get_close_matches(str(name), known, n=1, cutoff=0.5)
                remedy = f"did you mean {near[0]}?" if near else f"known: {', '.join(known)}"
                self._fault(f"{path}.{name}", f"is not known; {remedy}")
        for name in known:
            if name not in data:
                self._fault(f"{path}.{name}", f"is missing; add {_described(known[name])}")
        before = len(self.faults)
        values = {
            name: self.value(each, data[name], f"{path}.{name}")
            for name, each in known.items()
            if name in data
        }
        whole = len(self.faults) == before and values.keys() == known.keys()
        return kind(**values) if whole else None

    def _one_of(self, kind: Any, data: object, path: str) -> Any:  # noqa: ANN401 (see value)
        kinds = get_args(kind)
        if data is None and types.NoneType in kinds:
            return None
        rest = [each for each in kinds if each is not types.NoneType]
        return self.value(max(rest, key=lambda each: _likeness(each, data)), data, path)

    def _several(self, kind: Any, data: object, path: str) -> Any:  # noqa: ANN401 (see value)
        if not isinstance(data, list):
            self._fault(path, "expected a list")
            return None
        inner = get_args(kind)
        if get_origin(kind) is tuple and inner[-1] is not Ellipsis:
            if len(data) != len(inner):
                self._fault(path, f"expected a list of {len(inner)}")
                return None
            each = inner
        else:
            each = (inner[0],) * len(data)
        pairs = zip(each, data, strict=True)
        read = [self.value(one, item, f"{path}[{n}]") for n, (one, item) in enumerate(pairs)]
        return get_origin(kind)(read)

    def _literal(self, kind: Any, data: object, path: str) -> object:  # noqa: ANN401 (see value)
        return self._word(get_args(kind), data, path)

    def _word(self, words: Sequence[object], data: object, path: str) -> object:
        if isinstance(data, str) and data in words:
            return data
        texts = list(map(str, words))
        near = get_close_matches(str(data), texts, n=3, cutoff=0.3) if len(texts) > _MANY else texts
        self._fault(path, f"expected one of {', '.join(near or texts)}")
        return None

    def _moment(self, data: object, path: str) -> datetime | None:
        try:
            read = datetime.fromisoformat(data) if isinstance(data, str) else None
        except ValueError:
            read = None
        if read is None or read.tzinfo is None:
            self._fault(path, "expected a moment with its zone, such as 2026-01-31T12:00:00+00:00")
            return None
        return read

    def _fitting(self, pattern: re.Pattern[str], data: object, path: str, what: str) -> str | None:
        if isinstance(data, str) and pattern.fullmatch(data):
            return data
        self._fault(path, f"expected {what}")
        return None

    def _fault(self, path: str, says: str) -> None:
        self.faults.append(f"{path}: {says}")


_WORDS: Mapping[type, str] = {
    str: "a text",
    int: "a whole number",
    bool: "true or false",
    float: "a number",
}


@cache
def _kinds(kind: Any) -> Mapping[str, Any]:  # noqa: ANN401 (a class)
    """Give the declared type of each field."""
    return get_type_hints(kind)


def _likeness(kind: Any, data: object) -> int:  # noqa: ANN401 (a class)
    """Say how much data looks like a kind, to choose whose faults to tell."""
    is_noun = is_dataclass(kind)
    if not is_noun:
        return _UNLIKE if isinstance(data, Mapping) else 1
    if not isinstance(data, Mapping):
        return 0
    known = _kinds(kind)
    return 1 + 2 * len(known.keys() & data.keys()) - len(data.keys() ^ known.keys())


def _described(kind: Any) -> str:  # noqa: ANN401 (a class)
    """Say in a few words what a field takes."""
    kinds = get_args(kind) if get_origin(kind) in (Union, types.UnionType) else (kind,)
    return " or ".join(_word_for(each) for each in kinds)


def _word_for(kind: Any) -> str:  # noqa: ANN401 (a class)
    if kind is types.NoneType:
        return "null"
    if isinstance(kind, NewType):
        return _word_for(kind.__supertype__)
    if get_origin(kind) is Literal:
        return " or ".join(map(repr, get_args(kind)))
    if get_origin(kind) in (tuple, frozenset):
        return "a list"
    if is_dataclass(kind):
        return "an object"
    return _WORDS.get(kind, {datetime: "a moment", timedelta: "a duration"}.get(kind, "a text"))
