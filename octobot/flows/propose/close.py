"""Close or recreate octobot's own pull requests; leave those with somebody else's work alone.

A pull request is recreated in its place: same number, another commit on the newest base.  That is
written into the ledger first, so that a crash loses nothing: the lane then proposes again instead
of judging, and `publish` moves the branch, by compare and swap, from the head that is to be
replaced to a commit that was made aside.  As soon as GitHub shows another head, it is done.
"""

from collections.abc import Sequence

import structlog

from octobot.flows.context import RepoContext
from octobot.flows.ownership import made_head
from octobot.flows.say import conclude, say
from octobot.flows.steps import Done
from octobot.messages import notices
from octobot.messages import pull_request as words
from octobot.model.bump import ProposalState
from octobot.model.pull_request import PullRequest
from octobot.model.reasons import Reason

log = structlog.get_logger()


async def close(ctx: RepoContext, pulls: Sequence[PullRequest], reason: Reason) -> Done:
    """Close every one of `pulls` whose head is in the ledger, saying why."""
    left = 0
    for pull in pulls:
        if await made_head(ctx, pull):
            await close_pull(ctx, pull, notices.closed(reason), state="withdrawn")
        else:
            await leave_to_people(ctx, pull)
            left += 1
    return Done(reason, due=ctx.recheck if left else None, again=not left)


async def close_pull(
    ctx: RepoContext, pull: PullRequest, why: str, *, state: ProposalState
) -> None:
    """Say why, close, and delete the branch if its head is still the one that octobot left.

    It is recorded last: after a crash before that it is found closed, by octobot.
    """
    await say(ctx, pull.number, tag="withdrawn", body=why)
    await ctx.github.pulls.close(pull.number)
    await conclude(ctx, pull.head, "closed")
    await ctx.github.branches.delete(pull.branch, expected=pull.head)
    await ctx.store.ledger.update_proposed(
        ctx.watched.id, pull.branch, state=state, number=pull.number
    )
    log.info("pull request closed", pull=pull.number, state=state)


async def recreate(ctx: RepoContext, pull: PullRequest, why: str) -> None:
    """Have this head replaced; where the pull request cannot stay, close it and say `why`.

    It cannot when the ledger does not know it, or somebody else opened it: it would never be
    merged.  The caller knows that nobody's work is lost with the head.
    """
    known = pull.author == ctx.bot and await ctx.store.ledger.renew(
        ctx.watched.id, pull.branch, number=pull.number, head=pull.head
    )
    if not known:
        await close_pull(ctx, pull, why, state="withdrawn")


async def replace_by(ctx: RepoContext, pulls: Sequence[PullRequest], by: PullRequest) -> Done:
    """Close every one of `pulls`; the next step is about the one that replaces them."""
    for old in pulls:
        await supersede(ctx, old, by.number)
    return Done(None, again=True)


async def supersede(ctx: RepoContext, old: PullRequest, by: int) -> None:
    """Close a pull request that another one replaces, unless somebody else's work is on it."""
    if await made_head(ctx, old):
        await close_pull(ctx, old, words.superseded(by), state="superseded")
        return
    await leave_to_people(ctx, old)
    await ctx.store.ledger.update_proposed(
        ctx.watched.id, old.branch, state="superseded", number=old.number
    )


async def leave_to_people(ctx: RepoContext, pull: PullRequest) -> None:
    """Say that the branch has somebody else's commits; never overwrite or close it."""
    await say(ctx, pull.number, tag="step-back", body=notices.step_back())
