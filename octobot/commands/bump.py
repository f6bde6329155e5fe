"""`bump`: propose the newest version now, or a certain one that upstream shows.

A package of a group stands for the group: all of its packages go to the version, or none.
"""

from collections.abc import Mapping, Sequence

from octobot.commands.calls import Answer, Call, Command, Named, done, named, refused
from octobot.flows.lookup.find_version import Found, find_versions, shown
from octobot.flows.view import Member
from octobot.messages.commands import acts as said
from octobot.messages.commands import replies as words
from octobot.model.ids import display_name
from octobot.model.orders import Wish
from octobot.model.reasons import Reason
from octobot.model.release import Candidate
from octobot.model.version import is_greater


async def act(call: Call) -> Answer:
    """Order a version; it is proposed and judged like any other."""
    found = await named(call, whole=True)
    if isinstance(found, Answer):
        return found
    if found.unread:
        return refused(words.impossible(str(found.unread)), found.name)
    if call.words:
        return await _certain(call, found, call.words[0])
    if manual := _manual(found.members):
        return refused(said.is_manual(manual), found.name)
    for member in found.members:
        name = member.package.name
        wish = Wish(None, await _ended(call, found, name), call.said)
        await call.ctx.store.orders.order(call.ctx.watched.id, name, wish)
        await call.ctx.store.schedule.recheck_now(member.row.key)
    await call.hint(found.name)
    return done(said.checking(display_name(found.name)), found.name)


async def look(call: Call) -> None:
    """Ask which versions upstreams show, where one is asked for."""
    found = await named(call, whole=True) if call.words else None
    if isinstance(found, Named) and not found.unread:
        await shown(call.ctx, found.members)


async def _certain(call: Call, found: Named, version: str) -> Answer:
    """Order a version by its number or its name upstream."""
    known = await find_versions(call.ctx, found.members, version)
    targets = {name: one for name, one in known.items() if isinstance(one, Candidate)}
    missing = [_missing(name, version, one) for name, one in known.items()]
    lacking = list(dict.fromkeys(text for text in missing if text))
    if lacking:
        return refused(_missing_in(found, lacking), found.name)
    needed = [m for m in found.members if _is_newer(m, targets)]
    if because := await _against(call, found, needed, targets):
        return refused(because, found.name)
    for member in needed:
        name = member.package.name
        wish = Wish(targets[name], await _ended(call, found, name), call.said)
        await call.ctx.store.orders.order(call.ctx.watched.id, name, wish)
    await call.hint(found.name)
    number = targets[needed[0].package.name].version
    return done(said.wished(display_name(found.name), number), found.name)


def _missing(name: str, version: str, found: Found) -> str:
    """Say why a package cannot go to the version; empty when it can."""
    match found:
        case Candidate():
            return ""
        case Reason() as reason:
            return words.impossible(f"{name}: {reason}")
        case near:
            return said.not_shown(name, version, near)


def _missing_in(found: Named, lacking: Sequence[str]) -> str:
    """Say for each package what is missing."""
    if not found.is_group:
        return lacking[0]
    return said.group_lacks(display_name(found.name), lacking, len(found.members))


def _is_newer(member: Member, targets: Mapping[str, Candidate]) -> bool:
    return is_greater(targets[member.package.name].version, member.package.version)


async def _against(
    call: Call, found: Named, needed: Sequence[Member], targets: Mapping[str, Candidate]
) -> str:
    """Say why a version that upstream shows is refused; empty when it is not."""
    versions = {target.version for target in targets.values()}
    ahead = [m for m in found.members if is_greater(m.package.version, min(versions))]
    if len(versions) > 1:
        each = [f"{name}: {target.version}" for name, target in sorted(targets.items())]
        return said.not_one_version(display_name(found.name), each)
    if not needed or ahead:
        member = (ahead or found.members)[0]
        return said.not_greater(min(versions), member.package.version, of=member.package.name)
    if manual := _manual(needed):
        return said.is_manual(manual)
    return await _ignored(call, found, min(versions))


async def _ignored(call: Call, found: Named, version: str) -> str:
    """Say who ordered to ignore the version; empty when nobody did."""
    orders = await call.ctx.store.orders.by_package(call.ctx.watched.id, found.packages)
    by = next((ignore for one in orders.values() if (ignore := one.ignores(version))), None)
    return said.is_ignored(version, by.issued.login, of=found.name, what=by.what) if by else ""


def _manual(members: Sequence[Member]) -> str:
    """Return the name of a package whose bumps a person makes; empty without one."""
    return next((m.package.name for m in members if m.package.update.manual), "")


async def _ended(call: Call, found: Named, name: str) -> tuple[int, ...]:
    """Return the pull requests that ended before: they do not count against a new order."""
    store, here = call.ctx.store, call.ctx.watched.id
    history = [
        past
        for each in dict.fromkeys((found.name, name))
        for past in await store.ledger.proposed(here, each)
    ]
    ended = (past.number for past in history if past.number and past.state != "open")
    return tuple(dict.fromkeys(ended))


BUMP = Command(
    "bump",
    "bump NAME [VERSION]",
    "Propose the newest version now, or a certain one that upstream shows.",
    act,
    about="package",
    rest="version",
    look=look,
)
