"""`bump`: propose the newest version now, or a certain one that upstream shows."""

from octobot.commands.calls import Answer, Call, Command, Named, done, named, refused
from octobot.flows.versions import find_version, is_greater
from octobot.messages import command as words
from octobot.messages import command_words as said
from octobot.model.reasons import Reason
from octobot.model.steering import Wish

_MOST_WORDS = 1


async def act(call: Call) -> Answer:
    """Wish for a version; the lane proposes it, and the gate judges it like any other."""
    found = await named(call, by_name=True, alone=True)
    if isinstance(found, Answer):
        return found
    if len(found.words) > _MOST_WORDS:
        return refused(words.usage(BUMP.usage), found.name)
    if found.package.update.manual:
        return refused(said.is_manual(found.name), found.name)
    if found.words:
        return await _certain(call, found, found.words[0])
    wish = Wish(None, await _ended(call, found), call.said)
    await call.world.store.order(call.world.watched.id, found.name, wish)
    await call.world.store.look_anew(found.row.key)
    await call.hint(found.name)
    return done(said.looked(found.name), found.name)


async def _certain(call: Call, found: Named, version: str) -> Answer:
    """Wish for a version by its number or its name upstream."""
    target = await find_version(call.world, found.row, found.package, version)
    if isinstance(target, Reason):
        return refused(words.impossible(str(target)), found.name)
    if not isinstance(target, tuple):
        if not is_greater(target.version, found.package.version):
            current = found.package.version
            return refused(said.not_greater(target.version, current), found.name)
        steering = await call.world.store.steering(call.world.watched.id, found.name)
        if ignore := steering.ignores(target.version):
            return refused(said.is_ignored(target.version, ignore.said.login), found.name)
        await call.order(found.name, Wish(target, await _ended(call, found), call.said))
        return done(said.wished(found.name, target.version), found.name)
    return refused(said.not_shown(found.name, version, target), found.name)


async def _ended(call: Call, found: Named) -> tuple[int, ...]:
    """Give the pull requests that ended before: they do not stand against a new wish."""
    history = await call.world.store.proposed(call.world.watched.id, found.name)
    return tuple(past.number for past in history if past.number and past.state != "open")


BUMP = Command(
    "bump",
    "bump NAME [VERSION]",
    "Propose the newest version now, or a certain one that upstream shows.",
    act,
)
