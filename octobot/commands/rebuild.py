"""`rebuild`: build packages again at the same version, with the epoch raised by one.

Packages that are named are rebuilt at once; what an order for many finds, level by level.
"""

from collections.abc import Sequence
from dataclasses import replace

from octobot.commands.calls import Answer, Call, Command, done, named, refused, together
from octobot.commands.rebuild_many import look, order_many
from octobot.flows.reconcile.gather import rows_of
from octobot.flows.settings import group_lane
from octobot.messages.commands import acts as said
from octobot.messages.commands import replies as words
from octobot.model.bump import rebuilt
from octobot.model.orders import Rebuild

_LONGEST = 200


async def act(call: Call) -> Answer:
    """Order a rebuild of each package that is named; the words after the names are the reason."""
    if call.many:
        return await order_many(call)
    words_ = call.words[1:] if call.words[:1] == ("because",) else call.words
    reason = " ".join(words_)[:_LONGEST]
    answers = [await _one(call, name, reason) for name in await _packages(call)]
    if not answers:
        return refused(words.no_package(" ".join(call.names) or call.package))
    return together(answers, " ".join(answer.package for answer in answers))


async def _packages(call: Call) -> Sequence[str]:
    """Put a group's packages in its place; the thread's own where none is named."""
    found: list[str] = []
    for name in call.names or (call.package,):
        rows = await rows_of(call.ctx, call.key(name))
        found += [row.key.package for row in rows]
    return list(dict.fromkeys(found))


async def _one(call: Call, name: str, reason: str) -> Answer:
    found = await named(replace(call, names=(name,)))
    if isinstance(found, Answer):
        return found
    package, lane = found.members[0].package, group_lane(call.config, name)
    version = rebuilt(package)
    number = await _open_pull(call, name, version)
    if number:
        return refused(said.has_a_pull(name, number), name)
    history = await call.ctx.store.ledger.proposed(call.ctx.watched.id, lane or name)
    despite = tuple(past.number for past in history if past.number and past.state != "open")
    order = Rebuild(package.full_version, reason, despite, call.said)
    await call.order(name, order)
    return done(said.rebuilding(name, version), name)


async def _open_pull(call: Call, name: str, version: str) -> int | None:
    """Return the open pull request of another version, which builds the package as well."""
    history = await call.ctx.store.ledger.proposed(call.ctx.watched.id, name)
    others = (past for past in history if past.version != version and not past.is_rebuild)
    open_ = (past for past in others if past.state == "open")
    return next((past.number for past in open_ if past.number), None)


REBUILD = Command(
    "rebuild",
    "rebuild NAME… or GLOB… or users-of NAME or pipeline NAME [because REASON]",
    "Build packages again: the epoch rises by one, nothing else changes.",
    act,
    about="packages",
    rest="reason",
    look=look,
    takes_many=True,
)
