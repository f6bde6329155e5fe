"""Take pull requests of ours back; leave those alone that have somebody else's work."""

from collections.abc import Sequence

import structlog

from octobot.flows.context import RepoContext
from octobot.flows.outcome import Done
from octobot.flows.ownership import made_head
from octobot.flows.say import say
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
            await take_back(ctx, pull, notices.closed(reason), state="withdrawn")
        else:
            await step_back(ctx, pull)
            left += 1
    return Done(reason, due=ctx.recheck if left else None, again=not left)


async def take_back(ctx: RepoContext, pull: PullRequest, why: str, *, state: ProposalState) -> None:
    """Say why, close, and remove the branch if it still stands where we left it.

    It is remembered last: after a death before that it is settled as what it is, closed by us.
    """
    await say(ctx, pull.number, tag="withdrawn", body=why)
    await ctx.github.pulls.close(pull.number)
    await ctx.github.branches.delete(pull.branch, expected=pull.head)
    await ctx.store.ledger.update_proposed(
        ctx.watched.id, pull.branch, state=state, number=pull.number
    )
    log.info("taken back", pull=pull.number, state=state)


async def replace_by(ctx: RepoContext, pulls: Sequence[PullRequest], by: PullRequest) -> Done:
    """Close every one of `pulls`, and go on with the one that replaces them."""
    for old in pulls:
        await supersede(ctx, old, by.number)
    return Done(None, again=True)


async def supersede(ctx: RepoContext, old: PullRequest, by: int) -> None:
    """Close a pull request that another one replaces, unless somebody else's work is on it."""
    if await made_head(ctx, old):
        await take_back(ctx, old, words.superseded(by), state="superseded")
        return
    await step_back(ctx, old)
    await ctx.store.ledger.update_proposed(
        ctx.watched.id, old.branch, state="superseded", number=old.number
    )


async def step_back(ctx: RepoContext, pull: PullRequest) -> None:
    """Say that the branch is not ours any more; never overwrite or close it."""
    await say(ctx, pull.number, tag="step-back", body=notices.step_back())
