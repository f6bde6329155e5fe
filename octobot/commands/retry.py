"""`retry`: run the failed checks again."""

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet

from octobot.commands.calls import Answer, Call, Command, bound, done, our_pull, refused
from octobot.flows.diagnose.rerun import rerun_ordered
from octobot.messages.commands import acts as said
from octobot.model.attempts import newest_attempts
from octobot.model.pull_request import CheckRun, Conclusion

_FAILED: frozenset[Conclusion | None] = frozenset(
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
    failed = _concluded(others, _FAILED)
    # What was ordered before a crash, and not written down, runs by now.
    before = _concluded(others, {None}) if call.again else ()
    if not failed and not call.again:
        return refused(said.nothing_failed(), call.package, pull.head)
    again, left = await rerun_ordered(call.ctx, failed)
    if left and not again and not before:
        return refused(said.not_run_again(left), call.package, pull.head)
    if again:
        await call.hint(call.package)
    says = "\n\n".join(filter(None, (_running([*before, *again]), said.not_run_again(left))))
    return done(says, call.package, pull.head)


def _concluded(
    checks: Iterable[CheckRun], how: AbstractSet[Conclusion | None]
) -> Sequence[CheckRun]:
    return [check for check in checks if check.conclusion in how]


def _running(checks: Sequence[CheckRun]) -> str:
    return said.run_again([each.name for each in checks]) if checks else said.nothing_failed()


RETRY = Command(
    "retry",
    "retry [COMMIT]",
    "Run the failed checks of the pull request again.",
    act,
    about="pull request",
    rest="commit",
    outside=True,
)
