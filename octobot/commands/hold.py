"""`hold`: propose and merge nothing of a package, for a reason and maybe for a time."""

from datetime import UTC, datetime

from octobot.commands.calls import Answer, Call, Command, done, named, refused
from octobot.messages import command_words as said
from octobot.model.steering import Hold, Waiver

_UNTIL = "until"
_LONGEST = 200


async def act(call: Call) -> Answer:
    """Leave a hold; a waiver given before it ends."""
    found = await named(call)
    if isinstance(found, Answer):
        return found
    words, until = found.words, None
    if len(words) > 1 and words[-2].lower() == _UNTIL:
        until = _moment(words[-1])
        if until is None or until <= call.world.clock():
            return refused(said.not_a_date(words[-1]), found.name)
        words = words[:-2]
    reason = " ".join(words)[:_LONGEST] or "no reason was given"
    await call.world.store.revoke(call.world.watched.id, found.name, Waiver)
    await call.order(found.name, Hold(reason, until, call.said))
    return done(said.held(found.name, reason, until), found.name)


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


HOLD = Command(
    "hold",
    "hold [REASON] [until DATE]",
    "Propose and merge nothing of this package, until the date or until it is released.",
    act,
)
