"""`recreate`: replace a pull request by a new one on the current default branch."""

from octobot.commands.calls import Answer, Call, Command, bound, done, is_own, our_pull, refused
from octobot.messages.commands import acts as said
from octobot.messages.commands import replies as words
from octobot.model.orders import Recreate


async def act(call: Call) -> Answer:
    """Order a new pull request in place of the head that was commented on."""
    return await order_recreate(call, foreign=False)


async def order_recreate(call: Call, *, foreign: bool) -> Answer:
    """Order a pull request to be recreated; `foreign`: without other people's commits.

    To discard commits, name the last of them.  Their dates are set by their authors: a commit that
    was pushed after the comment may claim to be older.
    """
    pull = await our_pull(call)
    if isinstance(pull, Answer):
        return pull
    own = await is_own(call, pull)
    if own and foreign:
        return refused(said.nothing_to_discard(), call.package, pull.head)
    if not own and not foreign:
        return refused(words.has_other_commits(), call.package, pull.head)
    if foreign and not call.words:
        return refused(said.name_the_head(pull.head), call.package, pull.head)
    moved = await bound(call, pull)
    if moved:
        return moved
    await call.order(call.package, Recreate(pull.head, foreign, call.said))
    return done(said.recreating(discard=foreign), call.package, pull.head)


RECREATE = Command(
    "recreate",
    "recreate [COMMIT]",
    "Recreate the pull request on the current default branch.",
    act,
    about="pull request",
    rest="commit",
)
