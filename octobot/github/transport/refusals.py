"""What GitHub refuses: who asks, for now or for good, or what is asked for.

Some refusals have no code of their own, only words.
"""

import re
from collections.abc import Mapping
from typing import Literal

from octobot.github.transport.json_fields import at
from octobot.github.transport.request import (
    Raw,
    Request,
    blames_secondary_limit,
    lenient,
    words_of,
)
from octobot.model.errors import Misconfigured

_PLAN = re.compile(r"\bupgrade to github\b", re.IGNORECASE)
_WORKFLOWS = re.compile(
    r"`workflows?` (?:permission|scope)|refusing to allow .{0,80}\bworkflow\b", re.IGNORECASE
)
_OTHER = re.compile(
    r"suspended|ip allow list|belong to the authenticated|cannot be retried|already running",
    re.IGNORECASE,
)

Denial = Literal["", "unknown", "forbidden", "absent"]
"""How GitHub refuses who asks: not at all, 401, 403 (GraphQL: FORBIDDEN), or 404 to a read."""


def denial_of(request: Request, raw: Raw) -> Denial:
    """Return how the one who asks was refused; a limit and a final refusal are none of that."""
    status, headers, body = raw
    if status == 401:  # noqa: PLR2004  (Unauthorized)
        return "unknown"
    if status == 403:  # noqa: PLR2004  (Forbidden)
        limited = "retry-after" in headers or headers.get("x-ratelimit-remaining") == "0"
        final = _is_final(words_of(lenient(body)))
        return "" if limited or final or blames_secondary_limit(body) else "forbidden"
    if status == 404 and request.method == "GET":  # noqa: PLR2004  (Not Found)
        return "absent"
    is_graphql = request.kind.bucket == "graphql" and b"FORBIDDEN" in body
    return "forbidden" if is_graphql and _is_forbidden(request, lenient(body)) else ""


def _is_forbidden(request: Request, answer: object) -> bool:
    """Return whether GraphQL refused the whole document, or any part of a mutation."""
    data, errors = at(answer, "data"), at(answer, "errors")
    listed = errors if isinstance(errors, list) else []
    if any(_is_final(str(at(error, "message"))) for error in listed):
        return False
    partly = isinstance(data, Mapping) and any(part is not None for part in data.values())
    forbidden = any(at(error, "type") == "FORBIDDEN" for error in listed)
    return forbidden and (request.kind.write or not partly)


def has_effect(raw: Raw) -> bool:
    """Return whether part of a GraphQL document took place, so that it is not repeated."""
    data = at(lenient(raw[2]), "data")
    return isinstance(data, Mapping) and any(part is not None for part in data.values())


def _is_final(words: str) -> bool:
    """Return whether a refusal has nothing to do with the age of a token."""
    return any(pattern.search(words) for pattern in (_PLAN, _WORKFLOWS, _OTHER))


class Forbidden(Misconfigured):
    """A request that octobot may not make, with GitHub's words: a few endpoints mean "not now"."""

    def __init__(self, message: str, words: str) -> None:
        super().__init__(message)
        self.words = words


class NotInPlan(Misconfigured):
    """GitHub's plan of this repository's owner lacks what was asked for."""


def forbidden(request: Request, headers: Mapping[str, str], words: str) -> Misconfigured:
    """Return the error for a request that octobot may not make."""
    if _PLAN.search(words):
        return NotInPlan(f"the plan of the repository's owner lacks {request.name}: {words}")
    if about := about_workflows(words):
        return Misconfigured(about)
    needed = headers.get("x-accepted-github-permissions", "")
    hint = f"; it needs the permission {needed}" if needed else ""
    says = f"GitHub refuses {request.name}{hint}: {words or 'no reason given'}"
    return Forbidden(says, words)


def about_workflows(words: str) -> str:
    """Name the refusal of a change to a workflow, which octobot must not make; else empty.

    Source: docs.github.com, "Permissions required for GitHub Apps", `workflows`.
    """
    if not _WORKFLOWS.search(words):
        return ""
    return (
        "GitHub refuses a change to a workflow: octobot has no permission `workflows`, on purpose, "
        f"so a person must make it ({words})"
    )
