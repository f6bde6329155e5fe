"""The thumbs on a comment of ours, every page; nobody is told of them, so they are asked for.

The comment's own count is read first: most comments have none, and with an ETag that costs nothing.
"""

from datetime import datetime

from octobot.github.repository import comments
from octobot.github.repository.handle import Handle
from octobot.github.transport.json_fields import Unexpected, at, maybe_number, number, text
from octobot.model.ids import PullNumber
from octobot.model.steering import Person
from octobot.model.suggestion import Thumb

_UP, _DOWN = "+1", "-1"


class Thumbs:
    """The part of a repository that shows what people think of a comment."""

    _handle: Handle

    async def thumbs(self, number: PullNumber, *, tag: str) -> tuple[Thumb, ...] | None:
        """Give the thumbs on our comment with this tag, bots' too; None when it is gone."""
        return await thumbs(self._handle, number, tag=tag)


async def thumbs(handle: Handle, thread: PullNumber, *, tag: str) -> tuple[Thumb, ...] | None:
    """Give the thumbs on our comment with this tag, oldest first; None when it is gone."""
    standing = await comments.find(handle, thread, tag)
    if standing is None:
        return None
    if not any(maybe_number(standing, "reactions", kind) for kind in (_UP, _DOWN)):
        return ()
    path = handle.path("issues/comments", number(standing, "id"), "reactions")
    return tuple(
        _thumb(each)
        for each in await handle.road.pages(path)
        if at(each, "content") in {_UP, _DOWN}
    )


def _thumb(data: object) -> Thumb:
    user = at(data, "user")
    try:
        when = datetime.fromisoformat(text(data, "created_at"))
    except ValueError:
        raise Unexpected("created_at", "time") from None
    person = Person(
        maybe_number(user, "id") or 0,
        text(user, "login") if user is not None else "",
        bot=at(user, "type") != "User",
    )
    return Thumb(person, at(data, "content") == _UP, when)
