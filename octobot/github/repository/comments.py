"""octobot's own comments and issues: found by author and hidden tag, replaced in place.

Anybody could type the tag, and the author has many comments; together they identify one.  The tag
is the last line of the text, so that foreign text quoted in it cannot pose as the tag.
"""

import contextlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import structlog

from octobot.github.transport.json_fields import at, maybe_number, number
from octobot.github.transport.request import AnswerLost, Gone
from octobot.github.transport.session import Handle

log = structlog.get_logger()

_STAYS_OFF = 6 * 3600.0
"""Seconds in which issues that are switched off are not tried again."""
_TAG = re.compile(r"[A-Za-z0-9][A-Za-z0-9+_. -]{0,200}")


@dataclass(frozen=True, slots=True)
class _Tagged:
    """What comments and issues have in common: octobot's own are found by their tag."""

    handle: Handle

    async def _find(self, path: str, tag: str) -> object | None:
        """Find octobot's oldest with this tag; pull requests are left out."""
        for each in await self.handle.session.pages(path):
            own = maybe_number(at(each, "user"), "id") == self.handle.bot.id
            tagged_so = _plain(each).splitlines()[-1:] == [_hidden(tag)]
            if own and tagged_so and at(each, "pull_request") is None:
                return each
        return None

    async def _create(self, path: str, wanted: dict[str, object], tag: str) -> object:
        try:
            return await self.handle.session.write("POST", path, wanted)
        except AnswerLost:
            made = await self._find(f"{path}?state=open" if path.endswith("/issues") else path, tag)
            if made is None:
                raise
            return made


class Comments(_Tagged):
    """The comments of octobot in one repository."""

    __slots__ = ()

    async def post(self, thread: int, *, tag: str, body: str) -> None:
        """Post a comment on a pull request or issue, or replace the one with this tag."""
        wanted = tagged(tag, body)
        path = self.handle.path("issues", thread, "comments")
        try:
            existing = await self._find(path, tag)
        except Gone:  # an issue, where issues were switched off: nobody could read it
            log.info("comment left out", thread=thread, because="issues are switched off")
            return
        if existing is None:
            await self._create(path, {"body": wanted}, tag)
        elif _plain(existing) != wanted:
            place = self.handle.path("issues/comments", number(existing, "id"))
            await self.handle.session.write("PATCH", place, {"body": wanted})

    async def has_said(self, thread: int, tag: str) -> bool:
        """Return whether octobot's comment with this tag exists."""
        return await self.find(thread, tag) is not None

    async def shown(self, thread: int, tag: str) -> str:
        """Return our comment with this tag as it is shown; empty without one."""
        return _plain(await self.find(thread, tag))

    async def find(self, thread: int, tag: str) -> object | None:
        """Find octobot's comment with this tag; None when it does not exist (any more)."""
        return await self._find(self.handle.path("issues", thread, "comments"), tag)


@dataclass(frozen=True, slots=True)
class Issues(_Tagged):
    """The issues of octobot in one repository.

    Where they are switched off (410), that is logged once and tried again after some hours.
    Source: docs.github.com, REST "Create an issue".
    """

    _off_since: list[float] = field(default_factory=list)
    """By the steady clock; empty while issues are there, as far as octobot knows."""

    @property
    def off(self) -> bool:
        """Whether GitHub said lately that issues are switched off."""
        since = self._off_since
        return bool(since) and self.handle.session.clock.steady() - since[0] < _STAYS_OFF

    async def post(
        self, *, tag: str, title: str, body: str, labels: Sequence[str] = ()
    ) -> int | None:
        """Open an issue, or update the open one with this tag; return its number.

        None where issues are switched off.  Labels are put on it when it is opened; GitHub makes
        those that it does not have.
        """
        if self.off:
            return None
        try:
            return await self._post(tag, title, body, labels)
        except Gone:
            self._off_since[:] = [self.handle.session.clock.steady()]
            repository = str(self.handle.watched.repository)
            log.warning("issues are switched off", repository=repository, unsaid=title)
            return None

    async def _post(self, tag: str, title: str, body: str, labels: Sequence[str]) -> int:
        wanted: dict[str, object] = {"title": title, "body": tagged(tag, body)}
        existing = await self._find(self._open_issues(), tag)
        if existing is None:
            new = {**wanted, "labels": list(labels)} if labels else wanted
            made = await self._create(self.handle.path("issues"), new, tag)
            return number(made, "number")
        if at(existing, "title") != title or _plain(existing) != wanted["body"]:
            place = self.handle.path("issues", number(existing, "number"))
            await self.handle.session.write("PATCH", place, wanted)
        return number(existing, "number")

    async def close(self, issue: int) -> None:
        """Close an issue; a closed one stays closed."""
        wanted: dict[str, object] = {"state": "closed", "state_reason": "completed"}
        with contextlib.suppress(Gone):  # switched off: nobody sees it any more
            await self.handle.session.write("PATCH", self.handle.path("issues", issue), wanted)

    async def has_said(self, tag: str) -> bool:
        """Return whether octobot's open issue with this tag exists."""
        return await self._find(self._open_issues(), tag) is not None

    def _open_issues(self) -> str:
        return self.handle.path("issues", state="open", creator=self.handle.bot.login)


def tagged(tag: str, body: str) -> str:
    """Return a text that ends with its hidden tag, which may name a package and a version."""
    if not _TAG.fullmatch(tag):
        raise ValueError(f"{tag!r} cannot be hidden in a comment")
    return f"{body.rstrip()}\n\n{_hidden(tag)}"


def _hidden(tag: str) -> str:
    return f"<!-- octobot:{tag} -->"


def _plain(existing: object) -> str:
    """Return a text as it was sent: GitHub may keep it with CR LF."""
    shown = at(existing, "body")
    return shown.replace("\r\n", "\n").rstrip() if isinstance(shown, str) else ""
