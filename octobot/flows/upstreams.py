"""What the stories ask of everything that is not the watched repository.

`app` opens the real client; tests play upstreams, hostile ones too, by dictionaries.  It is apart
from the context, so that commands that only ask upstreams load no store and no GitHub.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from octobot.model.lookup import Request, Response, Unreachable


class Upstreams(Protocol):
    """The hosts of upstreams."""

    async def send(self, request: Request) -> Response:
        """Send one request of a datasource; failures are answers, not exceptions."""
        ...

    async def digest(self, uri: str, algorithm: Literal["sha256", "sha512"]) -> str | None:
        """Download and hash, streamed and capped; None when it cannot be downloaded."""
        ...


@dataclass(frozen=True, slots=True)
class Remembering:
    """The upstreams, with a memory of what they answered.

    Who has a transaction open must not wait for a host: it asks before, and `recalled` within.
    """

    inner: Upstreams
    _answers: list[tuple[Request, Response]] = field(default_factory=list)
    _digests: dict[tuple[str, str], str | None] = field(default_factory=dict)

    async def send(self, request: Request) -> Response:
        """Send a request, and remember the answer."""
        response = await self.inner.send(request)
        self._answers.append((request, response))
        return response

    async def digest(self, uri: str, algorithm: Literal["sha256", "sha512"]) -> str | None:
        """Download and hash, and remember the digest."""
        found = await self.inner.digest(uri, algorithm)
        self._digests[uri, algorithm] = found
        return found

    def recalled(self) -> Upstreams:
        """Return upstreams that answer from this memory, and are out of reach for all else."""
        return _Recalled(self._answers, self._digests)


@dataclass(frozen=True, slots=True)
class _Recalled:
    answers: Sequence[tuple[Request, Response]]
    digests: Mapping[tuple[str, str], str | None]

    async def send(self, request: Request) -> Response:
        known = (response for asked, response in self.answers if asked == request)
        return next(known, Unreachable("it was not asked before the command was carried out"))

    async def digest(self, uri: str, algorithm: Literal["sha256", "sha512"]) -> str | None:
        return self.digests.get((uri, algorithm))
