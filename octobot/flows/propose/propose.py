"""Draft the pull request of a change's bumps: all new texts, or why one cannot be made."""

from collections.abc import Sequence
from dataclasses import replace

import structlog

from octobot.flows.context import RepoContext
from octobot.flows.lookup.drive import answer
from octobot.flows.lookup.second_source import unconfirmed
from octobot.flows.plan.foretell import foretell
from octobot.flows.propose.publish import Draft, publish
from octobot.flows.steps import Done, MemberBump, Propose
from octobot.messages import group as group_words
from octobot.messages import pull_request as words
from octobot.messages.group import GroupPart
from octobot.messages.outlet import joined
from octobot.model.reasons import Reason, ReasonCode
from octobot.specs.bump.bump import bump

log = structlog.get_logger()

PATIENCE = 12
"""A refused bump is tried again this many times less often than a pull request is checked."""


async def propose(ctx: RepoContext, step: Propose) -> Done:
    """Open the pull request of a change, or return which package keeps it from that."""
    made: list[GroupPart] = []
    for part in step.parts:
        one = await _made(ctx, part)
        if isinstance(one, Reason):
            log.info("bump refused", package=part.bump.package, reason=str(one))
            if one.code is ReasonCode.PIN_UNRESOLVED:
                one = await _try_lower(ctx, part, one)
            return Done(one, due=ctx.recheck * PATIENCE, package=part.bump.package)
        made.append(one)
    foretold = await foretell(ctx, step.parts)
    title, body, message = _texts(step, made)
    bump = made[0].bump
    draft = Draft(
        package=step.group.lane if step.group else bump.package,
        version=bump.target.version,
        before={part.bump.path: part.member.row.blob for part in step.parts},
        after={one.bump.path: one.bumped.text for one in made},
        title=title,
        body=joined(body.rstrip(), foretold.text),
        message=message,
        label=foretold.label,
    )
    return await publish(ctx, draft, step.replaces)


async def _try_lower(ctx: RepoContext, part: MemberBump, because: Reason) -> Reason:
    """Have the next lower version selected: this one is listed, and its pins are not there.

    It is remembered for a while only, since a tag or a file may follow its listing.
    """
    key, target = part.member.row.key, part.bump.target
    detail = f"{target.release.name} is listed, but {because.detail}"
    if await ctx.store.missing_versions.remember(key, target.version, detail, now=ctx.clock()):
        await ctx.store.schedule.select_again(key)
    return replace(because, detail=detail)


async def _made(ctx: RepoContext, part: MemberBump) -> GroupPart | Reason:
    """Bump one spec, unless its second source or a pin speaks against it."""
    row, target, seen = part.member.row, part.bump.target, None
    doubt = await unconfirmed(ctx, part.member.package, part.policy, target.version)
    if doubt:
        return doubt
    made = await answer(bump(row.path, row.text, target), ctx.upstreams)
    if isinstance(made, Reason):
        return made
    if row.upstream:
        seen = await ctx.store.sightings.find(row.upstream, target.release.name)
    return GroupPart(part.bump, made, row.upstream, seen.first if seen else None, part.policy)


def _texts(step: Propose, made: Sequence[GroupPart]) -> tuple[str, str, tuple[str, str]]:
    """Return the title, the body and the commit's message."""
    supersedes = [old.number for old in step.replaces]
    if step.group:
        bumps = [one.bump for one in made]
        title = group_words.title(step.group, bumps[0].target.version)
        body = group_words.body(step.group, made, supersedes)
        return title, body, group_words.commit_message(step.group, bumps)
    (one,) = made
    body = words.body(
        one.bump,
        one.bumped,
        upstream=one.upstream,
        observation=one.observation,
        policy=one.policy,
        supersedes=supersedes,
    )
    return words.title(one.bump), body, words.commit_message(one.bump)
