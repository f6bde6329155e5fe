"""Merge exactly what was judged, or leave exactly that to GitHub; and cancel that in time.

Either is asked with the judged head.  What is left to GitHub is judged again at every step, and
cancelled as soon as the verdict is not to merge any more.
"""

from collections.abc import Awaitable, Callable, Sequence

import structlog

from octobot.flows.context import RepoContext
from octobot.github.transport.request import AnswerLost
from octobot.model.config import Config, MergeBy
from octobot.model.errors import Misconfigured, TryLater
from octobot.model.pull_request import LeftToGitHub, Merged, NotMerged, PullRequest
from octobot.model.reasons import Reason
from octobot.model.verdict import Snapshot
from octobot.policy.requirements import way_of

log = structlog.get_logger()

Still = Callable[[], Awaitable[bool]]
"""Returns whether the merge is still right, once its base has moved."""


async def merge(
    ctx: RepoContext,
    snapshot: Snapshot,
    config: Config,
    message: tuple[str, str],
    *,
    still: Still,
) -> Merged | NotMerged | LeftToGitHub:
    """Merge in the way that the repository's file wants, by GitHub's API where that is hidden."""
    way = way_of(snapshot)
    if way == "auto":
        return await _merge_or_auto(ctx, snapshot, config, message, still=still)
    if way == "queue":
        try:
            return await _leave_to_github(ctx, snapshot, config, message, to="queue")
        except Misconfigured:
            if snapshot.state.queue:
                raise
    result = await _merge_now(ctx, snapshot, config, message, still=still)
    return await _recorded(ctx, snapshot, result)


async def _merge_or_auto(
    ctx: RepoContext,
    snapshot: Snapshot,
    config: Config,
    message: tuple[str, str],
    *,
    still: Still,
) -> Merged | NotMerged | LeftToGitHub:
    """Merge, or enable auto-merge.

    Auto-merge is for what GitHub wants beyond octobot's own rules, such as a second review: GitHub
    does not take it for what can be merged at once, so that is merged here.
    """
    if await ctx.github.merge_queue.left_to_github(snapshot.state.pull.number):
        return "auto"
    refused = None
    if not snapshot.state.wants.review and not snapshot.state.queue:
        result = await _merge_now(ctx, snapshot, config, message, still=still)
        if isinstance(result, Merged) or result.base_moved:
            return result
        refused = result
    try:
        return await _leave_to_github(ctx, snapshot, config, message, to="auto")
    except Misconfigured:
        if refused is None:
            raise
    return await _recorded(ctx, snapshot, refused)


async def cancel_merges(ctx: RepoContext, pulls: Sequence[PullRequest]) -> None:
    """Cancel what was left to GitHub: it merges none of these."""
    for pull in pulls:
        await cancel_merge(ctx, pull, merge_by=None)


async def cancel_merge(ctx: RepoContext, pull: PullRequest, *, merge_by: MergeBy | None) -> None:
    """Cancel what was left to GitHub; `merge_by` None: how it was left is not known."""
    if merge_by == "api":
        return
    if left := await ctx.github.merge_queue.left_to_github(pull.number):
        await ctx.store.merge_tries.cancel(ctx.watched.id, pull.number)
        await ctx.github.merge_queue.cancel(pull.number)
        log.info("merge cancelled", pull=pull.number, of=left)


def merge_by_of(snapshot: Snapshot) -> MergeBy | None:
    """Return how a merge may have been asked for; None: in any way, by an earlier setting.

    Against somebody's objection nothing may stay queued, whatever the setting is now.
    """
    state = snapshot.state
    if isinstance(snapshot.config, Reason) or state.queue or state.left or state.objections != ():
        return None
    return snapshot.config.merge_by


async def _recorded(
    ctx: RepoContext, snapshot: Snapshot, result: Merged | NotMerged
) -> Merged | NotMerged:
    """Record a refusal: it decides when the same head is tried again.

    A base that moved is a race, and no refusal of this head.
    """
    if isinstance(result, NotMerged) and not result.base_moved:
        ctx.github.merge_queue.forget()
        pull = snapshot.state.pull
        await ctx.store.merge_tries.record(
            *(ctx.watched.id, pull.number),
            head=pull.head,
            way="api",
            at=snapshot.now,
            refused=result.because,
        )
    return result


async def _merge_now(
    ctx: RepoContext, snapshot: Snapshot, config: Config, message: tuple[str, str], *, still: Still
) -> Merged | NotMerged:
    pull = snapshot.state.pull
    return await ctx.github.pulls.merge(
        pull.number, head=pull.head, method=config.merge_method, message=message, still=still
    )


async def _leave_to_github(
    ctx: RepoContext,
    snapshot: Snapshot,
    config: Config,
    message: tuple[str, str],
    *,
    to: LeftToGitHub,
) -> NotMerged | LeftToGitHub:
    pull = snapshot.state.pull
    if await ctx.github.merge_queue.left_to_github(pull.number):
        return to
    tries = ctx.store.merge_tries
    made = await tries.record(ctx.watched.id, pull.number, head=pull.head, way=to, at=snapshot.now)
    try:
        declined = await ctx.github.merge_queue.leave_to_github(
            pull.number, to=to, head=pull.head, method=config.merge_method, message=message
        )
    except AnswerLost:  # it may have been taken
        raise
    except TryLater:
        await tries.withdraw(made)
        raise
    except Misconfigured as error:  # it was not taken
        await tries.refuse(made, str(error))
        raise
    if declined is not None:
        await tries.refuse(made, declined.because)
    else:
        log.info("merge left to GitHub", pull=pull.number, to=to, head=pull.head)
    return declined or to
