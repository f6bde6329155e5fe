"""What the stories need of GitHub, a small part for each kind of work."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from octobot.model.config import ConfigFile
from octobot.model.ids import PullNumber, Sha
from octobot.model.pull_request import CheckRun, HandedOver, MergeMethod, NotMerged, Rerun


class Commits(Protocol):
    """One watched repository, for commits and the branches and pull requests that carry them."""

    async def parents(self, commit: Sha) -> tuple[Sha, ...]:
        """Read a commit's parents."""
        ...

    async def commit_files(
        self, *, branch: str, base: Sha, files: Mapping[str, str], message: tuple[str, str]
    ) -> Sha:
        """Make `branch` be `base` plus one commit that sets each path to its text; give its id.

        One content write: the branch is made and the signed commit is put on it by one call that
        carries `expectedHeadOid`.  `message` is (headline, body).  An existing branch must stand at
        `base` (a crash left it there); any other head is a `UserError`.
        """
        ...

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
        """Replace the title and body of a pull request of ours."""
        ...


class ConfigFiles(Protocol):
    """The part of GitHub that has the settings files."""

    async def config_files(self, *, fresh: bool = False) -> tuple[ConfigFile, ...]:
        """Read the files that stand on default branches, the organisation's before the own one.

        `fresh` reads them in full, whatever was kept of them.
        """
        ...


class Merging(Protocol):
    """The part of a watched repository that merges later by itself."""

    async def handed_over(self, number: PullNumber) -> HandedOver | None:
        """Return whether octobot left this merge to GitHub; a person's own wish is None."""
        ...

    async def hand_over(
        self,
        number: PullNumber,
        *,
        to: HandedOver,
        head: Sha,
        method: MergeMethod,
        message: tuple[str, str],
    ) -> NotMerged | None:
        """Leave the merge of exactly `head` to GitHub; None when it took it."""
        ...

    async def take_merge_back(self, number: PullNumber) -> None:
        """Take back what octobot left to GitHub; taken back already is fine."""
        ...


class Reruns(Protocol):
    """The part of GitHub that runs checks again."""

    async def rerunnable(self, checks: Sequence[CheckRun]) -> tuple[Rerun, ...]:
        """Find how these failed checks can be run again, now or when their run has ended.

        Those that GitHub cannot run again are left out.
        """
        ...

    async def rerun_failed(self, rerun: Rerun) -> bool:
        """Send one order; False when GitHub refused it for certain."""
        ...


class Shown(Protocol):
    """One watched repository, for what octobot said there."""

    async def has_said(self, thread: int | None, tag: str) -> bool:
        """Return whether a comment of ours with this tag is shown; `thread` None: an open issue."""
        ...
