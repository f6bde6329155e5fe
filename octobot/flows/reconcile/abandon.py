"""Abandon what is open in the ledger and would never be judged again.

That is what is open for a package whose spec was removed, and what a package began alone, or a
group together, before they moved otherwise.
"""

from collections.abc import Sequence

import structlog

from octobot.flows.context import RepoContext
from octobot.flows.land.after_merge import read_end
from octobot.flows.ownership import made_head, unfinished
from octobot.flows.propose.close import close_pull, leave_to_people
from octobot.messages import notices
from octobot.model.bump import Proposed
from octobot.model.config import Config
from octobot.model.ids import PullNumber
from octobot.model.reasons import Reason

log = structlog.get_logger()


async def abandon_removed(ctx: RepoContext, package: str, config: Config | Reason) -> None:
    """Close a removed package's pull requests, but for those with somebody else's work."""
    if ctx.paused or isinstance(config, Reason) or config.paused:
        return
    history = await ctx.store.ledger.proposed(ctx.watched.id, package)
    own = (past for past in history if past.package == package)
    await abandon(ctx, unfinished(own), notices.spec_gone())


async def abandon(ctx: RepoContext, proposals: Sequence[Proposed], why: str) -> None:
    """End proposals; where there is a pull request after all, close it and say why."""
    for past in proposals:
        await _abandon(ctx, past, why)
        log.info("proposal abandoned", branch=past.branch, pull=past.number)


async def _abandon(ctx: RepoContext, past: Proposed, why: str) -> None:
    number = past.number or await _unrecorded(ctx, past.branch)
    if number is not None and await read_end(ctx, past, PullNumber(number)) != "open":
        return
    if number is not None:
        pull = await ctx.github.pulls.get(PullNumber(number))
        if await made_head(ctx, pull):
            await close_pull(ctx, pull, why, state="withdrawn")
            return
        await leave_to_people(ctx, pull)
    elif past.head:
        await ctx.github.branches.delete(past.branch, expected=past.head)
    await ctx.store.ledger.update_proposed(
        ctx.watched.id, past.branch, state="withdrawn", number=number
    )


async def _unrecorded(ctx: RepoContext, branch: str) -> int | None:
    """Find the pull request of octobot's whose number a crash kept from the ledger."""
    pull = await ctx.github.pulls.of_branch(branch)
    return pull.number if pull and pull.author == ctx.bot else None
