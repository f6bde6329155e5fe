"""How GitHub's GraphQL fails, and how large a query may be.

A time-out and a query that needs more than GitHub gives to one cost points, so the size that worked
is remembered, and a larger one is tried only after many that worked.
Source: docs.github.com, "Rate limits and query limits for the GraphQL API"; GitHub's changelog,
2025-07-21 (time-outs count) and 2025-09-01 (resource limits).
"""

from collections.abc import Iterable, Mapping
from typing import Any

from octobot.model.lookup import GraphQLResponse, Recalled, Response, Unreachable

SIZES = (100, 50, 25, 10)
"""Repositories a query: the next smaller one after each failure of a whole query."""
_GROWS_AFTER = 20
"""Full queries that worked, before a larger one is tried."""


class Memory:
    """The size of query that worked last."""

    def __init__(self) -> None:
        self.step = self.good = 0

    def remember(self, step: int, *, full: bool) -> None:
        """Remember a size that worked; the next larger one after many full queries that did."""
        self.good = self.good + full if step == self.step else int(full)
        self.step = step
        if self.good >= _GROWS_AFTER and step:
            self.step, self.good = step - 1, 0


class Sizes:
    """How many repositories one look-up asks for at once; it begins with what worked last."""

    def __init__(self, memory: Memory) -> None:
        self._memory, self._step = memory, memory.step

    @property
    def now(self) -> int:
        """The size of the next query."""
        return SIZES[self._step]

    @property
    def smallest(self) -> bool:
        """Whether there is no smaller one."""
        return self._step == len(SIZES) - 1

    def failed(self, asked: int) -> None:
        """Step down to a query that is smaller than the one that failed, if there is one."""
        later = range(self._step + 1, len(SIZES))
        self._step = next((step for step in later if SIZES[step] < asked), len(SIZES) - 1)

    def worked(self, asked: int) -> None:
        """Remember that this size worked; what was never answered teaches nothing about sizes."""
        self._memory.remember(self._step, full=asked == self.now)
        self._step = self._memory.step


def errors_by_alias(errors: Iterable[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    """Return the first error of each alias."""
    found: dict[str, Mapping[str, Any]] = {}
    for error in errors:
        if path := error.get("path"):
            found.setdefault(str(path[0]), error)
    return found


def whole_failure(answer: Response | Recalled) -> str | None:
    """Return why nothing of the answer can be used; None when it has data."""
    match answer:
        case Unreachable(because=because):
            return because
        case GraphQLResponse(data=data, errors=errors):
            pathless = [error for error in errors if not error.get("path")]
            if pathless or not data:
                return "; ".join(map(words, pathless or errors)) or "GitHub gave no data"
            return None
        case _:
            return "the answer is not GraphQL's"


def is_limited(answer: Response | Recalled) -> bool:
    """Return whether the hour's points are used up."""
    # GitHub blocks an App that sends more requests while it is limited.
    errors = answer.errors if isinstance(answer, GraphQLResponse) else ()
    return any(error.get("type") == "RATE_LIMITED" for error in errors)


def words(error: Mapping[str, Any]) -> str:
    """Return GitHub's message; foreign text."""
    return str(error.get("message") or error.get("type") or "no message")[:200]


def is_exceeded(answer: Response | Recalled) -> bool:
    """Return whether a query, or a part of it, needs more than GitHub gives to one."""
    errors = answer.errors if isinstance(answer, GraphQLResponse) else ()
    return any(error.get("type") == "RESOURCE_LIMITS_EXCEEDED" for error in errors)
