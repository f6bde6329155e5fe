"""`wave`: hold the wave of rebuilds whose tracking issue this is, or end the hold."""

from datetime import timedelta

from octobot.commands.calls import Answer, Call, Command, done, refused
from octobot.messages.commands import plans as said
from octobot.messages.commands import replies as words
from octobot.model.wave import Wave, WaveState

_USAGE = "wave hold [REASON] or unhold"
_HOLD, _UNHOLD = "hold", "unhold"
_LONGEST = 200
_LONG_AGO = timedelta(days=365)
"""An older wave is not found any more: it is over."""


async def act(call: Call) -> Answer:
    """Hold the thread's wave, or end its hold."""
    order, *reason = call.words or ("",)
    order = order.lower()
    if order not in (_HOLD, _UNHOLD) or (order == _UNHOLD and reason):
        return refused(words.usage(_USAGE))
    wave = await _wave(call)
    if wave is None:
        return refused(said.no_wave())
    wanted: WaveState = "held" if order == _HOLD else "open"
    now: WaveState = "open" if order == _HOLD else "held"
    if wave.state != now:
        return refused(said.wave_is(str(wave.trigger), wave.state))
    because = f"{call.said.login}: {' '.join(reason)[:_LONGEST] or 'no reason was given'}"
    if order == _UNHOLD:
        because = ""
    await call.ctx.store.waves.set_state(call.ctx.watched.id, wave.id, wanted, because)
    return done(said.wave_held(str(wave.trigger), because))


async def _wave(call: Call) -> Wave | None:
    """Return the wave that the thread is the tracking issue of."""
    if call.comment.is_pull:
        return None
    since = call.said.at - _LONG_AGO
    waves = await call.ctx.store.waves.recent(call.ctx.watched.id, since=since)
    return next((each for each in waves if each.issue == call.comment.thread), None)


WAVE = Command(
    "wave",
    _USAGE,
    "Stop opening rebuilds of the wave that this issue tracks, or continue.",
    act,
    about="wave",
    rest="reason",
)
