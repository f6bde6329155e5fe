"""`rebase`: make a pull request anew on the present default branch."""

from octobot.commands.calls import Answer, Call, Command, bound, done, is_own, our_pull, refused
from octobot.messages.commands import acts as said
from octobot.messages.commands import replies as words
from octobot.model.orders import Recreate


async def act(call: Call) -> Answer:
    """Order the head that was commented on to be made anew."""
    return await order_recreate(call, foreign=False)


async def order_recreate(call: Call, *, foreign: bool) -> Answer:
    """Order a pull request to be made anew; `foreign`: without others' commits.

    Whoever throws commits away must name the last of them.  Their dates are their makers' own: a
    commit that was pushed after the comment may say that it is older.
    """
    pull = await our_pull(call)
    if isinstance(pull, Answer):
        return pull
    own = await is_own(call, pull)
    if own and foreign:
        return refused(said.nothing_foreign(), call.package, pull.head)
    if not own and not foreign:
        return refused(words.foreign_head(), call.package, pull.head)
    if foreign and not call.words:
        return refused(said.name_the_head(pull.head), call.package, pull.head)
    moved = await bound(call, pull)
    if moved:
        return moved
    await call.order(call.package, Recreate(pull.head, foreign, call.said))
    return done(said.made_anew(foreign=foreign), call.package, pull.head)


REBASE = Command(
    "rebase",
    "rebase [COMMIT]",
    "Make the pull request anew on the present default branch.",
    act,
    about="pull request",
    rest="commit",
)
