"""`ignore`: never propose a version, or a stream of versions."""

import re

from octobot.commands.calls import Answer, Call, Command, Named, done, named, refused
from octobot.messages import command as words
from octobot.messages import command_words as said
from octobot.model.steering import Ignore, Wish, covers, stream_of

STREAM = "stream"
_WHAT = re.compile(r"[0-9][0-9A-Za-z._]{0,60}")


async def act(call: Call) -> Answer:
    """Leave the order, and have the package looked at anew: another version may be next."""
    found = await named(call, alone=True)
    if isinstance(found, Answer):
        return found
    what = meant(call, found)
    if isinstance(what, Answer):
        return what
    steering = await call.world.store.steering(call.world.watched.id, found.name)
    wished = steering.wish.target if steering.wish else None
    if wished and covers(what, wished.version):
        await call.world.store.revoke(call.world.watched.id, found.name, Wish)
    await call.world.store.order(call.world.watched.id, found.name, Ignore(what, call.said))
    await call.world.store.look_anew(found.row.key)
    await call.hint(found.name)
    return done(said.ignoring(found.name, what), found.name)


def meant(call: Call, found: Named) -> str | Answer:
    """Read the version or stream; on a pull request its own one, where none is named."""
    own = call.pull.branch.rpartition("/")[2] if call.pull and call.package else ""
    target = found.row.target.version if found.row.target else ""
    here = own or target
    match found.words:
        case () if own:
            return own
        case ("stream",) if here:
            return stream_of(here) or refused(said.no_stream(here), found.name)
        case (what,) if _WHAT.fullmatch(what):
            return what
        case (what,):
            return refused(said.not_a_version(what), found.name)
        case _:
            return refused(words.usage(IGNORE.usage), found.name)


IGNORE = Command(
    "ignore",
    "ignore VERSION|stream",
    "Never propose a version (`1.2.3`), or a stream of them (`1.2.x`, or `stream` for this one's).",
    act,
)
