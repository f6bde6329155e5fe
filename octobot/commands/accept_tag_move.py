"""`accept-tag-move`: trust an upstream tag that names another commit than before."""

import re

from octobot.commands.calls import Answer, Call, Command, Named, done, named, refused
from octobot.flows.moved import Move, moves_of
from octobot.messages import command as words
from octobot.messages import command_words as said
from octobot.model.steering import Acceptance

_COMMIT = re.compile(r"[0-9a-f]{7,40}")


async def act(call: Call) -> Answer:
    """Accept the commit that the tag names now, if it is the one that is known or named."""
    found = await named(call, alone=True)
    if isinstance(found, Answer):
        return found
    if len(found.words) > 1 or not all(map(_COMMIT.fullmatch, found.words)):
        return refused(words.usage(ACCEPT_TAG_MOVE.usage), found.name)
    moves = await moves_of(call.world, found.row, found.package)
    if not moves:
        return refused(said.not_moved(found.name), found.name)
    answers = [await _one(call, found, move) for move in moves]
    if any(answer.done for answer in answers):
        await call.world.store.look_anew(found.row.key)
        await call.hint(found.name)
    text = "\n".join(f"- {answer.said}" for answer in answers)
    ordered = all(answer.done for answer in answers)
    return Answer(ordered, text if len(answers) > 1 else answers[0].said, found.name)


async def _one(call: Call, found: Named, move: Move) -> Answer:
    wanted = found.words[0] if found.words else move.known
    if move.now is None or not wanted or not move.now.startswith(wanted):
        return refused(said.other_commit(move.name, move.now), found.name)
    order = Acceptance(move.name, move.now, call.said)
    await call.world.store.order(call.world.watched.id, found.name, order)
    return done(said.accepted(found.name, move.name, move.now), found.name)


ACCEPT_TAG_MOVE = Command(
    "accept-tag-move",
    "accept-tag-move [COMMIT]",
    "Trust the commit that a moved upstream tag names now, and go on with it.",
    act,
)
