"""`unignore`: let a version or stream be proposed again."""

from octobot.commands.calls import Answer, Call, Command, done, named, refused
from octobot.commands.ignore import meant
from octobot.messages import command_words as said
from octobot.model.steering import Ignore


async def act(call: Call) -> Answer:
    """Take the order back, and have the package looked at anew."""
    found = await named(call, alone=True)
    if isinstance(found, Answer):
        return found
    what = meant(call, found)
    if isinstance(what, Answer):
        return what
    if not await call.world.store.revoke(call.world.watched.id, found.name, Ignore, what):
        steering = await call.world.store.steering(call.world.watched.id, found.name)
        ignored = [one.what for one in steering.ignored]
        return refused(said.was_not_ignored(found.name, ignored), found.name)
    await call.world.store.look_anew(found.row.key)
    await call.hint(found.name)
    return done(said.ignoring_no_more(found.name, what), found.name)


UNIGNORE = Command(
    "unignore",
    "unignore VERSION|stream",
    "Let a version or stream be proposed again.",
    act,
)
