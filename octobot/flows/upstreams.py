"""What the stories ask of everything that is not the watched repository.

`app` opens the real client; tests play upstreams, hostile ones too, by dictionaries.  It is apart
from the context, so that commands that only ask upstreams load no store and no GitHub.
"""

from typing import Literal, Protocol

from octobot.model.lookup import Request, Response


class Upstreams(Protocol):
    """The hosts of upstreams."""

    async def send(self, request: Request) -> Response:
        """Send one request of a datasource; failures are answers, not exceptions."""
        ...

    async def digest(self, uri: str, algorithm: Literal["sha256", "sha512"]) -> str | None:
        """Download and hash, streamed and capped; None when it cannot be downloaded."""
        ...
