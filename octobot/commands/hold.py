"""`hold`: propose and merge nothing of a package, for a reason and maybe for a time."""

from datetime import UTC, datetime

from octobot.commands.calls import Answer, Call, Command, done, named, refused
from octobot.flows.settings import group_lane
from octobot.messages.commands import acts as said
from octobot.model.ids import display_name
from octobot.model.orders import Hold, Waiver

_UNTIL = "until"
_LONGEST = 200


async def act(call: Call) -> Answer:
    """Leave a hold; a waiver given before it ends."""
    found = await named(call)
    if isinstance(found, Answer):
        return found
    words, until = _split(call.words)
    if until is not None and until <= call.ctx.clock():
        return refused(said.not_a_date(call.words[-1]), found.name)
    reason = " ".join(words)[:_LONGEST] or "no reason was given"
    lane = group_lane(call.config, found.name)
    for name in dict.fromkeys((found.name, lane or found.name)):
        await call.ctx.store.orders.revoke(call.ctx.watched.id, name, Waiver)
    await call.order(found.name, Hold(reason, until, call.said))
    group = display_name(lane or found.name) if lane or found.is_group else ""
    text = said.held(found.name, reason, until)
    return done(f"{text} {said.held_with(group)}" if group else text, found.name)


def _split(words: tuple[str, ...]) -> tuple[tuple[str, ...], datetime | None]:
    """Return the reason's words and the end of the hold; what is not a date is long ago."""
    if len(words) < 2 or words[-2].lower() != _UNTIL:  # noqa: PLR2004  (`until DATE`)
        return words, None
    try:
        moment = datetime.fromisoformat(words[-1])
    except ValueError:
        moment = datetime.fromtimestamp(0, UTC)
    return words[:-2], moment if moment.tzinfo else moment.replace(tzinfo=UTC)


HOLD = Command(
    "hold",
    "hold [NAME] [REASON] [until DATE]",
    "Propose and merge nothing of this package, until the date or until `unhold`.",
    act,
    about="package",
    rest="reason",
)
