"""Orders of people as rows, and back."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any, get_args

from psycopg.types.json import Jsonb

from octobot.model.release import Candidate
from octobot.model.steering import (
    Acceptance,
    Anew,
    Closing,
    Hold,
    Ignore,
    Order,
    Pause,
    Rebuild,
    Said,
    Steering,
    Waiver,
    Wish,
)
from octobot.store.engine.json_codec import clean, from_candidate, to_candidate

Json = Mapping[str, Any]

_KINDS: Mapping[str, type[Order]] = {kind.__name__: kind for kind in get_args(Order)}

_ONE: Mapping[type[Order], str] = {
    Pause: "paused",
    Hold: "hold",
    Wish: "wish",
    Rebuild: "rebuild",
    Waiver: "waiver",
    Anew: "anew",
    Closing: "closing",
}
"""The field of `Steering` that has the one order of a kind."""

_MANY: Mapping[type[Order], str] = {Ignore: "ignored", Acceptance: "accepted"}
"""The field that has all of them."""

_READ: Mapping[str, Callable[[Any], object]] = {
    "target": to_candidate,
    "despite": tuple,
    "until": lambda value: value and datetime.fromisoformat(value),
}
"""Fields that are not in JSON what they are in an order."""


def name_of(order: Order) -> str:
    """Give what tells an order apart from others of its kind for the same package."""
    match order:
        case Ignore(what=what):
            return what
        case Acceptance(name=name):
            return clean(name)
        case _:
            return ""


def from_order(order: Order) -> Jsonb:
    """Encode an order, without who said it."""
    names = [each.name for each in fields(order) if each.name != "said"]
    return Jsonb({name: _plain(getattr(order, name)) for name in names})


def to_order(kind: str, value: Json, said: Said) -> Order:
    """Decode an order."""
    read: dict[str, Any] = {
        name: _READ[name](one) if name in _READ else one for name, one in value.items()
    }
    return _KINDS[kind](**read, said=said)


def gathered(orders: Iterable[Order]) -> Steering:
    """Put all orders about one package together."""
    found: dict[str, Any] = {}
    for order in orders:
        kind = type(order)
        if kind in _ONE:
            found[_ONE[kind]] = order
        else:
            found[_MANY[kind]] = (*found.get(_MANY[kind], ()), order)
    return Steering(**found)


def _plain(value: object) -> object:
    match value:
        case Candidate():
            found = from_candidate(value)
            return found and found.obj
        case datetime():
            return value.isoformat()
        case str():
            return clean(value)
        case _:
            return value
