"""`retry`: run the failed checks again."""

from octobot.commands.calls import Answer, Call, Command, bound, done, our_pull, refused
from octobot.flows.diagnose.rerun import rerun_ordered
from octobot.messages.commands import acts as said
from octobot.model.attempts import newest_attempts
from octobot.model.pull_request import Conclusion

_FAILED: frozenset[Conclusion] = frozenset(
    {"failure", "timed_out", "cancelled", "startup_failure", "stale"}
)


async def act(call: Call) -> Answer:
    """Order a second run of what failed on the head that was commented on."""
    pull = await our_pull(call)
    if isinstance(pull, Answer):
        return pull
    moved = await bound(call, pull)
    if moved:
        return moved
    state = await call.ctx.github.snapshots.state(pull.number)
    others = [check for check in newest_attempts(state.checks) if check.app != call.ctx.app]
    failed = [check for check in others if check.conclusion in _FAILED]
    again = await rerun_ordered(call.ctx, failed) if failed else ()
    if not failed and call.again:  # it was ordered, and that was not written down
        names = [check.name for check in others if not check.conclusion]
        text = said.run_again(names) if names else said.nothing_failed()
        return done(text, call.package, pull.head)
    if not again:
        return refused(said.nothing_failed(), call.package, pull.head)
    await call.hint(call.package)
    return done(said.run_again([check.name for check in again]), call.package, pull.head)


RETRY = Command(
    "retry",
    "retry [COMMIT]",
    "Run the failed checks of the pull request again.",
    act,
    about="pull request",
    rest="commit",
    outside=True,
)
