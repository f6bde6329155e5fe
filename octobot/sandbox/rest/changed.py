"""Lists of what changed since a time."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TypeVar

from octobot.sandbox.http.call import Call
from octobot.sandbox.state.nouns import Comment, ReviewComment

C = TypeVar("C", Comment, ReviewComment)


def since(call: Call) -> datetime:
    """Return the moment from which on changes are asked for."""
    given = call.query.get("since")
    return datetime.fromisoformat(given) if given else datetime.min.replace(tzinfo=UTC)


def changed_since(call: Call, comments: Sequence[C]) -> list[C]:
    """Return the comments of a repository that a call asks for, in its order."""
    by_change, moment = call.query.get("sort") == "updated", since(call)
    found = [one for one in comments if one.updated_at.replace(microsecond=0) >= moment]
    found.sort(key=lambda one: (one.updated_at if by_change else one.created_at, one.id))
    if call.query.get("direction", "desc" if "sort" in call.query else "asc") == "desc":
        found.reverse()
    return found
