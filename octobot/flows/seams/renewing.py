"""What the stories need to make a proposal anew without another pull request."""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from octobot.model.ids import PullNumber, RepositoryId, Sha


class Renewing(Protocol):
    """One watched repository, whose open pull requests get another commit."""

    async def commit_aside(
        self, *, base: Sha, files: Mapping[str, str], message: tuple[str, str]
    ) -> Sha:
        """Make a signed commit on `base` that no branch has yet; give its id.

        Nobody sees it before a branch is moved to it: one that a crash left is worth nothing.
        """
        ...

    async def move_branch(self, branch: str, *, expected: Sha, to: Sha) -> bool:
        """Move a branch; False when it does not stand at `expected` any more."""
        ...

    async def edit_pull(self, number: PullNumber, *, title: str, body: str) -> None:
        """Give a pull request of ours another title and body."""
        ...


class Renewals(Protocol):
    """The part of the ledger that knows what is to be made anew."""

    async def renew(self, repository: RepositoryId, branch: str, *, number: int, head: Sha) -> bool:
        """Let a head be replaced; False when the ledger does not know the branch's pull request."""
        ...

    async def renewed(
        self,
        repository: RepositoryId,
        branch: str,
        *,
        base: Sha,
        head: Sha,
        files: Mapping[str, Sha],
        at: datetime,
    ) -> None:
        """Enter the head that takes the other's place, with its base and texts (path → blob).

        `at`: when these texts were proposed first.
        """
        ...
