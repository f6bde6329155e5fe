"""Take pull requests of ours back; leave those alone that have somebody else's work."""

from collections.abc import Sequence

import structlog

from octobot.flows.outcome import Done
from octobot.flows.ownership import made_head
from octobot.flows.say import say
from octobot.flows.seams.seams import World
from octobot.messages import notices
from octobot.messages import pull_request as words
from octobot.model.bump import ProposalState
from octobot.model.pull_request import PullRequest
from octobot.model.reasons import Reason

log = structlog.get_logger()


async def close(world: World, pulls: Sequence[PullRequest], reason: Reason) -> Done:
    """Close every one of `pulls` whose head is in the ledger, saying why."""
    left = 0
    for pull in pulls:
        if await made_head(world, pull):
            await take_back(world, pull, notices.withdrawn(reason), state="withdrawn")
        else:
            await step_back(world, pull)
            left += 1
    return Done(reason, due=world.recheck if left else None, again=not left)


async def take_back(world: World, pull: PullRequest, why: str, *, state: ProposalState) -> None:
    """Say why, close, and remove the branch if it still stands where we left it.

    It is remembered last: after a death before that it is settled as what it is, closed by us.
    """
    await say(world, pull.number, tag="withdrawn", body=why)
    await world.github.pulls.close(pull.number)
    await world.github.branches.delete(pull.branch, expected=pull.head)
    await world.store.update_proposed(
        world.watched.id, pull.branch, state=state, number=pull.number
    )
    log.info("taken back", pull=pull.number, state=state)


async def replace_by(world: World, pulls: Sequence[PullRequest], by: PullRequest) -> Done:
    """Close every one of `pulls`, and go on with the one that replaces them."""
    for old in pulls:
        await supersede(world, old, by.number)
    return Done(None, again=True)


async def supersede(world: World, old: PullRequest, by: int) -> None:
    """Close a pull request that another one replaces, unless somebody else's work is on it."""
    if await made_head(world, old):
        await take_back(world, old, words.superseded(by), state="superseded")
        return
    await step_back(world, old)
    await world.store.update_proposed(
        world.watched.id, old.branch, state="superseded", number=old.number
    )


async def step_back(world: World, pull: PullRequest) -> None:
    """Say that the branch is not ours any more; never overwrite or close it."""
    await say(world, pull.number, tag="step-back", body=notices.step_back())
