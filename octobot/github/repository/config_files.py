"""Settings files as they stand: the repository's own, and the organisation's in `OWNER/.github`.

An unchanged file costs no rate limit: GitHub answers 304 to what was kept with its ETag.  Of the
organisation's repository only the default branch is asked for; what stands at one commit never
changes, and neither does that nothing stands there.
"""

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from octobot.github.app.app import App
from octobot.github.transport.json_fields import at, sha
from octobot.github.transport.request import refusal
from octobot.github.transport.session import Handle
from octobot.model.config import ConfigFile
from octobot.model.ids import BotAccount, RepositoryId, Sha, Watched

PATH = ".github/octobot.yaml"
_ABSENT = 404
_NO_BLOB = Sha("0" * 40)


class Organisation:
    """The file that an organisation's repositories have in common."""

    def __init__(self, handle: Handle) -> None:
        self._handle = handle
        self._path = f"{handle.watched.repository}: {PATH}"
        self._seen: tuple[Sha, ConfigFile | None] | None = None

    async def config_file(self, *, fresh: bool = False) -> ConfigFile | None:
        """Read the file of the default branch; None when there is none."""
        head = await self._head(fresh=fresh)
        if head is None:
            return None
        if self._seen is None or self._seen[0] != head:
            self._seen = head, await _read(self._handle, self._path, head)
        return self._seen[1]

    async def _head(self, *, fresh: bool) -> Sha | None:
        handle = self._handle
        path = handle.path("branches", handle.watched.default_branch)
        answer = await handle.session.exchange("GET", path, fresh=fresh)
        if answer.status == _ABSENT:
            return None
        if not answer.fine:
            raise refusal(f"GET {path}", answer)
        return sha(answer.data, "commit", "sha")


@dataclass(frozen=True, slots=True)
class ConfigFiles:
    """The settings files of one repository."""

    handle: Handle
    above: Organisation | None

    async def read(self, *, fresh: bool = False) -> tuple[ConfigFile, ...]:
        """Read the files that stand on default branches, the organisation's before the own one.

        `fresh` reads them in full, whatever was kept of them.
        """
        above = await self.above.config_file(fresh=fresh) if self.above else None
        own = await _read(self.handle, PATH, self.handle.watched.default_branch, fresh=fresh)
        return tuple(each for each in (above, own) if each)


async def _read(handle: Handle, name: str, ref: str, *, fresh: bool = False) -> ConfigFile | None:
    path = handle.path("contents", PATH, ref=ref)
    answer = await handle.session.exchange("GET", path, fresh=fresh)
    if answer.status == _ABSENT:
        return None
    if not answer.fine:
        raise refusal(f"GET {path}", answer)
    if at(answer.data, "type") != "file":  # a folder, a link, a submodule
        return ConfigFile(name, _NO_BLOB, None)
    return ConfigFile(name, sha(answer.data, "sha"), _text(answer.data))


def _text(data: object) -> str | None:
    """Decode the content; None for what is no UTF-8, or too large for GitHub to give here."""
    content = at(data, "content")
    if at(data, "encoding") != "base64" or not isinstance(content, str):
        return None
    try:
        return base64.b64decode(content).decode()
    except (binascii.Error, UnicodeDecodeError):
        return None


NAME = ".github"
_READING: Mapping[str, str] = MappingProxyType({"contents": "read", "metadata": "read"})


def organisations(watched: Sequence[Watched]) -> Mapping[RepositoryId, Watched]:
    """Return the owner's `.github` for each repository that has one within its installation."""
    above = {
        (each.installation, each.repository.owner): each
        for each in watched
        if each.repository.name == NAME
    }
    return {
        each.id: found
        for each in watched
        if (found := above.get((each.installation, each.repository.owner))) and found.id != each.id
    }


def organisation(app: App, above: Watched | None, bot: BotAccount) -> Organisation | None:
    """Open the session to an organisation's file, with a token that reads this repository alone."""
    if above is None:
        return None
    scope = frozenset({above.id})
    session = app.installation(above.installation, repositories=scope, permissions=_READING)
    return Organisation(Handle(session, above, bot))
