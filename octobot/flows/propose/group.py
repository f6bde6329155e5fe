"""Make the draft of a group's bumps: all the new texts, or the reason of the one that lacks."""

from collections.abc import Mapping, Sequence

import structlog

from octobot.flows.group_view import Part, ProposeTogether
from octobot.flows.lookup.drive import answer
from octobot.flows.lookup.second_source import unconfirmed
from octobot.flows.outcome import Done
from octobot.flows.propose.propose import PATIENCE
from octobot.flows.propose.publish import Draft, bring
from octobot.flows.seams.seams import World
from octobot.messages import group as words
from octobot.model.bump import Bumped
from octobot.model.reasons import Reason
from octobot.model.release import Observation
from octobot.specs.bump.bump import bump as bumping

log = structlog.get_logger()


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
    draft = await _draft(world, step, made)
    return await bring(world, step.parts[0].member.row, draft, step.replaces)


async def _made(world: World, part: Part) -> Bumped | Reason:
    row, bump = part.member.row, part.bump
    doubt = await unconfirmed(world, part.member.package, part.policy, bump.target.version)
    if doubt:
        return doubt
    return await answer(bumping(row.path, row.text, bump.target), world.upstreams)


async def _draft(world: World, step: ProposeTogether, made: Mapping[str, Bumped]) -> Draft:
    version = step.parts[0].bump.target.version
    told = [
        words.GroupPart(
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
        title=words.title(step.group, version),
        body=words.body(step.group, told, _numbers(step)),
        message=words.commit_message(step.group, [part.bump for part in step.parts]),
    )


def _numbers(step: ProposeTogether) -> Sequence[int]:
    return [old.number for old in step.replaces]


async def _seen(world: World, part: Part) -> Observation | None:
    upstream = part.member.row.upstream
    if upstream is None:
        return None
    seen = await world.store.sighting(upstream, part.bump.target.release.name)
    return seen.first if seen else None
