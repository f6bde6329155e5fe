"""`apply`: put the suggestion of the failure's comment on the branch."""

from octobot.commands.calls import Answer, Call, Command, bound, done, is_own, our_pull, refused
from octobot.flows.diagnose.apply import NotApplied, applied_since, apply
from octobot.messages.commands import acts as said
from octobot.messages.commands import replies as words


async def act(call: Call) -> Answer:
    """Apply what was suggested for exactly the head that was commented on."""
    pull = await our_pull(call)
    if isinstance(pull, Answer):
        return pull
    if call.again:  # it may be on the branch, and not have been written down
        there = await applied_since(call.ctx, pull.number, since=call.comment.created)
        if there:
            await call.hint(call.package)
            return done(said.applied(there.commit), call.package, pull.head)
    if not await is_own(call, pull):
        return refused(words.has_other_commits(), call.package, pull.head)
    moved = await bound(call, pull)
    if moved:
        return moved
    made = await apply(call.ctx, pull.number, pull.head, by=call.comment.author.login)
    if isinstance(made, NotApplied):
        return refused(words.impossible(made.because), call.package, pull.head)
    await call.hint(call.package)
    return done(said.applied(made.commit), call.package, pull.head)


APPLY = Command(
    "apply",
    "apply [COMMIT]",
    "Put octobot's suggestion on the branch.",
    act,
    about="pull request",
    rest="commit",
    outside=True,
)
