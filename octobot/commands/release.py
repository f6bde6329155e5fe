"""`release`: end a hold that was ordered by a command."""

from octobot.commands.calls import Answer, Call, Command, done, named, refused
from octobot.flows.steering import held_by_file
from octobot.messages import command as words
from octobot.messages import command_words as said
from octobot.model.steering import Hold


async def act(call: Call) -> Answer:
    """Take the hold back; what the repository's file holds stays held."""
    found = await named(call)
    if isinstance(found, Answer):
        return found
    if found.words:
        return refused(words.usage(RELEASE.usage), found.name)
    held = held_by_file(call.config, found.name)
    if not await call.world.store.revoke(call.world.watched.id, found.name, Hold):
        return refused(said.was_not_held(found.name, held), found.name)
    await call.hint(found.name)
    return done(said.released(found.name, held), found.name)


RELEASE = Command("release", "release", "End a hold.", act)
