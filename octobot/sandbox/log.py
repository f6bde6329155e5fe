"""What the outside did: the oracle of tests, which never asks the bot itself."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

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

    @property
    def is_write(self) -> bool:
        """Tell whether something was to be changed."""
        if self.path == "/api/graphql":
            return bool(self.mutations)
        return self.method not in ("GET", "HEAD") and not self.path.endswith("/git-upload-pack")

    @property
    def is_content_write(self) -> bool:
        """Tell whether it counts against GitHub's limit of content writes.

        That is what makes notifications or history: commits, branches, pull requests, merges,
        comments, issues, labels; not tokens and check runs.
        """
        succeeded = 200 <= self.status < 300  # noqa: PLR2004  (HTTP's own bounds)
        clean = self.path.partition("?")[0]
        skipped = clean.endswith(_NOT_CONTENT) or "/check-runs/" in clean
        return self.is_write and succeeded and not skipped


class Log:
    """All exchanges, in the order of their answers."""

    def __init__(self) -> None:
        self._exchanges: list[Exchange] = []

    def add(self, exchange: Exchange) -> None:
        """Note one."""
        self._exchanges.append(exchange)

    def writes(self) -> list[Exchange]:
        """Give those that changed or tried to change something."""
        return [one for one in self._exchanges if one.is_write]

    def content_writes(self) -> list[Exchange]:
        """Give those that count against GitHub's limit of content writes."""
        return [one for one in self._exchanges if one.is_content_write]

    def clear(self) -> None:
        """Forget all so far."""
        self._exchanges.clear()

    def __iter__(self) -> Iterator[Exchange]:
        return iter(tuple(self._exchanges))

    def __len__(self) -> int:
        return len(self._exchanges)

    def __getitem__(self, index: int) -> Exchange:
        return self._exchanges[index]
