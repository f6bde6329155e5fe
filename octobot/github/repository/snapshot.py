"""All that the policy judges of one pull request, read at one moment and past every cache."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from octobot.github.repository import branch_protection, checks, pulls, trees
from octobot.github.repository.handle import Handle
from octobot.github.repository.reviews import objections
from octobot.github.transport.json_fields import items, sha
from octobot.model.errors import TryLater, UserError
from octobot.model.ids import PullNumber, Sha
from octobot.model.pull_request import PullState, TreeChange


async def state(handle: Handle, number: PullNumber) -> PullState:
    """Read a pull request with its commits, changes, checks, required checks and reviews."""
    pull = await pulls.pull(handle, number, fresh=True)
    listed, runs, statuses, guard, approved = await asyncio.gather(
        handle.road.pages(handle.path("pulls", number, "commits"), fresh=True),
        checks.check_runs(handle, pull.head),
        checks.statuses(handle, pull.head),
        branch_protection.guard(handle, pull.base),
        branch_protection.is_approved(handle, number, pull.head),
    )
    history = {sha(each, "sha"): _commit(each) for each in listed}
    if pull.head not in history:
        # A push arrived between two reads, or a replica lags behind.
        raise TryLater(f"#{number} shows another head than its commits", after=timedelta(seconds=5))
    based = _based(pull.head, history)
    return PullState(
        pull=pull,
        commits=tuple(history),
        changes=await _changes(handle, based, history[pull.head].tree),
        checks=runs,
        required=guard.checks,
        approved=approved,
        objections=await objections(handle, number),
        statuses=statuses,
        behind=pull.behind or (guard.strict and based != guard.tip),
        queue=guard.queue,
        at=_now(handle),
    )


def _now(handle: Handle) -> datetime | None:
    """Tell the time by GitHub's last answer."""
    told = handle.road.server.told()
    return None if told is None else datetime.fromtimestamp(told, UTC)


def _commit(data: object) -> trees.Commit:
    parents = tuple(sha(parent, "sha") for parent in items(data, "parents"))
    return trees.Commit(sha(data, "commit", "tree", "sha"), parents)


def _based(head: Sha, history: Mapping[Sha, trees.Commit]) -> Sha:
    """Find the commit on which the pull request was based.

    That is where the first parents leave the pull request; a merge into it shows as its changes.
    """
    based = head
    while based in history and history[based].parents:
        based = history[based].parents[0]
    if based in history:
        raise UserError("the pull request's history does not begin on the base branch")
    return based


async def _changes(handle: Handle, based: Sha, tree: Sha) -> tuple[TreeChange, ...]:
    """Compare the head's tree with that of the commit on which the pull request was based."""
    base = await trees.commit(handle, based)
    return await _with_texts(handle, await trees.differences(handle, base.tree, tree))


async def _with_texts(
    handle: Handle, changed: Sequence[trees.Difference]
) -> tuple[TreeChange, ...]:
    files = [
        side.id
        for one in changed
        for side in (one.before, one.after)
        if side is not None and side.mode in trees.FILES
    ]
    found = await trees.texts(handle, files)
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
