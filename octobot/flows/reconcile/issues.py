"""Open an issue about what octobot leaves to people."""

from collections.abc import Sequence

from octobot.flows.context import RepoContext
from octobot.flows.say import raise_issue
from octobot.flows.view import Change, Done
from octobot.messages import issue as words
from octobot.model.bump import Bump
from octobot.model.ids import display_name
from octobot.model.reasons import Reason, ReasonCode


async def announce(ctx: RepoContext, change: Change, bumps: Sequence[Bump]) -> Done:
    """Open the issue of bumps that a person makes; close the one of an older version."""
    bump = _as_one(change, bumps)
    number = await raise_issue(
        ctx,
        tag=f"manual {bump.package} {bump.target.version}",
        title=words.manual_title(bump),
        body=words.manual_body(bump, change.members[0].row.upstream),
    )
    before = _issue(change)
    if before not in (None, number):
        await ctx.github.issues.close(before)
    reason = Reason(ReasonCode.MANUAL, f"{bump.target.version}: #{number}")
    return Done(reason, issues={each.package: number for each in bumps})


async def raise_alarm(
    ctx: RepoContext, change: Change, reason: Reason, about: Sequence[str]
) -> Done:
    """Open the issue of a change that octobot has frozen; `about` names the packages it is for."""
    name = display_name(change.key.package)
    number = await raise_issue(
        ctx,
        tag=f"{reason.code.value} {name}",
        title=words.alarm_title(name, reason),
        body=words.alarm_body(name, reason),
    )
    return Done(reason, issues=dict.fromkeys(about, number))


def _as_one(change: Change, bumps: Sequence[Bump]) -> Bump:
    """Put the bumps of a group together, to be announced as one."""
    if change.group is None:
        return bumps[0]
    paths = ", ".join(bump.path for bump in bumps)
    return Bump(change.group.name, paths, bumps[0].current, bumps[0].target)


def _issue(change: Change) -> int | None:
    """Return the open issue that a member has; a group's packages share it."""
    return next((row.issue for row in change.rows if row.issue is not None), None)
