"""`resume`: end a pause that was ordered by a command."""

from octobot.commands.calls import Answer, Call, Command, done, refused
from octobot.flows.settings import paused_by_file
from octobot.messages.commands import acts as said
from octobot.model.orders import Pause


async def act(call: Call) -> Answer:
    """Take the pause back, and have every package that waits looked at."""
    store, repository = call.ctx.store, call.ctx.watched.id
    by_file = paused_by_file(call.config)
    if not await store.orders.revoke(repository, "", Pause):
        return refused(said.was_not_paused(by_file=by_file))
    await store.packages.wake(repository)
    return done(
        said.resumed(by_file=by_file, line=await store.repositories.merging_halted(repository))
    )


RESUME = Command("resume", "resume", "End a pause.", act, about="repository", rest="nothing")
