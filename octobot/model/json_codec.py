"""Nouns of the model as JSON and back, by their declared types.

The types are the one description of the form, so a field that is added to a noun is in the form
too; pydantic does the reading.  An unknown field is refused.  A field that is missing takes its
default in a row of our own tables, which may be older than the field; in a file that a person may
have written every field must be there, because a fact that was left out must not count as a good
one.
"""

import types
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import MISSING, fields, is_dataclass
from datetime import datetime, timedelta
from difflib import get_close_matches
from enum import Enum
from functools import cache, partial
from typing import Any, Literal, NewType, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from pydantic_core import (
    CoreSchema,
    ErrorDetails,
    InitErrorDetails,
    PydanticCustomError,
    SchemaValidator,
    ValidationError,
    core_schema,
)

from octobot.model.ids import Sha

T = TypeVar("T")
Kind = Any
"""A declared type: a class, a union, a literal, a list of a kind …"""
Inner = Mapping[Kind, CoreSchema]
"""The kinds that a generic one is made of, each with its schema."""
_function = core_schema.no_info_plain_validator_function

_UNITS = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}
_MANY = 12
"""Of more words than these only the likely ones are named."""
_UNLIKE = -1_000
"""Less than any number of wrong names makes an object unlike a noun."""


def to_json(value: object, *, text: Callable[[str], str] = str) -> Any:  # noqa: ANN401 (JSON)
    """Return a noun as JSON: objects, lists, texts, numbers, truths and null.

    Not pydantic's, whose moments and durations have other forms than those that are stored.
    """
    written: Any = value
    match value:
        case Enum():
            written = value.value
        case str():
            written = text(value)
        case datetime():
            written = value.isoformat()
        case timedelta():
            written = _duration(value)
        case tuple():
            written = [to_json(each, text=text) for each in value]
        case frozenset():
            written = sorted(to_json(tuple(value), text=text), key=str)
        case _ if is_dataclass(value):
            names = [each.name for each in fields(value)]
            written = {name: to_json(getattr(value, name), text=text) for name in names}
    return written


def _duration(value: timedelta) -> str:
    seconds = int(value.total_seconds())
    unit = next(unit for unit, size in _UNITS.items() if seconds % size == 0)
    return f"{seconds // _UNITS[unit]}{unit}"


def from_json(kind: type[T], data: object) -> T:
    """Read a stored row as a `kind`; raises `ValidationError` when it is not one."""
    value: T = _validator(cast("Kind", kind), whole=False).validate_python(data)
    return value


def from_file(kind: type[T], data: object) -> T | tuple[str, ...]:
    """Read what a person may have written as a `kind`, or return every fault with its path."""
    try:
        value: T = _validator(cast("Kind", kind), whole=True).validate_python(data)
    except ValidationError as error:
        return tuple(_placed(kind, each) for each in error.errors())
    return value


def _placed(kind: Kind, error: ErrorDetails) -> str:
    steps = (f"[{each}]" if isinstance(each, int) else f".{each}" for each in error["loc"])
    return f"${''.join(steps)}: {_says(kind, error)}"


@cache
def _validator(kind: Kind, *, whole: bool) -> SchemaValidator:
    return SchemaValidator(_schema(kind, whole=whole))


def _schema(kind: Kind, *, whole: bool) -> CoreSchema:
    """Return what pydantic is to check; `whole`: no field may be missing."""
    if kind in _SCALARS:
        return _expecting(_WORDS[kind], _SCALARS[kind])
    if isinstance(kind, NewType):
        return _schema(kind.__supertype__, whole=whole)
    if _is_noun(kind):
        return _noun(kind, whole=whole)
    if _origin(kind) is Literal:
        return _word(get_args(kind), {each: each for each in get_args(kind)}.__getitem__)
    if _origin(kind) is None:
        return _word([each.value for each in kind], kind)
    inner = [each for each in get_args(kind) if each not in (types.NoneType, Ellipsis)]
    return _GENERIC[_origin(kind)](kind, {each: _schema(each, whole=whole) for each in inner})


def _origin(kind: Kind) -> Any:  # noqa: ANN401 (a type's origin is any object)
    return get_origin(cast("object", kind))


def _is_noun(kind: Kind) -> bool:
    return is_dataclass(kind)


def _noun(kind: Kind, *, whole: bool) -> CoreSchema:
    known = _known(kind)
    arguments = []
    for each in fields(kind):
        schema = _schema(known[each.name], whole=whole)
        if not whole and each.default is not MISSING:
            schema = core_schema.with_default_schema(schema, default=each.default)
        arguments.append(core_schema.dataclass_field(each.name, schema))
    args = core_schema.dataclass_args_schema(kind.__name__, arguments, extra_behavior="forbid")
    noun = core_schema.dataclass_schema(kind, args, list(known), slots=True)
    return core_schema.no_info_wrap_validator_function(partial(_reworded, kind), noun)


def _union(kind: Kind, inner: Inner) -> CoreSchema:
    validators = {each: SchemaValidator(schema) for each, schema in inner.items()}

    def likeliest(data: object) -> object:
        best = max(validators, key=lambda each: _likeness(each, data))
        return validators[best].validate_python(data)

    schema = _function(likeliest) if len(inner) > 1 else next(iter(inner.values()))
    return core_schema.nullable_schema(schema) if types.NoneType in get_args(kind) else schema


