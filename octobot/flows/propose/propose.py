"""Make the draft of one package's bump: new text, and the words of its pull request."""

import structlog

from octobot.flows.lookup.drive import answer
from octobot.flows.lookup.second_source import unconfirmed
from octobot.flows.outcome import Done
from octobot.flows.propose.publish import Draft, bring
from octobot.flows.seams.seams import World
from octobot.flows.view import Propose
from octobot.messages import pull_request as words
from octobot.model.bump import Bumped
from octobot.model.memory import Row
from octobot.model.reasons import Reason
from octobot.specs.bump.bump import bump as bumping

log = structlog.get_logger()

PATIENCE = 12
"""A refused bump is tried again this many times less often than a pull request is looked at."""


async def propose(world: World, row: Row, step: Propose) -> Done:
    """Open the pull request of a bump, or say why there is none."""
    bump = step.bump
    doubt = await unconfirmed(world, step.package, step.policy, bump.target.version)
    if doubt:
        return Done(doubt, row.issue, due=world.recheck * PATIENCE)
    made = await answer(bumping(row.path, row.text, bump.target), world.upstreams)
    if isinstance(made, Reason):
        log.info("bump refused", reason=str(made))
        return Done(made, row.issue, due=world.recheck * PATIENCE)
    return await bring(world, row, await _draft(world, row, step, made), step.replaces)


async def _draft(world: World, row: Row, step: Propose, made: Bumped) -> Draft:
    bump, seen = step.bump, None
    if row.upstream:
        seen = await world.store.sighting(row.upstream, bump.target.release.name)
    return Draft(
        package=bump.package,
        version=bump.target.version,
        before={bump.path: row.blob},
        after={bump.path: made.text},
        title=words.title(bump),
        body=words.body(
            bump,
            made,
            upstream=row.upstream,
            observation=seen.first if seen else None,
            policy=step.policy,
            supersedes=[old.number for old in step.replaces],
        ),
        message=words.commit_message(bump),
    )
