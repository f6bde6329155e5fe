"""Reactions: octobot's own to people's comments, and people's thumbs on octobot's comments.

No delivery announces a thumb, so they are read, every page.
The comment's own count is read first: most comments have none, and with an ETag that costs nothing.
"""

from dataclasses import dataclass

from octobot.github.repository.comments import Comments
from octobot.github.transport.json_fields import at, maybe_number, moment, number, text
from octobot.github.transport.request import AnswerLost, refusal
from octobot.github.transport.session import Handle
from octobot.model.ids import PullNumber
from octobot.model.orders import Person, TextRef
from octobot.model.suggestion import Thumb

_UP, _DOWN = "+1", "-1"
_ABSENT = frozenset({404, 410})


@dataclass(frozen=True, slots=True)
class Reactions:
    """The reactions to the comments of one repository."""

    handle: Handle
    comments: Comments

    async def thumbs(self, thread: PullNumber, *, tag: str) -> tuple[Thumb, ...] | None:
        """Return the thumbs on the comment with this tag, oldest first; None when it is deleted."""
        existing = await self.comments.find(thread, tag)
        if existing is None:
            return None
        if not any(maybe_number(existing, "reactions", kind) for kind in (_UP, _DOWN)):
            return ()
        path = self.handle.path("issues/comments", number(existing, "id"), "reactions")
        return tuple(
            _thumb(each)
            for each in await self.handle.session.pages(path)
            if at(each, "content") in {_UP, _DOWN}
        )

    async def add(self, ref: TextRef, content: str) -> None:
        """React to a text, once; a deleted one is fine, and reviews take no reactions."""
        path = self._path(ref)
        if path is None:
            return
        try:
            answer = await self.handle.session.exchange("POST", path, {"content": content})
        except AnswerLost:
            return  # GitHub keeps one of a kind for each user; a missing thumb does no harm
        if not answer.fine and answer.status not in _ABSENT:
            raise refusal(f"POST {path}", answer)

    async def own(self, ref: TextRef) -> frozenset[str]:
        """Return octobot's own reactions to a text."""
        path = self._path(ref)
        found = await self.handle.session.pages(path) if path else []
        return frozenset(
            text(each, "content")
            for each in found
            if maybe_number(at(each, "user"), "id") == self.handle.bot.id
        )

    def _path(self, ref: TextRef) -> str | None:
        match ref.kind:
            case "comment":
                return self.handle.path("issues/comments", ref.id, "reactions")
            case "review comment":
                return self.handle.path("pulls/comments", ref.id, "reactions")
            case "issue":
                return self.handle.path("issues", ref.id, "reactions")
            case "review":
                return None


def _thumb(data: object) -> Thumb:
    user = at(data, "user")
    person = Person(
        maybe_number(user, "id") or 0,
        text(user, "login") if user is not None else "",
        bot=at(user, "type") != "User",
    )
    return Thumb(person, at(data, "content") == _UP, moment(data, "created_at"))
