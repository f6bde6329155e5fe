"""`accept-tag-move`: trust an upstream tag that names another commit than before."""

from octobot.commands.calls import Answer, Call, Command, Named, done, named, refused, together
from octobot.flows.lookup.moved_tags import Move, moves_of
from octobot.flows.view import Member
from octobot.messages.commands import acts as said
from octobot.model.ids import display_name
from octobot.model.orders import Acceptance


async def act(call: Call) -> Answer:
    """Accept the commit that the tag names now, if it is the one that is known or named.

    In a group the tag of every package that follows it is accepted.
    """
    found = await named(call, whole=True)
    if isinstance(found, Answer):
        return found
    moves = [
        (member, move)
        for member in found.members
        for move in await moves_of(call.ctx, member.row, member.package)
    ]
    if not moves:
        return refused(said.not_moved(display_name(found.name)), found.name)
    answers = [await _one(call, found, member, move) for member, move in moves]
    if any(answer.done for answer in answers):
        for member in found.members:
            await call.ctx.store.schedule.recheck_now(member.row.key)
        await call.hint(found.name)
    return together(answers, found.name)


async def look(call: Call) -> None:
    """Ask where the tags point now."""
    found = await named(call, whole=True)
    for member in () if isinstance(found, Answer) else found.members:
        await moves_of(call.ctx, member.row, member.package)


async def _one(call: Call, found: Named, member: Member, move: Move) -> Answer:
    wanted = call.words[0] if call.words else move.known
    if move.now is None or not wanted or not move.now.startswith(wanted):
        return refused(said.other_commit(move.name, move.now, of=found.name), found.name)
    name = member.package.name
    order = Acceptance(move.name, move.now, call.said)
    await call.ctx.store.orders.order(call.ctx.watched.id, name, order)
    return done(said.accepted(name, move.name, move.now), found.name)


ACCEPT_TAG_MOVE = Command(
    "accept-tag-move",
    "accept-tag-move [NAME] [COMMIT]",
    "Trust the commit that a moved upstream tag points to now.",
    act,
    about="package",
    rest="commit",
    look=look,
)
