"""`pause`: propose and merge nothing in the whole repository."""

from octobot.commands.calls import Answer, Call, Command, done
from octobot.messages.commands import acts as said
from octobot.model.orders import Pause


async def act(call: Call) -> Answer:
    """Leave the order; every lane sees it at its next step."""
    await call.ctx.store.orders.order(call.ctx.watched.id, "", Pause(call.said))
    return done(said.paused())


PAUSE = Command(
    "pause",
    "pause",
    "Propose and merge nothing in this repository.",
    act,
    about="repository",
    rest="nothing",
)
