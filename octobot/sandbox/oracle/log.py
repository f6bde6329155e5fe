"""What the outside did: the oracle of tests, which never asks the bot itself."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from octobot.model.ids import Sha

_NOT_CONTENT = ("/access_tokens", "/check-runs", "/attempts", "/rerequest", "/rerun-failed-jobs")


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its answer."""

    at: datetime
    method: str
    path: str
    """With the query; REST without `/api/v3`."""
    status: int
    actor: str
    """Login, or `app`, or `anonymous`."""
    request_size: int
    """Bytes."""
    response_size: int
    """Bytes of the body; 0 for git, which is streamed."""
    body: bytes = b""
    """Of writes and of GraphQL calls."""
    mutations: tuple[str, ...] = ()
    """The GraphQL mutations that took effect, in order."""
    commits: tuple[Sha, ...] = ()
    """The commits whose ids the answer really contained: only these can be recorded by a caller."""

    @property
    def is_write(self) -> bool:
        """Return whether the call asked for a change."""
        if self.path == "/api/graphql":
            return bool(self.mutations)
        return self.method not in ("GET", "HEAD") and not self.path.endswith("/git-upload-pack")

    @property
    def is_content_write(self) -> bool:
        """Return whether it counts against GitHub's limit of content writes.

        That is what makes notifications or history: commits, branches, pull requests, merges,
        comments, issues, labels; not tokens and check runs.
        """
        succeeded = 200 <= self.status < 300  # noqa: PLR2004  (HTTP's own bounds)
        clean = self.path.partition("?")[0]
        skipped = clean.endswith(_NOT_CONTENT) or "/check-runs/" in clean
        return self.is_write and succeeded and not skipped


def commits_in(content: bytes) -> tuple[Sha, ...]:
    """Return the commit ids in an answer; empty when the answer was cut."""
    try:
        answer = json.loads(content)
    except ValueError:
        return ()
    if not isinstance(answer, dict):  # a list, such as the labels of an issue
        return ()
    if "tree" in answer and "parents" in answer:  # REST's own answer to "Create a commit"
        return (Sha(answer["sha"]),)
    made = ((answer.get("data") or {}).get("createCommitOnBranch") or {}).get("commit") or {}
    return (Sha(made["oid"]),) if "oid" in made else ()


class Log:
    """All exchanges, in the order of their answers."""

    def __init__(self) -> None:
        self._exchanges: list[Exchange] = []
        self._start = 0

    def add(self, exchange: Exchange) -> None:
        """Record one."""
        self._exchanges.append(exchange)

    def writes(self) -> list[Exchange]:
        """Return the calls that changed something or tried to."""
        return [one for one in self if one.is_write]

    def content_writes(self) -> list[Exchange]:
        """Return the calls that count against GitHub's limit of content writes."""
        return [one for one in self if one.is_content_write]

    def clear(self) -> None:
        """Start over; earlier exchanges are only in `whole`."""
        self._start = len(self._exchanges)

    def whole(self) -> tuple[Exchange, ...]:
        """Return every call since the sandbox started."""
        return tuple(self._exchanges)

    def __iter__(self) -> Iterator[Exchange]:
        return iter(self._exchanges[self._start :])

    def __len__(self) -> int:
        return len(self._exchanges) - self._start

    def __getitem__(self, index: int) -> Exchange:
        return self._exchanges[self._start :][index]
