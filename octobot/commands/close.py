"""`close`: close a pull request of octobot's for good."""

from octobot.commands.calls import Answer, Call, Command, done, is_own, our_pull, refused
from octobot.messages.commands import acts as said
from octobot.messages.commands import replies as words
from octobot.model.orders import Closing


async def act(call: Call) -> Answer:
    """Order the pull request to be closed; its version is not proposed again."""
    pull = await our_pull(call)
    if isinstance(pull, Answer):
        return pull
    if not await is_own(call, pull):
        return refused(words.has_other_commits(), call.package, pull.head)
    await call.order(call.package, Closing(pull.number, call.said))
    return done(said.closing(call.package), call.package, pull.head)


CLOSE = Command(
    "close",
    "close",
    "Close the pull request; its version is not proposed again.",
    act,
    about="pull request",
    rest="nothing",
)
