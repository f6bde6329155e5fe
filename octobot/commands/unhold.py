"""`unhold`: end a hold that was ordered by a command."""

from octobot.commands.calls import Answer, Call, Command, Named, done, named, refused
from octobot.flows.settings import group_lane, held_by_file
from octobot.messages.commands import acts as said
from octobot.model.ids import display_name
from octobot.model.orders import Hold


async def act(call: Call) -> Answer:
    """End the hold, a group's with those of its packages; the config's own stays."""
    found = await named(call)
    if isinstance(found, Answer):
        return found
    store, here = call.ctx.store, call.ctx.watched.id
    names = dict.fromkeys((found.name, *found.packages))
    revoked = [name for name in names if await store.orders.revoke(here, name, Hold)]
    shown = display_name(found.name)
    if not revoked:
        text = said.was_not_held(shown, _by_file(call, found))
        return refused(text + await _by_group(call, found), found.name)
    await call.hint(found.name)
    text = said.released(shown, _by_file(call, found))
    return done(text + await _by_group(call, found), found.name)


def _by_file(call: Call, found: Named) -> str | None:
    """Say why the repository's file holds it, or any package of a group."""
    held = [held_by_file(call.config, name) for name in found.packages]
    return next((reason for reason in held if reason is not None), None)


async def _by_group(call: Call, found: Named) -> str:
    """Say that the package's group is held as well."""
    lane = group_lane(call.config, found.name)
    orders = await call.ctx.store.orders.of_package(call.ctx.watched.id, lane) if lane else None
    hold = orders.hold if orders else None
    if lane is None or hold is None or not hold.is_active(call.ctx.clock()):
        return ""
    return f" {said.group_is_held(lane, hold.issued.login)}"


UNHOLD = Command("unhold", "unhold [NAME]", "End a hold.", act, about="package", rest="nothing")
