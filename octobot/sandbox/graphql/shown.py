"""What GraphQL's nodes are made of: errors with a type, connections, and how fields are found.

A field is served by the attribute of the same name in Python's spelling; a field that GitHub has
and the sandbox has not is an error that names it, never a silent null.
"""

import base64
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Generic, TypeVar

from graphql import GraphQLError, GraphQLResolveInfo

from octobot.sandbox.http.call import Actor, Refusal
from octobot.sandbox.state.hub import Hub

T = TypeVar("T")
N = TypeVar("N")


class Refused(GraphQLError):  # noqa: N818  (an answer, not a defect)
    """An error as GitHub's GraphQL reports it, with its type."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


class NotServed(GraphQLError):  # noqa: N818  (a gap, answered in GitHub's form of an error)
    """GitHub has this field, the sandbox has not: a gap to be filled."""


def refused(refusal: Refusal) -> Refused:
    """Turn REST's no into GraphQL's."""
    kinds = {401: "FORBIDDEN", 403: "FORBIDDEN", 404: "NOT_FOUND"}
    return Refused(kinds.get(refusal.status, "UNPROCESSABLE"), refusal.message)


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
    if name == "object":  # Python's own word
        return "git_object"
    return re.sub(r"(?<=[a-z0-9])([A-Z])|([A-Z])(?=[a-z])", r"_\g<0>", name).lower().lstrip("_")


def resolve(source: object, info: GraphQLResolveInfo[object], **arguments: object) -> object:
    """Find a field's value on its node; methods get the arguments."""
    name = _snake(info.field_name)
    try:
        value: object = getattr(source, name)
    except AttributeError:
        where = f"{info.parent_type.name}.{info.field_name}"
        raise NotServed(f"the sandbox does not serve {where}") from None
    if callable(value):
        return value(**{_snake(key): given for key, given in arguments.items()})
    return value


def type_of(value: object, *_: object) -> str | None:
    """Return the GraphQL type of a node."""
    name = getattr(value, "typename", None)
    return name if isinstance(name, str) else None


@dataclass(frozen=True, slots=True)
class PageInfo:
    """Where a page of a connection begins and ends."""

    has_next_page: bool
    has_previous_page: bool
    start_cursor: str | None
    end_cursor: str | None


@dataclass(frozen=True, slots=True)
class Edge(Generic[N]):
    """A node in its place."""

    node: N
    cursor: str


@dataclass(frozen=True, slots=True)
class Connection(Generic[N]):
    """A page of nodes."""

    edges: Sequence[Edge[N]]
    total_count: int
    page_info: PageInfo

    @property
    def nodes(self) -> list[N]:
        """The nodes without their places."""
        return [edge.node for edge in self.edges]


@dataclass(frozen=True, slots=True)
class Window:
    """The four arguments every connection has."""

    first: int | None = None
    last: int | None = None
    after: str | None = None
    before: str | None = None

    @classmethod
    def of(cls, given: Mapping[str, object]) -> "Window":
        """Read the four; the schema has checked what they are."""
        first, last = given.get("first"), given.get("last")
        after, before = given.get("after"), given.get("before")
        return cls(
            first if isinstance(first, int) else None,
            last if isinstance(last, int) else None,
            after if isinstance(after, str) else None,
            before if isinstance(before, str) else None,
        )


_MOST = 100


def connect(items: Sequence[T], window: Window, show: Callable[[T], N], name: str) -> Connection[N]:
    """Cut a page; without `first` or `last` GitHub refuses."""
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
    edges = [Edge(show(items[n]), _cursor(n + 1)) for n in numbers]
    info = PageInfo(
        has_next_page=end < len(items),
        has_previous_page=start > 0,
        start_cursor=edges[0].cursor if edges else None,
        end_cursor=edges[-1].cursor if edges else None,
    )
    return Connection(edges, len(items), info)


def _cursor(place: int) -> str:
    return base64.b64encode(f"cursor:{place}".encode()).decode()


def _place(cursor: str) -> int:
    try:
        return int(base64.b64decode(cursor).decode().removeprefix("cursor:"))
    except ValueError as wrong:
        message = f"`{cursor}` does not appear to be a valid cursor."
        raise Refused("INVALID_CURSOR_ARGUMENTS", message) from wrong
