"""`ignore`: never propose a version, or a stream of versions."""

import re

from octobot.commands.calls import Answer, Call, Command, Named, done, named, refused
from octobot.messages.commands import acts as said
from octobot.messages.commands import replies as words
from octobot.model.ids import display_name
from octobot.model.orders import Ignore, Wish, covers, stream_of

STREAM = "stream"
_WHAT = re.compile(r"[0-9][0-9A-Za-z._]{0,60}")


async def act(call: Call) -> Answer:
    """Record the order, and check the package again: another version may be next.

    A package of a group stands for the group: every package of it is to ignore the version.
    """
    found = await named(call, whole=True)
    if isinstance(found, Answer):
        return found
    what = meant(call, found, IGNORE.usage)
    if isinstance(what, Answer):
        return what
    store, here = call.ctx.store, call.ctx.watched.id
    for row in found.rows:
        name = row.key.package
        wish = (await store.orders.of_package(here, name)).wish
        if wish and wish.target and covers(what, wish.target.version):
            await store.orders.revoke(here, name, Wish)
        await store.orders.order(here, name, Ignore(what, call.said))
        await store.schedule.recheck_now(row.key)
    await call.hint(found.name)
    return done(said.ignoring(display_name(found.name), what), found.name)


def meant(call: Call, found: Named, usage: str) -> str | Answer:
    """Read the version or stream; on a pull request of what is meant, its own one needs no word."""
    own = _of_thread(call, found)
    here = own or next((row.target.version for row in found.rows if row.target), "")
    match call.words:
        case () if own:
            return own
        case ("stream",) if here:
            return stream_of(here) or refused(said.no_stream(here), found.name)
        case (what,) if _WHAT.fullmatch(what):
            return what
        case (what,):
            return refused(said.not_a_version(what), found.name)
        case _:
            return refused(words.usage(usage), found.name)


def _of_thread(call: Call, found: Named) -> str:
    """Return the version of the thread's pull request, if the command is about its package."""
    here_too = bool(call.package) and call.package in (found.name, *found.packages)
    return call.pull.branch.rpartition("/")[2] if call.pull and here_too else ""


IGNORE = Command(
    "ignore",
    "ignore [NAME] VERSION|stream",
    "Never propose a version (`1.2.3`), or a stream of them (`1.2.x`, or `stream` for this one's).",
    act,
    about="package",
    rest="version",
)
