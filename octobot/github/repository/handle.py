"""One watched repository as the modules of this room pass it around: session, names and numbers."""

from dataclasses import dataclass
from urllib.parse import quote, urlencode

from octobot.github.app.installations import BotAccount
from octobot.github.transport.json_fields import number, text
from octobot.github.transport.session import Session
from octobot.model.errors import Misconfigured
from octobot.model.ids import Watched


@dataclass(frozen=True, slots=True)
class Handle:
    """What every read and write of one repository needs."""

    session: Session
    """Narrowed to this repository: its token opens no other one that takes over the name."""
    watched: Watched
    bot: BotAccount

    def path(self, *segments: str | int, **query: str | int) -> str:
        """Return the quoted path below `/repos/OWNER/NAME`; a segment may hold slashes."""
        repository = self.watched.repository
        parts = ["repos", repository.owner, repository.name, *map(str, segments)]
        joined = "/".join(parts)
        if not {".", "..", ""}.isdisjoint(joined.split("/")):
            raise ValueError(f"{joined!r} would lead to another address")
        return f"/{quote(joined, safe='/')}" + (f"?{urlencode(query)}" if query else "")

    async def node(self) -> str:
        """Read the repository's GraphQL id, and prove that the name still means it."""
        data = await self.session.get(self.path())
        if number(data, "id") != self.watched.id:
            raise Misconfigured(
                f"{self.watched.repository} is not repository {self.watched.id} any more"
            )
        return text(data, "node_id")
