"""Record how a pull request ended: audit it if it was merged, delete its branch, update the ledger.

The audit is the last line of defence.  Whatever was judged, and whoever pressed the button, the
merged tree is compared with what the ledger says it must be.  A difference halts merging.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import structlog

from octobot.flows.context import RepoContext
from octobot.flows.say import conclude, raise_issue
from octobot.flows.steps import Done
from octobot.messages import issue as issues
from octobot.model.bump import ProposalState, Proposed
from octobot.model.ids import PullNumber, Sha
from octobot.model.memory import Row
from octobot.model.pull_request import MergedTree
from octobot.model.reasons import Reason, ReasonCode

log = structlog.get_logger()

SOONER = 12
"""How many times sooner than usual a list that lags is read again."""


@dataclass(frozen=True, slots=True)
class _Audit:
    """How closely a merge is audited."""

    wanted: bool
    by_person: bool = False
    """The files are compared, and not their texts."""


EXACTLY = _Audit(wanted=True)


async def record_end(ctx: RepoContext, rows: Sequence[Row], proposed: Proposed) -> Done:
    """Find out how a pull request that is not listed any more ended, and record it."""
    if proposed.number is None:
        return Done(Reason(ReasonCode.RETRY_LATER, "its number is unknown"))
    match await read_end(ctx, proposed, PullNumber(proposed.number)):
        case "open":
            reason = Reason(ReasonCode.RETRY_LATER, f"GitHub does not list #{proposed.number} yet")
            return Done(reason, due=ctx.recheck / SOONER)
        case "merged":
            return merged(ctx, rows, proposed)
        case _:
            return Done(None, again=True)


async def read_end(ctx: RepoContext, proposed: Proposed, number: PullNumber) -> ProposalState:
    """Return the state of a proposal now; when it has ended, it is recorded."""
    pull = await ctx.github.pulls.get(number)
    if pull.state == "merged" and pull.merge_commit:
        # Auto-merge takes whatever head there is: what octobot had asked for is audited, too.
        own = pull.head == proposed.head or pull.merged_by == ctx.bot
        audit = _Audit(own, by_person=pull.merged_by_person)
        if pull.merged_by_person:
            await conclude(ctx, pull.head, "merged")
        await record_merge(ctx, proposed, number, pull.merge_commit, audit)
        return "merged"
    if pull.state != "closed":
        return "open"
    await conclude(ctx, pull.head, "closed")
    by_us = pull.closed_by == ctx.bot
    if by_us and proposed.head:  # a crash came between closing it and this
        await ctx.github.branches.delete(proposed.branch, expected=proposed.head)
    state: ProposalState = "withdrawn" if by_us else "closed-by-person"
    await ctx.store.ledger.update_proposed(
        ctx.watched.id, proposed.branch, state=state, number=number
    )
    return state


async def record_merge(
    ctx: RepoContext, proposed: Proposed, pull: PullNumber, commit: Sha, audit: _Audit = EXACTLY
) -> None:
    """Audit the merge, delete the branch, and record it last: a crash before that repeats all.

    What a person merged on top of a commit of their own is not audited: it is not octobot's blob.
    """
    if audit.wanted:
        await _audit(ctx, proposed, pull, commit, audit)
    if proposed.head:
        await ctx.github.branches.delete(proposed.branch, expected=proposed.head)
    await ctx.store.ledger.update_proposed(
        ctx.watched.id, proposed.branch, state="merged", number=pull
    )


def merged(ctx: RepoContext, rows: Sequence[Row], proposed: Proposed) -> Done:
    """Return what a merge means for the packages."""
    reason = Reason(ReasonCode.MERGED, f"{proposed.version} in #{proposed.number}")
    # A newer version may have been found while this one was on its way: it is due at once.
    newer = any(row.target and row.target.version != proposed.version for row in rows)
    again = newer or any(row.issue is not None for row in rows)
    # Also where the default branch is back at the old text before that is read again.
    return Done(reason, due=None if again else ctx.recheck, again=again)


async def _audit(
    ctx: RepoContext, proposed: Proposed, pull: PullNumber, commit: Sha, audit: _Audit
) -> None:
    # The next pass needs it, and it shows the merge's commit.
    await ctx.github.trees.outline(merged=proposed.expected)
    tree = await ctx.github.trees.merged(commit)
    if _fits(tree, proposed, audit):
        return
    whole = await ctx.github.trees.rebased(commit, pull)  # whose last commit may be but a part
    if whole is None or not _fits(whole, proposed, audit):
        await _halt_merging(ctx, proposed, f"{commit} changed {tree.paths}")


def _fits(tree: MergedTree, proposed: Proposed, audit: _Audit) -> bool:
    if audit.by_person:  # onto other edits of the spec: octobot would recreate it, people may not
        return [path for path, _ in tree.paths] == sorted(proposed.expected)
    return tree.paths == tuple(sorted(proposed.expected.items()))


async def _halt_merging(ctx: RepoContext, proposed: Proposed, because: str) -> None:
    """Merge nothing more after a merge with another tree than was judged, and open an issue."""
    log.error("merging halted", because=because, pull=proposed.number)
    await ctx.store.repositories.halt_merging(ctx.watched.id, because)
    reason = Reason(ReasonCode.MERGING_HALTED, because)
    await raise_issue(
        ctx,
        tag="line-stopped",
        title=issues.alarm_title(proposed.package, reason),
        body=issues.alarm_body(proposed.package, reason),
    )
