"""One request and its answer, and what kind of request it is.

What may be repeated decides between a retry and a look-up: a lost answer to a write that must not
happen twice is `AnswerLost`, and whoever asked reads what became of it.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from octobot.github.transport.throttle import Kind
from octobot.model.errors import TryLater

_SOON = timedelta(seconds=30)
_HOOK = "/app/hook/deliveries/"
_MUTATION = re.compile(rb"\bmutation\b")


class Again(TryLater):
    """Not done, and safe to repeat; told outside only when the retries are used up."""

    def __init__(self, message: str, *, paused: bool = False) -> None:
        super().__init__(message, after=_SOON)
        self.paused = paused
        """True when a gate already makes the next try wait."""


class AnswerLost(TryLater):
    """A write whose answer never came: it may have taken place, so it is not repeated blindly."""

    def __init__(self, message: str) -> None:
        super().__init__(message, after=_SOON)


@dataclass(frozen=True, slots=True)
class Ask:
    """One request, complete but for who asks."""

    method: str
    url: str
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes
    kind: Kind

    @property
    def name(self) -> str:
        """The request in words, for logs and errors; no query, no secrets."""
        return f"{self.method} {self.url.partition('?')[0]}"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: any status that is not a limit, a refusal of who we are, or a fault."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case."""
    data: object
    """The JSON; None where the body is empty or of another kind."""
    next: str | None = None
    """The address of the next page."""

    @property
    def fine(self) -> bool:
        """Whether the status is 2xx."""
        return self.status // 100 == 2  # noqa: PLR2004  (the class of successes)

    @property
    def words(self) -> str:
        """GitHub's own words about a refusal; foreign text."""
        return words_of(self.data)


def words_of(data: object) -> str:
    """Gather `message` and `errors` of an error's JSON in one line of at most 500 characters."""
    if not isinstance(data, Mapping):
        return ""
    errors = data.get("errors")
    details = errors if isinstance(errors, list) else []
    said = [data.get("message")]
    said += [error.get("message") if isinstance(error, Mapping) else error for error in details]
    return "; ".join(text for text in said if isinstance(text, str))[:500]


def lenient(body: bytes) -> object:
    """Parse an error's body; None for what is not JSON, such as a proxy's page."""
    try:
        parsed: object = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return parsed


def kind_of(method: str, path: str, body: bytes) -> Kind:
    """Tell what kind of request this is; `path` has no query."""
    if path.endswith("/graphql"):
        # A query that merely mentions the word loses its retries, and nothing else.
        if _MUTATION.search(body):
            return Kind("graphql", write=True, content=True, repeatable=False)
        return Kind("graphql")
    if method in ("GET", "HEAD"):
        return Kind("search" if "/search/" in path else "core")
    if path.endswith("/access_tokens"):
        return Kind("core")  # one token more does no harm
    if _HOOK in path:
        return Kind("core", write=True)  # a delivery more does no harm
    return Kind(
        "core",
        write=True,
        content=method != "DELETE" and "/check-runs" not in path,
        # A second merge of a merged pull request is refused, which would read as "not merged".
        repeatable=method in ("PUT", "DELETE") and not path.endswith("/merge"),
    )
