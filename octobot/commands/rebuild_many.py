"""Rebuild many specs: users of a package or a pipeline, globs; with a plan, and a confirmation.

An order for more specs than `MOST` is answered with its plan.  The same person confirms it in the
same thread within a day, as long as it still is the plan they were shown: its digest is stored.
"""

from datetime import timedelta

from octobot.commands.calls import Answer, Call, done, refused
from octobot.commands.reading import CONFIRM, PIPELINE, USERS_OF, split
from octobot.flows.plan.order import Ordered, plan_order
from octobot.messages.commands import plans as said
from octobot.messages.commands import replies as words
from octobot.model.config import Config
from octobot.model.rebuild import AskedRebuild, Trigger, TriggerKind
from octobot.model.wave import NewWave

MOST = 20
"""Specs that are rebuilt without a confirmation."""
CONFIRM_WITHIN = timedelta(hours=24)
_MOST_WORDS = 100
_LONGEST = 200
_USAGE = "rebuild GLOB… or users-of NAME or pipeline NAME [because REASON]"
_KINDS = {USERS_OF: TriggerKind.USERS, PIPELINE: TriggerKind.PIPELINE}
_TWO = 2


async def order_many(call: Call) -> Answer:
    """Show the plan of an order, or carry it out: it is small, or confirmed."""
    if call.many[0].lower() == CONFIRM:
        return await _confirm(call)
    trigger, because = _read(call)
    if isinstance(trigger, Answer):
        return trigger
    ordered = await plan_order(call.ctx, _config(call), trigger)
    if not ordered.planned.plan.count:
        return refused(said.nothing(ordered.planned.plan))
    if not _config(call).rebuild.enabled:
        return refused(said.not_enabled(_shown(ordered)))
    if ordered.planned.plan.count > MOST or ordered.planned.missing:
        return await _ask(call, ordered, because)
    return await _open(call, ordered, because)


async def look(call: Call) -> None:
    """Read the graph and the index before the transaction begins."""
    if not call.many:
        return
    asked = await _asked(call) if call.many[0].lower() == CONFIRM else None
    trigger = asked.trigger if asked else _read(call)[0]
    if isinstance(trigger, Trigger):
        await plan_order(call.ctx, _config(call), trigger)


def _read(call: Call) -> tuple[Trigger | Answer, str]:
    front, because = split(call.many)
    kind = _KINDS.get(front[0].lower())
    if kind and len(front) == _TWO:
        return Trigger(kind, front[1]), because[:_LONGEST]
    if kind or len(front) > _MOST_WORDS:
        return refused(words.usage(_USAGE, said.too_many_words(_MOST_WORDS))), ""
    names = (word.rstrip(",").removesuffix(".yaml") for word in front)
    return Trigger(TriggerKind.NAMES, " ".join(dict.fromkeys(names))), because[:_LONGEST]


async def _confirm(call: Call) -> Answer:
    if len(call.many) > 1:
        return refused(words.usage("rebuild confirm", said.alone()))
    asked = await _asked(call)
    if asked is None:
        return refused(said.nothing_to_confirm(call.said.login))
    if call.said.at - asked.at > CONFIRM_WITHIN:
        await _forget(call)
        return refused(said.too_late(str(asked.trigger)))
    ordered = await plan_order(call.ctx, _config(call), asked.trigger)
    if not _config(call).rebuild.enabled:
        return refused(said.not_enabled(_shown(ordered)))
    if ordered.digest != asked.digest:
        answer = await _ask(call, ordered, asked.because)
        return refused(said.changed(answer.said))
    await _forget(call)
    return await _open(call, ordered, asked.because)


async def _ask(call: Call, ordered: Ordered, because: str) -> Answer:
    asked = AskedRebuild(ordered.planned.plan.trigger, because, ordered.digest, call.said.at)
    store, here = call.ctx.store.asked_rebuilds, call.ctx.watched.id
    await store.ask(here, call.comment.thread, call.said.by, asked)
    return done(said.confirm(_shown(ordered), ordered.digest))


async def _asked(call: Call) -> AskedRebuild | None:
    store, here = call.ctx.store.asked_rebuilds, call.ctx.watched.id
    return await store.find(here, call.comment.thread, call.said.by)


async def _forget(call: Call) -> None:
    store, here = call.ctx.store.asked_rebuilds, call.ctx.watched.id
    await store.forget(here, call.comment.thread, call.said.by)


def _config(call: Call) -> Config:
    return call.config if isinstance(call.config, Config) else Config()


def _shown(ordered: Ordered) -> str:
    planned = ordered.planned
    return said.shown(planned.plan, planned.missing, ordered.problem)


async def _open(call: Call, ordered: Ordered, because: str) -> Answer:
    """Begin the wave of a plan; what a process began before it died is not begun again."""
    plan, comment = ordered.planned.plan, call.comment
    new = NewWave(
        trigger=plan.trigger,
        specs=ordered.versions,
        by=call.said.login,
        because=because,
        order=f"{comment.kind} {comment.id}",
    )
    await call.ctx.store.waves.open(call.ctx.watched.id, new, now=call.ctx.clock())
    return done(said.opened(_shown(ordered)))
