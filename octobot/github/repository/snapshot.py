"""All that the policy judges of one pull request, read at one moment and past every cache."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from octobot.github.repository.branch_protection import BranchProtection, Guard
from octobot.github.repository.checks import Checks
from octobot.github.repository.git_objects import FILES
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
    CommitStatus,
    MergeRequirements,
    MergeState,
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
        rules_fresh: bool = True,
    ) -> PullState:
        """Read a pull request with its commits, changes, checks, required checks and reviews.

        Objections are read of the `older` ones, too, that it replaces.  Without `statuses`, the
        statuses of the head are not read.  Who approves is read in full where anybody does.
        Without `rules_fresh`, GitHub is asked whether the base's rules changed; before a merge,
        `confirmed` reads them.
        """
        pull = await self.pulls.get(number, fresh=True)
        listed, runs, posted, guard, queue = await asyncio.gather(
            self.handle.session.pages(self.handle.path("pulls", number, "commits"), fresh=True),
            self.checks.runs(pull.head),
            self.checks.statuses(pull.head) if statuses else _nothing(),
            self.protection.guard(pull.base, fresh=rules_fresh),
            self.merge_queue.state(number),
        )
        history = {
            (one := sha(each, "sha")): self.trees.know_commit(one, listed_commit(each))
            for each in listed
        }
        if pull.head not in history:
            # A push arrived between two reads, or a replica lags behind.
            raise TryLater(
                f"#{number} shows another head than its commits", after=timedelta(seconds=5)
            )
        based = _based(pull.head, history)
        said = await self.merge_states.read(number, older, head=pull.head)
        approved = said.approved and await self.reviews.is_approved(number, pull.head)
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
            signed=all(map(_is_signed, listed)),
        )
        return _ruled(state, guard, said)

    async def confirmed(self, state: PullState, older: Sequence[int] = ()) -> PullState:
        """Read past every cache what people and the base's rules say of the same head now."""
        pull = state.pull
        guard = await self.protection.guard(pull.base)
        said = await self.merge_states.read(pull.number, older, head=pull.head)
        return _ruled(state, guard, said)

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
