"""`unignore`: let a version or stream be proposed again."""

from octobot.commands.calls import Answer, Call, Command, done, named, refused
from octobot.commands.ignore import meant
from octobot.messages.commands import acts as said
from octobot.model.ids import display_name
from octobot.model.orders import Ignore


async def act(call: Call) -> Answer:
    """Revoke the order, and check the package again."""
    found = await named(call, whole=True)
    if isinstance(found, Answer):
        return found
    what = meant(call, found, UNIGNORE.usage)
    if isinstance(what, Answer):
        return what
    store, here, shown = call.ctx.store, call.ctx.watched.id, display_name(found.name)
    revoked = [
        name for name in found.packages if await store.orders.revoke(here, name, Ignore, what)
    ]
    if not revoked:
        orders = [await store.orders.of_package(here, name) for name in found.packages]
        ignored = dict.fromkeys(one.what for each in orders for one in each.ignored)
        return refused(said.was_not_ignored(shown, list(ignored)), found.name)
    for row in found.rows:
        await store.schedule.recheck_now(row.key)
    await call.hint(found.name)
    return done(said.ignoring_no_more(shown, what), found.name)


UNIGNORE = Command(
    "unignore",
    "unignore [NAME] VERSION|stream",
    "Let a version or stream be proposed again.",
    act,
    about="package",
    rest="version",
)
