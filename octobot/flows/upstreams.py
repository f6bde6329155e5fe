"""What the stories ask of the road to everything that is not the watched repository.

`app` opens the real roads; tests play upstreams, hostile ones too, by dictionaries.
"""

from typing import Literal, Protocol

from octobot.model.lookup import Request, Response


class Upstreams(Protocol):
    """The hosts of upstreams."""

    async def send(self, request: Request) -> Response:
        """Carry one request of a datasource; failures are answers, not exceptions."""
        ...

    async def digest(self, uri: str, algorithm: Literal["sha256", "sha512"]) -> str | None:
        """Download and hash, streamed and capped; None when it cannot be had."""
        ...
