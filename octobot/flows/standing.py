"""What stands in a repository: pull requests, and what people ordered."""

from collections.abc import Mapping
from dataclasses import dataclass

from octobot.flows.seams import World
from octobot.flows.steering import package_of
from octobot.model.config import Config
from octobot.model.pull_request import PullRequest
from octobot.model.reasons import Reason
from octobot.model.steering import Steering


@dataclass(frozen=True, slots=True)
class Open:
    """One open pull request of octobot's."""

    pull: PullRequest
    package: str
    reason: Reason | None
    """Why it is where it is; None: a group's."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Everything that `status` shows."""

    open: tuple[Open, ...]
    orders: Mapping[str, Steering]
    """By package; what is for the whole repository is under ""."""
    config: Config | Reason
    line: str | None
    """Why merges are stopped."""


async def standing(world: World, config: Config | Reason) -> Standing:
    """Gather it."""
    pulls = [pull for pull in await world.github.open_pulls() if pull.author == world.bot]
    names = sorted({package_of(pull) for pull in pulls})
    rows = {row.key.package: row for row in await world.store.some_rows(world.watched.id, names)}
    return Standing(
        open=tuple(
            Open(pull, package_of(pull), row.reason if row else None)
            for pull in pulls
            for row in [rows.get(package_of(pull))]
        ),
        orders=await world.store.steered(world.watched.id),
        config=config,
        line=await world.store.line_stopped(world.watched.id),
    )
