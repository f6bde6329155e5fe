"""The default branch right before a merge: its rules, its specs and the settings on it.

One read past every cache shows the branch's commit; git's objects, which never change, prove the
rest by their ids.  So all of it is as of one commit, and little is read twice.
"""

import asyncio
from dataclasses import dataclass

from octobot.github.repository.branch_protection import BranchProtection, Guard
from octobot.github.repository.config_files import ConfigFiles
from octobot.github.repository.trees import Trees
from octobot.github.transport.session import Handle
from octobot.model.config import ConfigFile
from octobot.model.pull_request import Outline


@dataclass(frozen=True, slots=True)
class Tip:
    """The default branch at one moment."""

    guard: Guard
    outline: Outline
    config_files: tuple[ConfigFile, ...]
    """As `ConfigFiles.read` returns them."""


@dataclass(frozen=True, slots=True)
class DefaultBranch:
    """The default branch of one repository."""

    handle: Handle
    protection: BranchProtection
    trees: Trees
    config_files: ConfigFiles

    async def read(self) -> Tip:
        """Read all of it past every cache."""
        branch = self.handle.watched.default_branch
        shown, rules = await asyncio.gather(
            self.handle.session.get(self.handle.path("branches", branch), fresh=True),
            self.protection.rules(branch, fresh=True),
        )
        outline = await self.trees.outline_of(shown)
        files = await self.config_files.at_commit(outline.commit)
        return Tip(self.protection.guard_of(shown, rules), outline, files)
