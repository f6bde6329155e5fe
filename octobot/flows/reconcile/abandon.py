"""Give up what stands in the ledger and nobody would judge ever again.

That is what is open for a package whose spec was removed, and what a package began alone, or a
group together, before they moved otherwise.
"""

from collections.abc import Sequence

import structlog

from octobot.flows.land.after_merge import settled
from octobot.flows.ownership import made_head, standing
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
    own = (past for past in history if past.package == package)
    await abandon(world, standing(own), notices.spec_gone())


async def abandon(world: World, proposals: Sequence[Proposed], why: str) -> None:
    """End proposals; where there is a pull request after all, close it and say why."""
    for past in proposals:
        await _abandon(world, past, why)
        log.info("proposal given up", branch=past.branch, pull=past.number)


async def _abandon(world: World, past: Proposed, why: str) -> None:
    number = past.number or await _unnoted(world, past.branch)
    if number is not None and await settled(world, past, PullNumber(number)) != "open":
        return
    if number is not None:
        pull = await world.github.pull(PullNumber(number))
        if await made_head(world, pull):
            await take_back(world, pull, why, state="withdrawn")
            return
        await step_back(world, pull)
    elif past.head:
        await world.github.delete_branch(past.branch, expected=past.head)
    await world.store.update_proposed(
        world.watched.id, past.branch, state="withdrawn", number=number
    )


async def _unnoted(world: World, branch: str) -> int | None:
    """Find the pull request of octobot's whose number a death kept from the ledger."""
    pull = await world.github.pull_of(branch)
    return pull.number if pull and pull.author == world.bot else None
