"""Tell people by an issue what octobot will not do itself."""

from octobot.flows.outcome import Done
from octobot.flows.say import raise_issue
from octobot.flows.seams.seams import World
from octobot.messages import issue as words
from octobot.model.bump import Bump
from octobot.model.memory import Row
from octobot.model.reasons import Reason, ReasonCode


async def announce(world: World, row: Row, bump: Bump) -> Done:
    """Open the issue of a bump that a person makes; close the one of an older version."""
    number = await raise_issue(
        world,
        tag=f"manual {bump.package} {bump.target.version}",
        title=words.manual_title(bump),
        body=words.manual_body(bump, row.upstream),
    )
    if row.issue not in (None, number):
        await world.github.close_issue(row.issue)
    return Done(Reason(ReasonCode.MANUAL, f"{bump.target.version}: #{number}"), number)


async def raise_alarm(world: World, row: Row, reason: Reason) -> Done:
    """Open the issue of a package that octobot has frozen."""
    number = await raise_issue(
        world,
        tag=f"{reason.code.value} {row.key.package}",
        title=words.alarm_title(row.key.package, reason),
        body=words.alarm_body(row.key.package, reason),
    )
    return Done(reason, number)
