"""What the stories ask of everything that is not the watched repository.

`app` opens the real client; tests play upstreams, hostile ones too, by dictionaries.  It is apart
from the context, so that commands that only ask upstreams load no store and no GitHub.
"""

import asyncio
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol, TypeVar

from octobot.model.lookup import Request, Response, Unreachable

T = TypeVar("T")


class Upstreams(Protocol):
    """The hosts of upstreams."""

    async def send(self, request: Request) -> Response:
        """Send one request of a datasource; failures are answers, not exceptions."""
        ...

    async def digest(self, uri: str, algorithm: Literal["sha256", "sha512"]) -> str | None:
        """Download and hash, streamed and capped; None when it cannot be downloaded."""
        ...


@dataclass(frozen=True, slots=True)
class Stoppable:
    """The upstreams until somebody wants to stop: then nothing is waited for any more.

    What was answered before is worth as much as ever, so a survey ends with what is known.
    """

    inner: Upstreams
    stop: asyncio.Event

    async def send(self, request: Request) -> Response:
        """Send a request; after the stop it is out of reach."""
        return await self._unless_stopped(self.inner.send(request)) or Unreachable("interrupted")

    async def digest(self, uri: str, algorithm: Literal["sha256", "sha512"]) -> str | None:
        """Download and hash; after the stop there is no digest."""
        return await self._unless_stopped(self.inner.digest(uri, algorithm))

    async def _unless_stopped(self, answer: Coroutine[None, None, T]) -> T | None:
        tasks = asyncio.ensure_future(answer), asyncio.ensure_future(self.stop.wait())
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            return tasks[0].result() if tasks[0].done() and not self.stop.is_set() else None
        finally:
            for task in tasks:
                task.cancel()


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
