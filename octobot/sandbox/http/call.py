"""One request to the sandbox's API, and the answer to it, as values.

Handlers take a `Call` and return an `Answer`; the door handles sockets, headers, ETags and limits.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeVar
from urllib.parse import urlencode

from octobot.sandbox.http.fields import BadField, Fields, Json
from octobot.sandbox.state.nouns import Account, Level, RepositoryState

DOCUMENTATION = "https://docs.github.com/rest"
T = TypeVar("T")


class Refusal(Exception):  # noqa: N818  (an answer, not a defect)
    """An error answer of GitHub."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        errors: Sequence[object] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status, self.message = status, message
        self.errors, self.headers = errors, headers or {}

    def answer(self) -> "Answer":
        """Return it as JSON."""
        body: Json = {"message": self.message, "documentation_url": DOCUMENTATION}
        if self.errors:
            body["errors"] = list(self.errors)
        return Answer({**body, "status": str(self.status)}, self.status, self.headers)


def missing() -> Refusal:
    """Return 404, also for what the caller may not see."""
    return Refusal(404, "Not Found")


def invalid(resource: str, name: str, code: str, message: str = "") -> Refusal:
    """Return 422 for one field."""
    error: Json = {"resource": resource, "field": name, "code": code}
    if message:
        error["message"] = message
    return Refusal(422, "Validation Failed", errors=[error])


@dataclass(frozen=True, slots=True)
class Actor:
    """Who is calling, by their credential."""

    kind: Literal["anonymous", "app", "installation", "person"]
    account: Account | None = None
    """The person, or the App's bot."""
    app: int | None = None
    installation: int | None = None
    permissions: Mapping[str, Level] = field(default_factory=dict)
    repositories: frozenset[int] = frozenset()

    @property
    def name(self) -> str:
        """The name in the log."""
        return self.account.login if self.account else self.kind

    @property
    def bucket(self) -> str:
        """Whose rate limit is used up."""
        return f"{self.kind}:{self.installation or self.name}"

    @property
    def id(self) -> int:
        """The account's number; 401 for the anonymous."""
        if self.account is None:
            raise Refusal(401, "Requires authentication")
        return self.account.id


@dataclass(frozen=True, slots=True)
class Call:
    """A request."""

    method: str
    path: str
    """Without `/api/v3` and the query, still percent-encoded."""
    query: Mapping[str, str]
    body: bytes
    accept: str
    actor: Actor
    conditional: bool = False
    """It has `If-None-Match`, so it can be answered 304."""
    parameters: Mapping[str, str] = field(default_factory=dict)
    """The values of the path parameters, decoded."""
    repository: RepositoryState | None = None

    @property
    def repo(self) -> RepositoryState:
        """The repository of a `/repos/…` path."""
        if self.repository is None:
            raise missing()
        return self.repository

    @property
    def fields(self) -> Fields:
        """The JSON body; 400 when it is not JSON."""
        try:
            return Fields.parse(self.body)
        except BadField as wrong:
            raise Refusal(400, str(wrong)) from wrong

    def number(self, name: str) -> int:
        """Read a numeric path parameter; 404 for anything else."""
        text = self.parameters[name]
        if not text.isdigit():
            raise missing()
        return int(text)


@dataclass(frozen=True, slots=True)
class Answer:
    """A response."""

    body: object = None
    """JSON, or raw bytes; None for no body."""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = "application/json; charset=utf-8"
    broken: bool = False
    """Made by an injected fault: exempt from GitHub's description."""


@dataclass(frozen=True, slots=True)
class Page:
    """The page of a list that the caller asks for."""

    number: int
    size: int
    total: int

    @classmethod
    def of(cls, call: Call, total: int) -> "Page":
        """Read `page` and `per_page` (default 30, at most 100)."""
        size, number = call.query.get("per_page", ""), call.query.get("page", "")
        return cls(
            max(1, int(number)) if number.isdigit() else 1,
            min(100, max(1, int(size))) if size.isdigit() else 30,
            total,
        )

    def cut(self, items: Sequence[T]) -> Sequence[T]:
        """Return the items of this page."""
        return items[(self.number - 1) * self.size : self.number * self.size]

    def links(self, url: str, call: Call) -> dict[str, str]:
        """Return the `Link` header for the pages before and after."""
        last = max(1, math.ceil(self.total / self.size))
        wanted: dict[str, int] = {}
        if self.number > 1:
            wanted |= {"prev": self.number - 1, "first": 1}
        if self.number < last:
            wanted |= {"next": self.number + 1, "last": last}
        parts = []
        for word, number in wanted.items():
            query = urlencode({**call.query, "page": str(number)})
            parts.append(f'<{url}{call.path}?{query}>; rel="{word}"')
        return {"Link": ", ".join(parts)} if parts else {}
