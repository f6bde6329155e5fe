"""`adopt`: take a branch over again that somebody else committed to."""

from octobot.commands.calls import Answer, Call, Command
from octobot.commands.rebase import order_recreate


async def act(call: Call) -> Answer:
    """Order the head that was commented on to be replaced by octobot's own commit."""
    return await order_recreate(call, foreign=True)


ADOPT = Command(
    "adopt",
    "adopt COMMIT",
    "Throw other people's commits on the branch away, and let octobot go on.",
    act,
    about="pull request",
    rest="commit",
)
