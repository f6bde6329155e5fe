"""Comments and issues of ours: found again by author and hidden tag, replaced in place.

The tag alone could be typed by anybody and the author alone has many comments; together they are
ours.  The tag is the text's last line, so that foreign text quoted within cannot pose as it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from octobot.github.repository.handle import Handle
from octobot.github.transport.json_fields import at, maybe_number, number
from octobot.github.transport.request import AnswerLost
from octobot.github.transport.session import refusal

_TAG = re.compile(r"[A-Za-z0-9][A-Za-z0-9+_. -]{0,200}")


@dataclass(frozen=True, slots=True)
class _Tagged:
    """What comments and issues have in common: ours are found by their tag."""

    handle: Handle

    async def _find(self, path: str, tag: str) -> object | None:
        """Find the oldest of ours with this tag; a pull request is no issue."""
        for each in await self.handle.session.pages(path):
            ours = maybe_number(at(each, "user"), "id") == self.handle.bot.id
            tagged_so = _plain(each).splitlines()[-1:] == [_hidden(tag)]
            if ours and tagged_so and at(each, "pull_request") is None:
                return each
        return None

    async def _create(self, path: str, wanted: dict[str, object], tag: str) -> object:
        try:
            return await self._write("POST", path, wanted)
        except AnswerLost:
            made = await self._find(f"{path}?state=open" if path.endswith("/issues") else path, tag)
            if made is None:
                raise
            return made

    async def _write(self, method: str, path: str, wanted: dict[str, object]) -> object:
        answer = await self.handle.session.exchange(method, path, wanted)
        if not answer.fine:
            raise refusal(f"{method} {path}", answer)
        return answer.data


class Comments(_Tagged):
    """The comments of octobot in one repository."""

    __slots__ = ()

    async def post(self, thread: int, *, tag: str, body: str) -> None:
        """Put one comment of ours on a pull request or issue, in place of the one with this tag."""
        wanted = tagged(tag, body)
        path = self.handle.path("issues", thread, "comments")
        standing = await self._find(path, tag)
        if standing is None:
            await self._create(path, {"body": wanted}, tag)
        elif _plain(standing) != wanted:
            place = self.handle.path("issues/comments", number(standing, "id"))
            await self._write("PATCH", place, {"body": wanted})

    async def has_said(self, thread: int, tag: str) -> bool:
        """Return whether our comment with this tag is shown."""
        return await self.find(thread, tag) is not None

    async def find(self, thread: int, tag: str) -> object | None:
        """Find our comment with this tag; None when there is none (any more)."""
        return await self._find(self.handle.path("issues", thread, "comments"), tag)


class Issues(_Tagged):
    """The issues of octobot in one repository."""

    __slots__ = ()

    async def post(self, *, tag: str, title: str, body: str, labels: Sequence[str] = ()) -> int:
        """Open an issue of ours, or update the open one with this tag; return its number.

        Labels are put on it when it is opened; GitHub makes those that it does not have.
        """
        wanted: dict[str, object] = {"title": title, "body": tagged(tag, body)}
        standing = await self._find(self._open_issues(), tag)
        if standing is None:
            new = {**wanted, "labels": list(labels)} if labels else wanted
            made = await self._create(self.handle.path("issues"), new, tag)
            return number(made, "number")
        if at(standing, "title") != title or _plain(standing) != wanted["body"]:
            place = self.handle.path("issues", number(standing, "number"))
            await self._write("PATCH", place, wanted)
        return number(standing, "number")

    async def close(self, issue: int) -> None:
        """Close an issue; closed already stays so."""
        wanted: dict[str, object] = {"state": "closed", "state_reason": "completed"}
        await self._write("PATCH", self.handle.path("issues", issue), wanted)

    async def has_said(self, tag: str) -> bool:
        """Return whether our open issue with this tag is shown."""
        return await self._find(self._open_issues(), tag) is not None

    def _open_issues(self) -> str:
        return self.handle.path("issues", state="open", creator=self.handle.bot.login)


def tagged(tag: str, body: str) -> str:
    """End a text with its hidden tag; a tag may name a package and a version."""
    if not _TAG.fullmatch(tag):
        raise ValueError(f"{tag!r} cannot be hidden in a comment")
    return f"{body.rstrip()}\n\n{_hidden(tag)}"


def _hidden(tag: str) -> str:
    return f"<!-- octobot:{tag} -->"


def _plain(standing: object) -> str:
    """Return a text as it was sent: GitHub may keep it with CR LF."""
    shown = at(standing, "body")
    return shown.replace("\r\n", "\n").rstrip() if isinstance(shown, str) else ""
