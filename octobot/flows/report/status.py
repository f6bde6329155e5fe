"""The status of a repository: open pull requests, and what people ordered."""

from dataclasses import dataclass

from octobot.flows.context import RepoContext
from octobot.flows.ordered_steps import Orders
from octobot.flows.orders import orders_in_force
from octobot.flows.ownership import package_of
from octobot.flows.reconcile.gather import rows_of
from octobot.model.config import Config
from octobot.model.ids import Key
from octobot.model.pull_request import PullRequest
from octobot.model.reasons import Reason, ReasonCode


@dataclass(frozen=True, slots=True)
class Open:
    """One open pull request of octobot's."""

    pull: PullRequest
    package: str
    reason: Reason | None
    """Why it is where it is, of a group the package that the others wait for; None: unknown."""


@dataclass(frozen=True, slots=True)
class Status:
    """Everything that `status` shows."""

    open: tuple[Open, ...]
    orders: Orders
    """By package; what is for the whole repository is under ""."""
    config: Config | Reason
    line: str | None
    """Why merging is halted."""


async def status_of(ctx: RepoContext, config: Config | Reason) -> Status:
    """Gather the status."""
    pulls = [pull for pull in await ctx.github.pulls.list_open() if pull.author == ctx.bot]
    names = dict.fromkeys(package_of(pull) for pull in pulls)
    reasons = {name: await _reason(ctx, name) for name in names}
    return Status(
        open=tuple(Open(pull, package_of(pull), reasons[package_of(pull)]) for pull in pulls),
        orders=await orders_in_force(ctx),
        config=config,
        line=await ctx.store.repositories.merging_halted(ctx.watched.id),
    )


async def _reason(ctx: RepoContext, name: str) -> Reason | None:
    reasons = [row.reason for row in await rows_of(ctx, Key(ctx.watched.id, name))]
    waits = (one for one in reasons if one.code is not ReasonCode.WAITS_FOR_GROUP)
    return next(waits, reasons[0] if reasons else None)
