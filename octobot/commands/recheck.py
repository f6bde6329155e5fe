"""`recheck`: look at upstream, at GitHub and at the rules again, right now."""

from octobot.commands.calls import Answer, Call, Command, done, named
from octobot.messages.commands import acts as said
from octobot.model.ids import display_name


async def act(call: Call) -> Answer:
    """Have the package looked at, or every package of the group."""
    found = await named(call)
    if isinstance(found, Answer):
        return found
    for row in found.rows:
        await call.ctx.store.schedule.recheck_now(row.key)
    await call.hint(found.name)
    return done(said.checking(display_name(found.name)), found.name)


RECHECK = Command(
    "recheck",
    "recheck [NAME]",
    "Look at upstream, the checks and the rules again.",
    act,
    about="package",
    rest="nothing",
)
