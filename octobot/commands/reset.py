"""`reset`: replace a branch that somebody else committed to by octobot's own commit."""

from octobot.commands.calls import Answer, Call, Command
from octobot.commands.recreate import order_recreate


async def act(call: Call) -> Answer:
    """Order octobot's own commit in place of the head that was commented on."""
    return await order_recreate(call, foreign=True)


RESET = Command(
    "reset",
    "reset COMMIT",
    "Discard other people's commits on the branch, and recreate the pull request.",
    act,
    about="pull request",
    rest="commit",
)
