"""Draft the pull request of a change's bumps: all new texts, or why one cannot be made."""

from collections.abc import Mapping

import structlog

from octobot.flows.context import RepoContext
from octobot.flows.lookup.drive import answer
from octobot.flows.lookup.second_source import unconfirmed
from octobot.flows.propose.publish import Draft, publish
from octobot.flows.view import Done, MemberBump, Propose
from octobot.messages import group as group_words
from octobot.messages import pull_request as words
from octobot.model.bump import Bumped
from octobot.model.config import Group
from octobot.model.reasons import Reason
from octobot.model.release import Observation
from octobot.specs.bump.bump import bump

log = structlog.get_logger()

PATIENCE = 12
"""A refused bump is tried again this many times less often than a pull request is checked."""


async def propose(ctx: RepoContext, step: Propose) -> Done:
    """Open the pull request of a change, or return which package keeps it from that."""
    made: dict[str, Bumped] = {}
    for part in step.parts:
        text = await _made(ctx, part)
        if isinstance(text, Reason):
            log.info("bump refused", package=part.bump.package, reason=str(text))
            return Done(text, due=ctx.recheck * PATIENCE, package=part.bump.package)
        made[part.bump.package] = text
    seen = {part.bump.package: await _seen(ctx, part) for part in step.parts}
    draft = _lone(step, made, seen) if step.group is None else _group(step, step.group, made, seen)
    return await publish(ctx, draft, step.replaces)


async def _made(ctx: RepoContext, part: MemberBump) -> Bumped | Reason:
    row, target = part.member.row, part.bump.target
    doubt = await unconfirmed(ctx, part.member.package, part.policy, target.version)
    if doubt:
        return doubt
    return await answer(bump(row.path, row.text, target), ctx.upstreams)


async def _seen(ctx: RepoContext, part: MemberBump) -> Observation | None:
    upstream = part.member.row.upstream
    if upstream is None:
        return None
    seen = await ctx.store.sightings.find(upstream, part.bump.target.release.name)
    return seen.first if seen else None


def _lone(
    step: Propose, made: Mapping[str, Bumped], seen: Mapping[str, Observation | None]
) -> Draft:
    (part,) = step.parts
    name = part.bump.package
    body = words.body(
        part.bump,
        made[name],
        upstream=part.member.row.upstream,
        observation=seen[name],
        policy=part.policy,
        supersedes=[old.number for old in step.replaces],
    )
    return _draft(step, name, made, (words.title(part.bump), body, words.commit_message(part.bump)))


def _group(
    step: Propose,
    group: Group,
    made: Mapping[str, Bumped],
    seen: Mapping[str, Observation | None],
) -> Draft:
    parts = [
        group_words.GroupPart(
            part.bump,
            made[part.bump.package],
            part.member.row.upstream,
            seen[part.bump.package],
            part.policy,
        )
        for part in step.parts
    ]
    title = group_words.title(group, step.parts[0].bump.target.version)
    body = group_words.body(group, parts, [old.number for old in step.replaces])
    message = group_words.commit_message(group, [part.bump for part in step.parts])
    return _draft(step, group.lane, made, (title, body, message))


def _draft(
    step: Propose,
    change: str,
    made: Mapping[str, Bumped],
    texts: tuple[str, str, tuple[str, str]],
) -> Draft:
    title, body, message = texts
    return Draft(
        package=change,
        version=step.parts[0].bump.target.version,
        before={part.bump.path: part.member.row.blob for part in step.parts},
        after={part.bump.path: made[part.bump.package].text for part in step.parts},
        title=title,
        body=body,
        message=message,
    )
