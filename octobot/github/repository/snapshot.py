"""All that the policy judges of one pull request, read at one moment and past every cache."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from octobot.github.repository.branch_protection import BranchProtection, Guard
from octobot.github.repository.checks import Checks
from octobot.github.repository.git_objects import FILES
from octobot.github.repository.head import Head
from octobot.github.repository.merge_queue import MergeQueue
from octobot.github.repository.merge_state import MergeStates
from octobot.github.repository.pulls import Pulls
from octobot.github.repository.reviews import Reviews
from octobot.github.repository.trees import Commit, Difference, Trees, listed_commit
from octobot.github.repository.workflows import with_workflows
from octobot.github.transport.json_fields import at, sha
from octobot.github.transport.session import Handle
from octobot.model.errors import TryLater, UserError
from octobot.model.ids import PullNumber, Sha
from octobot.model.pull_request import (
    CheckRun,
    CommitStatus,
    MergeRequirements,
    MergeState,
    PullRequest,
    PullState,
    TreeChange,
)


@dataclass(frozen=True, slots=True)
class Snapshots:
    """What the policy judges of the pull requests of one repository."""

    handle: Handle
    pulls: Pulls
    checks: Checks
    protection: BranchProtection
    reviews: Reviews
    merge_states: MergeStates
    merge_queue: MergeQueue
    trees: Trees

    async def state(
        self,
        number: PullNumber,
        older: Sequence[int] = (),
        *,
        statuses: bool = True,
        guard: Guard | None = None,
        rules_fresh: bool = True,
        left: bool = True,
    ) -> PullState:
        """Read a pull request with its commits, changes, checks, required checks and reviews.

        Objections are read of the `older` ones, too, that it replaces.  Without `statuses`, the
        statuses of the head are not read.  Who approves is read in full where anybody does.
        `guard`: what the base requires, as it was just read; without `rules_fresh`, GitHub is asked
        whether that changed.  Without `left`, octobot left nothing of this pull request to
        GitHub, and whether the base has a merge queue is as it was within the last hour.
        """
        said, shown = await self.merge_states.with_head(number, older)
        head = shown or await self._head(number)
        pull, history = head.pull, head.commits
        runs, posted, rules, queue, approved = await asyncio.gather(
            self._runs(head),
            self.checks.statuses(pull.head) if statuses else _nothing(),
            self._guard(guard, pull.base, fresh=rules_fresh),
            self.merge_queue.state_of(number, pull.base, left=left),
            self._is_approved(said, pull),
        )
        for id_, commit in history.items():
            self.trees.know_commit(id_, commit)
        based = _based(pull.head, history)
        state = PullState(
            pull=pull,
            commits=tuple(history),
            changes=await self._changes(based, history[pull.head].tree),
            checks=runs,
            required=(),
            approved=approved,
            statuses=posted,
            queue=queue.enabled,
            at=self._now(),
            left=queue.left,
            hidden=queue.hidden,
            based=based,
            signed=head.signed,
        )
        return _ruled(state, rules, said)

    async def confirmed(
        self,
        state: PullState,
        older: Sequence[int] = (),
        *,
        guard: Guard,
        statuses: bool = True,
        left: bool = True,
    ) -> PullState:
        """Read past every cache the same pull request, its checks and people as of now.

        `TryLater` when it has other commits than were judged.
        """
        now = await self.state(state.pull.number, older, guard=guard, statuses=statuses, left=left)
        if (now.pull.head, now.commits, now.based) != (state.pull.head, state.commits, state.based):
            because = f"#{state.pull.number} was pushed to while it was judged"
            raise TryLater(because, after=timedelta(seconds=5))
        if now.pull.mergeable is not None:
            return now
        # GitHub computes it again: the merge itself shows it when the answer is another one.
        return replace(now, pull=replace(now.pull, mergeable=state.pull.mergeable))

    async def _head(self, number: PullNumber) -> Head:
        """Read by REST what a query does not show in full, or not of what is closed."""
        pull = await self.pulls.get(number, fresh=True)
        path = self.handle.path("pulls", number, "commits")
        listed = await self.handle.session.pages(path, fresh=True)
        history = {sha(each, "sha"): listed_commit(each) for each in listed}
        if pull.head not in history:
            # A push arrived between two reads, or a replica lags behind.
            raise TryLater(
                f"#{number} shows another head than its commits", after=timedelta(seconds=5)
            )
        return Head(pull, history, signed=all(map(_is_signed, listed)), runs=None)

    async def _guard(self, known: Guard | None, base: str, *, fresh: bool) -> Guard:
        return known or await self.protection.guard(base, fresh=fresh)

    async def _runs(self, head: Head) -> tuple[CheckRun, ...]:
        return await self.checks.runs(head.pull.head) if head.runs is None else head.runs

    async def _is_approved(self, said: MergeState, pull: PullRequest) -> bool:
        return said.approved and await self.reviews.is_approved(pull.number, pull.head)

    def _now(self) -> datetime | None:
        """Return the time by GitHub's last answer."""
        seen = self.handle.session.server.last_seen()
        return None if seen is None else datetime.fromtimestamp(seen, UTC)

    async def _changes(self, based: Sha, tree: Sha) -> tuple[TreeChange, ...]:
        """Compare the head's tree with that of the commit on which the pull request was based."""
        base = await self.trees.commit(based)
        return await self._with_texts(await self.trees.differences(base.tree, tree))

    async def _with_texts(self, changed: Sequence[Difference]) -> tuple[TreeChange, ...]:
        files = [
            side.id
            for one in changed
            for side in (one.before, one.after)
            if side is not None and side.mode in FILES
        ]
        found = await self.trees.blobs(files)
        return tuple(
            TreeChange(
                path=one.path,
                before_mode=one.before.mode if one.before else "",
                after_mode=one.after.mode if one.after else "",
                before=found.get(one.before.id) if one.before else None,
                after=found.get(one.after.id) if one.after else None,
            )
            for one in changed
        )


def _ruled(state: PullState, guard: Guard, said: MergeState) -> PullState:
    """Add what the base's rules and people say."""
    return replace(
        state,
        checks=with_workflows(state.checks, said.workflows),
        required=guard.checks,
        approved=state.approved and said.approved,
        objections=said.objections,
        behind=state.pull.behind or (guard.strict and state.based != guard.tip),
        queue=guard.queue or state.queue,
        wants=_wants(said.wants, guard, signed=state.signed),
        removed=said.removed,
        reopened=said.reopened,
    )


async def _nothing() -> tuple[CommitStatus, ...]:
    return ()


def _wants(shown: MergeRequirements, guard: Guard, *, signed: bool) -> MergeRequirements:
    """Put together what protection and rulesets require."""
    return replace(
        shown,
        methods=tuple(one for one in shown.methods if one in guard.methods),
        conversations=shown.conversations or guard.conversations,
        unsigned=not signed and (shown.unsigned or guard.signatures),
    )


def _is_signed(commit: object) -> bool:
    return at(commit, "commit", "verification", "verified") is True


def _based(head: Sha, history: Mapping[Sha, Commit]) -> Sha:
    """Find the commit on which the pull request was based.

    That is where the first parents leave the pull request; a merge into it shows as its changes.
    """
    based = head
    while based in history and history[based].parents:
        based = history[based].parents[0]
    if based in history:
        raise UserError("the pull request's history does not begin on the base branch")
    return based
