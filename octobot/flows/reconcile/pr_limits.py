"""How much octobot may bring before people at one time, and in one hour.

The hour's count is of the ledger, which all processes share; two that decide at the same moment may
go over it by one each.
"""

from datetime import timedelta

from octobot.flows.context import RepoContext
from octobot.model.config import Config
from octobot.model.reasons import Reason, ReasonCode

HOUR = timedelta(hours=1)


async def opened_lately(ctx: RepoContext, config: Config | Reason) -> int:
    """Count what was opened within the last hour, where the repository's file cares."""
    if isinstance(config, Reason) or config.new_pull_requests_per_hour is None:
        return 0
    return await ctx.store.ledger.opened_since(ctx.watched.id, ctx.clock() - HOUR)


def too_many(config: Config, *, open_pulls: int, new_pulls: int) -> Reason | None:
    """Say why no new pull request may be opened now; None when one may."""
    most = config.new_pull_requests_per_hour
    if open_pulls >= config.open_pull_requests:
        return Reason(ReasonCode.PR_LIMIT_REACHED, f"{open_pulls} others are open")
    if most is not None and new_pulls >= most:
        return Reason(ReasonCode.PR_LIMIT_REACHED, f"{new_pulls} were opened within the last hour")
    return None
