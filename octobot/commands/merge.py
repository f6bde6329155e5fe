"""`merge`: merge this very commit without the rules that the file lets this person waive.

Nothing that keeps the distro safe is waived: the ledger, the required checks, the change itself,
the tag and the pins are judged as always.
"""

from octobot.commands.calls import Answer, Call, Command, bound, done, is_own, our_pull, refused
from octobot.flows.settings import waived
from octobot.messages.commands import acts as said
from octobot.messages.commands import replies as words
from octobot.model.orders import Waiver


async def act(call: Call) -> Answer:
    """Leave a waiver for exactly the head that was commented on."""
    pull = await our_pull(call)
    if isinstance(pull, Answer):
        return pull
    if not await is_own(call, pull):
        return refused(words.has_other_commits(), call.package, pull.head)
    moved = await bound(call, pull)
    if moved:
        return moved
    rules = waived(call.config, call.level)
    if not rules:
        await call.hint(call.package)
        return refused(said.waives_nothing(pull.head), call.package, pull.head)
    await call.order(call.package, Waiver(pull.head, call.level, call.said))
    return done(said.merging(pull.head, rules), call.package, pull.head)


MERGE = Command(
    "merge",
    "merge [COMMIT]",
    "Merge this commit once its checks pass, without the rules that the file lets you waive.",
    act,
    about="pull request",
    rest="commit",
)
