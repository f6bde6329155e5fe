"""What the stories need of GitHub to put several files on a branch at once."""

from collections.abc import Mapping
from typing import Protocol

from octobot.model.ids import Sha


class Commits(Protocol):
    """One watched repository, for a proposal of one or more files."""

    async def commit_files(
        self, *, branch: str, base: Sha, files: Mapping[str, str], message: tuple[str, str]
    ) -> Sha:
        """Make `branch` be `base` plus one commit that sets each path to its text; give its id.

        One content write: the branch is made and the signed commit is put on it by one call that
        carries `expectedHeadOid`.  `message` is (headline, body).  An existing branch must stand at
        `base` (a crash left it there); any other head is a `UserError`.
        """
        ...
