"""Make the draft of a bump, or of a group's: new texts, and the words of the pull request.

A group is proposed with all its texts, or not at all, with the reason of the one that lacks.
"""

from collections.abc import Mapping, Sequence

import structlog

from octobot.flows.lookup.drive import answer
from octobot.flows.lookup.second_source import unconfirmed
from octobot.flows.outcome import Done
from octobot.flows.propose.publish import Draft, bring
from octobot.flows.seams.seams import World
from octobot.flows.view import Part, Propose, ProposeTogether
from octobot.messages import group as group_words
from octobot.messages import pull_request as words
from octobot.model.bump import Bumped
from octobot.model.memory import Row
from octobot.model.reasons import Reason
from octobot.model.release import Observation
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


async def propose_together(world: World, step: ProposeTogether) -> Done:
    """Open the pull request of a group, or say which package keeps it from that."""
    made: dict[str, Bumped] = {}
    for part in step.parts:
        text = await _made(world, part)
        if isinstance(text, Reason):
            log.info("bump refused", package=part.bump.package, reason=str(text))
            issue, due = part.member.row.issue, world.recheck * PATIENCE
            return Done(text, issue, due=due, package=part.bump.package)
        made[part.bump.package] = text
    draft = await _draft_together(world, step, made)
    return await bring(world, step.parts[0].member.row, draft, step.replaces)


async def _made(world: World, part: Part) -> Bumped | Reason:
    row, bump = part.member.row, part.bump
    doubt = await unconfirmed(world, part.member.package, part.policy, bump.target.version)
    if doubt:
        return doubt
    return await answer(bumping(row.path, row.text, bump.target), world.upstreams)


async def _draft_together(world: World, step: ProposeTogether, made: Mapping[str, Bumped]) -> Draft:
    version = step.parts[0].bump.target.version
    told = [
        group_words.GroupPart(
            part.bump,
            made[part.bump.package],
            part.member.row.upstream,
            await _seen(world, part),
            part.policy,
        )
        for part in step.parts
    ]
    return Draft(
        package=step.group.lane,
        version=version,
        before={part.bump.path: part.member.row.blob for part in step.parts},
        after={part.bump.path: made[part.bump.package].text for part in step.parts},
        title=group_words.title(step.group, version),
        body=group_words.body(step.group, told, _numbers(step)),
        message=group_words.commit_message(step.group, [part.bump for part in step.parts]),
    )


def _numbers(step: ProposeTogether) -> Sequence[int]:
    return [old.number for old in step.replaces]


async def _seen(world: World, part: Part) -> Observation | None:
    upstream = part.member.row.upstream
    if upstream is None:
        return None
    seen = await world.store.sighting(upstream, part.bump.target.release.name)
    return seen.first if seen else None
