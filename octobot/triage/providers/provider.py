"""A model service: a prompt in, a text out, by one or two requests that it yields.

A provider knows where a service expects the key, the prompt and the schema, and where it puts its
answer.  It does not send: `model.client` does, to the address in the settings and to no other.
"""

import json
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from octobot.model.lookup import HttpRequest, HttpResponse, Unreachable
from octobot.model.suggestion import Unasked

Json: TypeAlias = "str | int | float | bool | Sequence[Json] | Mapping[str, Json] | None"

LARGEST = 1 << 20
"""Bytes of an answer; real ones have a few kB."""
LONGEST_ANSWER = 1500
"""Tokens that a model may write."""
_OK = 200


@dataclass(frozen=True, slots=True)
class Prompt:
    """What is asked."""

    system: str
    """octobot's own text only."""
    user: str
    """With the evidence, as data between marks."""
    schema: Mapping[str, Json]
    """JSON Schema of the answer, flat and without bounds: services know different parts of it."""


@dataclass(frozen=True, slots=True)
class Account:
    """The service to ask, as the operator configured it."""

    url: str
    """Without a trailing slash."""
    model: str
    key: str
    """Empty: the service wants none (a local one)."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What the model wrote; untrusted text."""

    text: str
    tokens: int = 0
    """Of prompt and answer together, as the service counts them; 0: it does not say."""


Conversation = Generator[HttpRequest, HttpResponse | Unreachable, Reply | Unasked]


@dataclass(frozen=True, slots=True)
class Provider:
    """One model service."""

    name: str
    summary: str
    """One line for the manual's table."""
    url: str
    """Its address unless the settings have another one; empty: they must."""
    converse: Callable[[Account, Prompt], Conversation]


def post(url: str, headers: Mapping[str, str], body: Mapping[str, Json]) -> HttpRequest:
    """Make a request with a JSON body."""
    names = {"content-type": "application/json", "accept": "application/json", **headers}
    return HttpRequest(url, "POST", names, json.dumps(body).encode(), limit=LARGEST)


def read(answer: HttpResponse | Unreachable) -> object | Unasked:
    """Read the JSON of a service's answer; the text of a refusal is not repeated."""
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


def reply(text: object, *counts: object) -> Reply | Unasked:
    """Return the reply with this text and these counts of tokens."""
    if not isinstance(text, str) or not text.strip():
        return Unasked("the model's service answered without a text")
    return Reply(text, sum(count for count in counts if isinstance(count, int)))