def _tuple(kind: Kind, inner: Inner) -> CoreSchema:
    items = [inner[each] for each in get_args(kind) if each is not Ellipsis]
    if Ellipsis in get_args(kind):
        return core_schema.tuple_schema(items, variadic_item_index=0)
    exact = core_schema.list_schema(min_length=len(items), max_length=len(items))
    words = f"a list of {len(items)}"
    return core_schema.chain_schema([_expecting(words, exact), core_schema.tuple_schema(items)])


def _word(words: Sequence[object], make: Callable[[Any], object]) -> CoreSchema:
    texts = list(map(str, words))

    def read(data: object) -> object:
        if isinstance(data, str):
            with suppress(KeyError, ValueError):
                return make(data)
        many = len(texts) > _MANY
        near = get_close_matches(str(data), texts, n=3, cutoff=0.3) if many else texts
        raise _fault(f"expected one of {', '.join(near or texts)}")

    return _function(read)


def _expecting(words: str, schema: CoreSchema) -> CoreSchema:
    """Return a schema that has one fault, in these words."""
    return core_schema.custom_error_schema(
        schema, "fault", custom_error_message=f"expected {words}"
    )


_GENERIC: Mapping[Any, Callable[[Kind, Inner], CoreSchema]] = {
    Union: _union,
    types.UnionType: _union,
    tuple: _tuple,
    frozenset: lambda _, inner: core_schema.frozenset_schema(*inner.values()),
}

_TEXT = core_schema.str_schema(strict=True)

_SCALARS: Mapping[Any, CoreSchema] = {
    str: _TEXT,
    int: core_schema.int_schema(strict=True),
    bool: core_schema.bool_schema(strict=True),
    float: core_schema.float_schema(strict=True),
    Sha: core_schema.str_schema(strict=True, pattern="^[0-9a-f]{40}$"),
    timedelta: core_schema.chain_schema(
        [
            core_schema.str_schema(strict=True, pattern="^[0-9]{1,9}[smhd]$"),
            _function(lambda text: timedelta(seconds=int(text[:-1]) * _UNITS[text[-1]])),
        ]
    ),
    datetime: core_schema.chain_schema(
        [
            _TEXT,
            _function(datetime.fromisoformat),
            core_schema.datetime_schema(tz_constraint="aware"),
        ]
    ),
}

_WORDS: Mapping[Any, str] = {
    str: "a text",
    int: "a whole number",
    bool: "true or false",
    float: "a number",
    Sha: "a git object id: 40 hexadecimal digits",
    timedelta: "a duration such as 90m, 24h or 7d",
    datetime: "a moment with its zone, such as 2026-01-31T12:00:00+00:00",
    types.NoneType: "null",
    tuple: "a list",
    frozenset: "a list",
}


def _fault(says: str) -> PydanticCustomError:
    return PydanticCustomError("fault", "{says}", {"says": says})


def _reworded(kind: Kind, data: object, read: Callable[[object], object]) -> object:
    """Read a noun; what pydantic finds wrong with it is said in our words, with the remedy."""
    try:
        return read(data)
    except ValidationError as error:
        faults = [
            InitErrorDetails(type=_fault(_says(kind, each)), loc=each["loc"], input=None)
            for each in error.errors()
        ]
    raise ValidationError.from_exception_data(kind.__name__, faults)


def _says(kind: Kind, error: ErrorDetails) -> str:
    """Say what is wrong at a place of a noun."""
    match error["type"]:
        case "missing":
            return f"is missing; add {_described(_known(kind)[error['loc'][0]])}"
        case "unexpected_keyword_argument":
            names = _known(kind)
            near = get_close_matches(str(error["loc"][0]), names, n=1, cutoff=0.5)
            remedy = f"did you mean {near[0]}?" if near else f"known: {', '.join(names)}"
            return f"is not known; {remedy}"
        case "dataclass_type":
            return f"expected an object: {', '.join(_known(kind))}"
        case "string_unicode":
            return f"has a name that is no text; known: {', '.join(_known(kind))}"
        case "tuple_type" | "frozen_set_type":
            return "expected a list"
        case _:
            return error["msg"]


@cache
def _known(kind: Kind) -> Mapping[Any, Kind]:
    """Return the declared type of each field."""
    return get_type_hints(kind)


def _likeness(kind: Kind, data: object) -> int:
    """Measure how much data looks like a kind, to choose which one it is read as."""
    if not _is_noun(kind):
        return _UNLIKE if isinstance(data, Mapping) else 1
    if not isinstance(data, Mapping):
        return 0
    known = _known(kind)
    return 1 + 2 * len(known.keys() & data.keys()) - len(data.keys() ^ known.keys())


def _described(kind: Kind) -> str:
    """Say in a few words what a field takes."""
    if kind in _WORDS:
        return _WORDS[kind]
    if isinstance(kind, NewType):
        return _described(kind.__supertype__)
    if _is_noun(kind):
        return "an object"
    if _origin(kind) is Literal:
        return " or ".join(map(repr, get_args(kind)))
    if _origin(kind) in (Union, types.UnionType):
        return " or ".join(map(_described, get_args(kind)))
    return _WORDS.get(_origin(kind), "a text")
