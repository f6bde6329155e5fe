"""What GraphQL's nodes are made of: errors with a type, connections, and how fields are found.

A node is a mapping with GitHub's own names: a value, or a function of the field's arguments.  A
field that GitHub has and the sandbox has not is an error that names it, never a silent null.
"""

import base64
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TypeVar

from graphql import GraphQLError, GraphQLResolveInfo

from octobot.sandbox.http.call import Actor
from octobot.sandbox.state.hub import Hub

T = TypeVar("T")
Node = Mapping[str, object]
_MOST = 100


class Refused(GraphQLError):  # noqa: N818  (an answer, not a defect)
    """An error as GitHub's GraphQL reports it, with its type."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


class NotServed(GraphQLError):  # noqa: N818  (a gap, answered in GitHub's form of an error)
    """GitHub has this field, the sandbox has not: a gap to be filled."""


def no_such_node(given: str) -> Refused:
    """Return the error for a global id that names nothing."""
    return Refused("NOT_FOUND", f"Could not resolve to a node with the global id of '{given}'")


@dataclass(frozen=True, slots=True)
class Asking:
    """The caller, and the cost and limits of the call."""

    hub: Hub
    actor: Actor
    cost: int
    nodes: int
    limits: Mapping[str, int]


@cache
def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])([A-Z])|([A-Z])(?=[a-z])", r"_\g<0>", name).lower().lstrip("_")


_MISSING = object()


def resolve(source: object, info: GraphQLResolveInfo[object], **arguments: object) -> object:
    """Return a field's value: of a node by its name, of the root by the method of that name."""
    name = info.field_name
    if isinstance(source, Mapping):
        value = source.get(name, _MISSING)
    else:
        value = getattr(source, _snake(name), _MISSING)
    if value is _MISSING:
        raise NotServed(f"the sandbox does not serve {info.parent_type.name}.{name}")
    if callable(value):
        return value(**{_snake(key): given for key, given in arguments.items()})
    return value


def type_of(value: object, *_: object) -> str | None:
    """Return the GraphQL type of a node."""
    name = value.get("__typename") if isinstance(value, Mapping) else None
    return name if isinstance(name, str) else None


@dataclass(frozen=True, slots=True)
class _Window:
    """The four arguments every connection has."""

    first: int | None
    last: int | None
    after: str | None
    before: str | None

    @classmethod
    def of(cls, given: Mapping[str, object]) -> "_Window":
        """Read the four; the schema has checked their types."""
        first, last = given.get("first"), given.get("last")
        after, before = given.get("after"), given.get("before")
        return cls(
            first if isinstance(first, int) else None,
            last if isinstance(last, int) else None,
            after if isinstance(after, str) else None,
            before if isinstance(before, str) else None,
        )


def connect(
    items: Sequence[T], given: Mapping[str, object], show: Callable[[T], Node], name: str
) -> Node:
    """Return a page of a connection; without `first` or `last` GitHub refuses."""
    window = _Window.of(given)
    size = window.first if window.first is not None else window.last
    if size is None:
        raise Refused(
            "MISSING_PAGINATION_BOUNDARIES",
            f"You must provide a `first` or `last` value to properly paginate the `{name}` "
            "connection.",
        )
    if not 0 <= size <= _MOST:
        raise Refused(
            "EXCESSIVE_PAGINATION",
            f"Requesting {size} records on the `{name}` connection exceeds the `first` limit of "
            f"{_MOST} records.",
        )
    start = _place(window.after) if window.after else 0
    end = _place(window.before) - 1 if window.before else len(items)
    if window.first is not None:
        end = min(end, start + window.first)
    else:
        start = max(start, end - size)
    numbers = range(start, min(end, len(items)))
    edges = [{"node": show(items[n]), "cursor": _cursor(n + 1)} for n in numbers]
    return {
        "edges": edges,
        "nodes": [edge["node"] for edge in edges],
        "totalCount": len(items),
        "pageInfo": {
            "hasNextPage": end < len(items),
            "hasPreviousPage": start > 0,
            "startCursor": edges[0]["cursor"] if edges else None,
            "endCursor": edges[-1]["cursor"] if edges else None,
        },
    }


def _cursor(place: int) -> str:
    return base64.b64encode(f"cursor:{place}".encode()).decode()


def _place(cursor: str) -> int:
    try:
        return int(base64.b64decode(cursor).decode().removeprefix("cursor:"))
    except ValueError as wrong:
        message = f"`{cursor}` does not appear to be a valid cursor."
        raise Refused("INVALID_CURSOR_ARGUMENTS", message) from wrong
