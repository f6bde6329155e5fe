"""Give up what is open for a package whose spec was removed: nobody would judge it ever again."""

import structlog

from octobot.flows.land.after_merge import settled
from octobot.flows.ownership import STANDING
from octobot.flows.propose.close import step_back, take_back
from octobot.flows.seams.seams import World
from octobot.messages import notices
from octobot.model.bump import Proposed
from octobot.model.config import Config
from octobot.model.ids import Key, PullNumber
from octobot.model.reasons import Reason

log = structlog.get_logger()


async def hint_orphans(world: World) -> None:
    """Bring the packages that are gone, and have something open, into their lanes."""
    for package in await world.store.orphans(world.watched.id):
        await world.lanes.hint(Key(world.watched.id, package))


async def give_up(world: World, package: str, config: Config | Reason) -> None:
    """Close a removed package's pull requests, but for those with somebody else's work."""
    if world.paused or isinstance(config, Reason) or config.paused:
        return
    history = await world.store.proposed(world.watched.id, package)
    newest = {past.branch: past for past in reversed(history) if past.package == package}
    for past in newest.values():
        if past.state in STANDING:
            await _give_up(world, past)
            log.info("given up with its spec", package=package, pull=past.number)


async def _give_up(world: World, past: Proposed) -> None:
    number = past.number or await _unnoted(world, past.branch)
    if number is not None and await settled(world, past, PullNumber(number)) != "open":
        return
    if number is not None:
        pull = await world.github.pulls.get(PullNumber(number))
        if pull.head in await world.store.heads(world.watched.id, pull.branch):
            await take_back(world, pull, notices.spec_gone(), state="withdrawn")
            return
        await step_back(world, pull)
    elif past.head:
        await world.github.branches.delete(past.branch, expected=past.head)
    await world.store.update_proposed(
        world.watched.id, past.branch, state="withdrawn", number=number
    )


async def _unnoted(world: World, branch: str) -> int | None:
    """Find the pull request of octobot's whose number a death kept from the ledger."""
    pull = await world.github.pulls.of_branch(branch)
    return pull.number if pull and pull.author == world.bot else None
