"""Open an issue about what octobot leaves to people."""

from collections.abc import Sequence

from octobot.flows.context import RepoContext
from octobot.flows.say import raise_issue
from octobot.flows.steps import Alarm, Announce, Done
from octobot.flows.view import Change
from octobot.messages import issue as words
from octobot.model.bump import Bump
from octobot.model.ids import display_name
from octobot.model.reasons import Reason, ReasonCode


async def open_issue(ctx: RepoContext, change: Change, step: Announce | Alarm) -> Done:
    """Open or update the issue that a step calls for."""
    if isinstance(step, Announce):
        return await _announce(ctx, change, step.bumps)
    name, reason = display_name(change.key.package), step.reason
    number = await raise_issue(
        ctx,
        tag=f"{reason.code.value} {name}",
        title=words.alarm_title(name, reason),
        body=words.alarm_body(name, reason),
    )
    return Done(reason, reasons=step.reasons, issues=dict.fromkeys(step.about, number))


async def _announce(ctx: RepoContext, change: Change, bumps: Sequence[Bump]) -> Done:
    """Open the issue of bumps that a person makes; close the one of an older version."""
    bump = _as_one(change, bumps)
    number = await raise_issue(
        ctx,
        tag=f"manual {bump.package} {bump.target.version}",
        title=words.manual_title(bump),
        body=words.manual_body(bump, change.members[0].row.upstream),
    )
    # A group's packages share their issue.
    before = next((row.issue for row in change.rows if row.issue is not None), None)
    if before is not None and before != number:
        await ctx.github.issues.close(before)
    where = f"#{number}" if number else "issues are switched off in this repository"
    reason = Reason(ReasonCode.MANUAL, f"{bump.target.version}: {where}")
    return Done(reason, issues={each.package: number for each in bumps})


def _as_one(change: Change, bumps: Sequence[Bump]) -> Bump:
    """Put the bumps of a group together, to be announced as one."""
    if change.group is None:
        return bumps[0]
    paths = ", ".join(bump.path for bump in bumps)
    return Bump(change.group.name, paths, bumps[0].current, bumps[0].target)
