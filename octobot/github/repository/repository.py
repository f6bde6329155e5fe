"""One watched repository on GitHub: the stories' own words, each kept by a module of this room."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from octobot.github.app.installations import BotAccount
from octobot.github.repository import (
    branches,
    checks,
    comments,
    commits,
    logs,
    merge_queue,
    pulls,
    snapshot,
    trees,
)
from octobot.github.repository import merged_tree as merged
from octobot.github.repository import reviews as objections
from octobot.github.repository.config_files import Organisation, config_file
from octobot.github.repository.handle import Handle
from octobot.github.repository.people_comments import Talk
from octobot.github.repository.reactions import Thumbs
from octobot.github.repository.reruns import Reruns
from octobot.github.transport.json_fields import sha
from octobot.github.transport.transport import Transport, refusal
from octobot.model.config import ConfigFile
from octobot.model.ids import PullNumber, Sha, Watched
from octobot.model.pull_request import (
    CheckRun,
    FailedCheck,
    HandedOver,
    Merged,
    MergedTree,
    MergeMethod,
    NotMerged,
    Objection,
    Outline,
    PullRequest,
    PullState,
)

_SPEC = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9+_.-]*\.yaml")
"""A package's file; anything else in the root is not ours to touch."""


class WatchedRepository(Reruns, Talk, Thumbs):
    """Reads and writes of one repository, on a road whose token is narrowed to it."""

    def __init__(
        self, road: Transport, watched: Watched, bot: BotAccount, above: Organisation | None = None
    ) -> None:
        self._handle, self._above = Handle(road, watched, bot), above
        self._baselines = logs.Baselines()

    async def outline(self) -> Outline:
        """Read the default branch's commit and the specs in its root."""
        handle = self._handle
        path = handle.path("branches", handle.watched.default_branch)
        answer = await handle.road.exchange("GET", path)
        if not answer.fine:
            raise refusal(f"GET {path}", answer)
        root = await trees.root(handle, sha(answer.data, "commit", "commit", "tree", "sha"))
        specs = tuple(
            (name, entry.id)
            for name, entry in root.items()
            if entry.mode == trees.REGULAR and _SPEC.fullmatch(name)
        )
        at_ = datetime.fromtimestamp(handle.road.server.now(), UTC)
        return Outline(sha(answer.data, "commit", "sha"), specs, at_)

    async def blobs(self, ids: Sequence[Sha]) -> Mapping[Sha, str | None]:
        """Read the texts of blobs; None for one that is missing, binary or over 1 MiB."""
        return await trees.texts(self._handle, ids)

    async def config_files(self, *, fresh: bool = False) -> tuple[ConfigFile, ...]:
        """Read the settings files there are, the organisation's before the own one."""
        above = await self._above.config_file(fresh=fresh) if self._above else None
        own = await config_file(self._handle, fresh=fresh)
        return tuple(each for each in (above, own) if each)

    async def open_pulls(self) -> tuple[PullRequest, ...]:
        """List all open pull requests whose head branch starts with `octobot/`, every page."""
        return await pulls.open_pulls(self._handle)

    async def pull(self, number: PullNumber) -> PullRequest:
        """Read one pull request."""
        return await pulls.pull(self._handle, number)

    async def pull_of(self, branch: str) -> PullRequest | None:
        """Find the newest pull request of any state from this branch of this repository."""
        return await pulls.pull_of(self._handle, branch)

    async def state(self, number: PullNumber) -> PullState:
        """Read all that the policy judges, every page, at this moment."""
        return await snapshot.state(self._handle, number)

    async def objections(self, number: PullNumber) -> tuple[Objection, ...]:
        """Read who requested changes and can write, every page, at this moment."""
        return await objections.objections(self._handle, number)

    async def commit_files(
        self, *, branch: str, base: Sha, files: Mapping[str, str], message: tuple[str, str]
    ) -> Sha:
        """Make `branch` be `base` plus one signed commit that sets each path; give its id."""
        intent = commits.Intent(branch, base, files, message)
        return await commits.commit_files(self._handle, intent)

    async def branch_head(self, branch: str) -> Sha | None:
        """Read where a branch stands; None when it does not exist."""
        return await branches.head(self._handle, branch)

    async def commit_aside(
        self, *, base: Sha, files: Mapping[str, str], message: tuple[str, str]
    ) -> Sha:
        """Make a signed commit on `base` that no branch has yet; give its id."""
        return await commits.commit_aside(self._handle, base, files, message)

    async def move_branch(self, branch: str, *, expected: Sha, to: Sha) -> bool:
        """Move a branch; False when it does not stand at `expected` any more."""
        return await branches.move(self._handle, branch, expected=expected, to=to)

    async def delete_branch(self, branch: str, *, expected: Sha) -> None:
        """Delete a branch, only if it still stands at `expected`; gone already is fine."""
        await branches.delete(self._handle, branch, expected=expected)

    async def open_pull(self, *, branch: str, title: str, body: str) -> PullRequest:
        """Open a pull request against the default branch, or adopt the open one of this branch."""
        return await pulls.open_pull(self._handle, branch=branch, title=title, body=body)

    async def edit_pull(self, number: PullNumber, *, title: str, body: str) -> None:
        """Give a pull request of ours another title and body."""
        await pulls.edit_pull(self._handle, number, title=title, body=body)

    async def close_pull(self, number: PullNumber) -> None:
        """Close it unmerged; closed already is fine."""
        await pulls.close_pull(self._handle, number)

    async def merge(
        self, number: PullNumber, *, head: Sha, method: MergeMethod, message: tuple[str, str]
    ) -> Merged | NotMerged:
        """Merge exactly `head`; a lost answer is settled by reading, never by asking twice."""
        return await pulls.merge(self._handle, number, head=head, method=method, message=message)

    async def handed_over(self, number: PullNumber) -> HandedOver | None:
        """Tell whether octobot left this merge to GitHub; a person's own wish is None."""
        return await merge_queue.handed_over(self._handle, number)

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
        return await merge_queue.hand_over(
            self._handle, number, to=to, head=head, method=method, message=message
        )

    async def take_merge_back(self, number: PullNumber) -> None:
        """Take back what octobot left to GitHub; taken back already is fine."""
        await merge_queue.take_back(self._handle, number)

    async def parents(self, commit: Sha) -> tuple[Sha, ...]:
        """Read a commit's parents."""
        return (await trees.commit(self._handle, commit)).parents

    async def merged_tree(self, commit: Sha) -> MergedTree:
        """Compare a merge's tree with that of its first parent."""
        return await merged.merged_tree(self._handle, commit)

    async def rebased_tree(self, commit: Sha, number: PullNumber) -> MergedTree | None:
        """Compare it with that below all commits of a pull request that was merged by rebasing."""
        return await merged.rebased_tree(self._handle, commit, number)

    async def post_check(
        self, *, head: Sha, conclusion: checks.Posted | None, title: str, summary: str
    ) -> None:
        """Create or update the check run `octobot` on `head`; no conclusion means in progress."""
        await checks.post_check(
            self._handle, head, conclusion=conclusion, title=title, summary=summary
        )

    async def comment(self, number: PullNumber, *, tag: str, body: str) -> None:
        """Put one comment of ours on a pull request or issue, in place of the one with this tag."""
        await comments.comment(self._handle, number, tag=tag, body=body)

    async def has_said(self, thread: int | None, tag: str) -> bool:
        """Tell whether a comment of ours with this tag is shown; `thread` None: an open issue."""
        return await comments.has_said(self._handle, thread, tag)

    async def issue(self, *, tag: str, title: str, body: str) -> int:
        """Open an issue of ours, or find the open one with this tag; give its number."""
        return await comments.issue(self._handle, tag=tag, title=title, body=body)

    async def close_issue(self, number: int) -> None:
        """Close an issue of ours; closed already is fine."""
        await comments.close_issue(self._handle, number)

    async def failed_logs(self, checks: Sequence[CheckRun]) -> tuple[FailedCheck, ...]:
        """Fetch the logs of failed checks, the last 2 MiB of each, and of their last successes."""
        return await logs.failed_logs(self._handle, checks, self._baselines)
