"""`status`: what is open, held, ignored and paused in the repository."""

from octobot.commands.calls import Answer, Call, Command, done
from octobot.flows.report.status import status_of
from octobot.messages.commands import replies as words
from octobot.messages.commands.tables import status


async def act(call: Call) -> Answer:
    """Show the table."""
    found = await status_of(call.ctx, call.config)
    opened = [(one.pull, one.package, one.reason) for one in found.open]
    stops = words.stops(found.line, call.config)
    return done(status(opened, found.orders, stops, now=call.ctx.clock()))


STATUS = Command(
    "status",
    "status",
    "Show what is open, held, ignored and paused.",
    act,
    about="repository",
    rest="nothing",
)
