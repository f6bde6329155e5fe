"""Settings files: the repository's own, and the organisation's in `OWNER/.github`.

An unchanged file costs no rate limit: GitHub answers a request with its ETag with 304.  Of the
organisation's repository only the head is requested each time; the file at one commit, or that
there is no file, never changes.
"""

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from octobot.github.app.app import App
from octobot.github.repository.git_objects import FILES, FOLDER
from octobot.github.repository.trees import Trees
from octobot.github.transport.json_fields import at, sha
from octobot.github.transport.session import Handle
from octobot.model.config import ConfigFile
from octobot.model.ids import BotAccount, RepositoryId, Sha, Watched

PATH = ".github/octobot.yaml"
_NO_BLOB = Sha("0" * 40)


class Organisation:
    """The file that an organisation's repositories have in common."""

    def __init__(self, handle: Handle) -> None:
        self._handle = handle
        self._path = f"{handle.watched.repository}: {PATH}"
        self._seen: tuple[Sha, ConfigFile | None] | None = None

    async def config_file(self, *, fresh: bool = False) -> ConfigFile | None:
        """Read the file of the default branch; None when it does not exist."""
        head = await self._head(fresh=fresh)
        if head is None:
            return None
        if self._seen is None or self._seen[0] != head:
            self._seen = head, await _read(self._handle, self._path, head)
        return self._seen[1]

    async def _head(self, *, fresh: bool) -> Sha | None:
        handle = self._handle
        path = handle.path("branches", handle.watched.default_branch)
        found = await handle.session.find(path, fresh=fresh)
        return None if found is None else sha(found, "commit", "sha")


@dataclass(frozen=True, slots=True)
class ConfigFiles:
    """The settings files of one repository."""

    handle: Handle
    above: Organisation | None
    trees: Trees

    async def read(self, *, fresh: bool = False) -> tuple[ConfigFile, ...]:
        """Read the files on the default branches, the organisation's before the own one.

        `fresh` reads them in full, past the cache.
        """
        above = await self.above.config_file(fresh=fresh) if self.above else None
        own = await _read(self.handle, PATH, self.handle.watched.default_branch, fresh=fresh)
        if own and own.text:
            self.trees.know_texts([own.text])
        return tuple(each for each in (above, own) if each)

    async def at_commit(self, commit: Sha) -> tuple[ConfigFile, ...]:
        """Read the own file at a commit of the default branch, and the organisation's in full.

        The file is proved by the ids of git's objects, so that it is read where it changed.  Only
        GitHub follows links, as in `read`.
        """
        above = await self.above.config_file(fresh=True) if self.above else None
        own = await self._own(commit)
        return tuple(each for each in (above, own) if each)

    async def _own(self, commit: Sha) -> ConfigFile | None:
        tree = (await self.trees.commit(commit)).tree
        folder, _, name = PATH.partition("/")
        entry = (await self.trees.root(tree)).get(folder)
        if entry and entry.mode == FOLDER:
            entry = (await self.trees.root(entry.id)).get(name)
            if entry and entry.mode in FILES:
                return ConfigFile(PATH, entry.id, (await self.trees.blobs([entry.id]))[entry.id])
        return await _read(self.handle, PATH, commit, fresh=True) if entry else None


async def _read(handle: Handle, name: str, ref: str, *, fresh: bool = False) -> ConfigFile | None:
    found = await handle.session.find(handle.path("contents", PATH, ref=ref), fresh=fresh)
    if found is None:
        return None
    if at(found, "type") != "file":  # a folder, a link, a submodule
        return ConfigFile(name, _NO_BLOB, None)
    return ConfigFile(name, sha(found, "sha"), _text(found))


def _text(data: object) -> str | None:
    """Decode the content; None where it is not UTF-8, or too large for this endpoint."""
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
