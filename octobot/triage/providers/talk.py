"""What every model service is: a prompt in, a text out, over one or two requests that it yields.

A provider knows where a service wants the key, the words and the schema, and where it puts its
answer.  It does not send: `suggesting_road` does, to the address of the settings and to no other.
"""

import json
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from octobot.model.lookup import HttpRequest, HttpResponse, Unreachable
from octobot.model.suggestion import Unasked

Json: TypeAlias = "str | int | float | bool | Sequence[Json] | Mapping[str, Json] | None"

LARGEST = 1 << 20
"""Bytes of an answer; ours are a few kB."""
LONGEST_ANSWER = 1500
"""Tokens that a model may write."""
_OK = 200


@dataclass(frozen=True, slots=True)
class Prompt:
    """What is asked."""

    system: str
    """Our own words only."""
    user: str
    """With the evidence, as data between marks."""
    schema: Mapping[str, Json]
    """JSON Schema of the answer, flat and without bounds: services know different parts of it."""


@dataclass(frozen=True, slots=True)
class Account:
    """Whom to ask, as the operator set it."""

    url: str
    """Without a path's last slash."""
    model: str
    key: str
    """Empty: the service wants none (a local one)."""


@dataclass(frozen=True, slots=True)
class Said:
    """What the model wrote; foreign text like any other."""

    text: str
    tokens: int = 0
    """Of prompt and answer together, as the service counts them; 0: it does not say."""


Talk = Generator[HttpRequest, HttpResponse | Unreachable, Said | Unasked]


@dataclass(frozen=True, slots=True)
class Provider:
    """One model service."""

    name: str
    summary: str
    """One line for the manual's table."""
    url: str
    """Where it is unless the settings say otherwise; empty: they must."""
    talk: Callable[[Account, Prompt], Talk]


def post(url: str, headers: Mapping[str, str], body: Mapping[str, Json]) -> HttpRequest:
    """Make a request with a JSON body."""
    names = {"content-type": "application/json", "accept": "application/json", **headers}
    return HttpRequest(url, "POST", names, json.dumps(body).encode(), limit=LARGEST)


def read(answer: HttpResponse | Unreachable) -> object | Unasked:
    """Read the JSON of a service's answer; its own words of a refusal are not repeated."""
    if isinstance(answer, Unreachable):
        return Unasked(f"the model cannot be reached: {answer.because}")
    if answer.status != _OK:
        return Unasked(f"the model's service answered HTTP {answer.status}")
    try:
        found: object = json.loads(answer.body)
    except (ValueError, RecursionError):
        return Unasked("the model's service did not answer with JSON")
    return found


def at(value: object, *path: str | int) -> object:
    """Follow keys and indexes; None where one leads nowhere."""
    for step in path:
        if isinstance(value, Mapping) and isinstance(step, str):
            value = value.get(step)
        elif isinstance(value, list) and isinstance(step, int) and step < len(value):
            value = value[step]
        else:
            return None
    return value


def said(text: object, *counts: object) -> Said | Unasked:
    """Make an answer of a text and of the counts of tokens that belong to it."""
    if not isinstance(text, str) or not text.strip():
        return Unasked("the model's service answered without a text")
    return Said(text, sum(count for count in counts if isinstance(count, int)))
