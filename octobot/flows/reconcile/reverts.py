"""Find and report the merges of octobot that people reverted on the default branch.

An older version in the spec proves nothing by itself: what is known of the default branch may be
from before the merge.  Git's history shows which it is.  Where the branch's head has the merge
commit among its ancestors, and an older version in its tree, somebody reverted it.  A head that is
an ancestor of the merge itself is an old answer, unless it is still the head long after.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import structlog

from octobot.flows.context import RepoContext
from octobot.flows.say import say
from octobot.flows.steps import Done, ReportReverts
from octobot.flows.view import Found, Revert
from octobot.messages import notices
from octobot.model.bump import Proposed
from octobot.model.ids import PullNumber, Sha, Version
from octobot.model.memory import Row
from octobot.model.package import Package
from octobot.model.pull_request import Outline, PullRequest
from octobot.model.reasons import Reason
from octobot.model.version import is_greater

log = structlog.get_logger()

LAG = timedelta(hours=1)
"""How long after a merge a head from before it may be an old answer."""


async def with_revert(ctx: RepoContext, found: Found, ledger: Sequence[Proposed]) -> Found:
    """Return the package with the merge that people reverted, if there is one.

    `ledger` has the package's rows, and those of groups that had its file, newest first.
    """
    package, path = found.package, found.row.path
    if isinstance(package, Reason):
        return found
    past = next((p for p in ledger if _is_newer(p, path, package)), None)
    if past is None or past.number is None:
        return found
    if commit := dict(past.fates).get(path):
        return replace(found, revert=Revert(past, commit, reported=True))
    outline = await ctx.github.trees.outline()
    if dict(outline.specs).get(path) != found.row.blob:
        return found  # the spec is read first
    pull = await ctx.github.pulls.get(PullNumber(past.number))
    if pull.merge_commit is None or pull.base != ctx.watched.default_branch:
        return found
    return await _compared(ctx, found, past, pull, outline)


def _is_newer(past: Proposed, path: str, package: Package) -> bool:
    """Return whether a merge brought a newer version than the spec has; a rebuild brings none."""
    own = past.state == "merged" and path in past.expected and not past.is_removed(path)
    return own and not past.is_rebuild and is_greater(past.version, package.version)


async def _compared(
    ctx: RepoContext, found: Found, past: Proposed, pull: PullRequest, outline: Outline
) -> Found:
    """Compare the merge with the head whose tree has the older version."""
    merge, path = pull.merge_commit, found.row.path
    relation = merge and await ctx.github.branches.compare(merge, outline.commit)
    if merge is None or relation not in ("ahead", "behind", "diverged"):
        return found
    if relation == "behind" and (pull.merged_at is None or outline.at - pull.merged_at < LAG):
        return replace(found, may_lag=True)
    if not await _had(ctx, merge, found.row, past):
        return found
    commit = outline.commit
    if relation == "ahead":  # else the branch was forced to another history
        commit = await ctx.github.branches.last_change(outline.commit, path) or commit
    return replace(found, revert=Revert(past, commit, reported=False))


async def _had(ctx: RepoContext, merge: Sha, row: Row, past: Proposed) -> bool:
    """Return whether the merge brought this version: a person may have edited it before."""
    trees = ctx.github.trees
    entry = (await trees.root((await trees.commit(merge)).tree)).get(row.path)
    if entry is None or entry.id == past.expected[row.path]:
        return entry is not None
    text = (await trees.blobs([entry.id])).get(entry.id)
    package = ctx.reader.read(row.path, entry.id, text or "")
    return isinstance(package, Package) and package.version == Version(past.version)


async def report_reverts(ctx: RepoContext, step: ReportReverts) -> Done:
    """Say once on each merged pull request that it was reverted; it is recorded last."""
    for one in step.packages:
        if one.revert is None or one.revert.proposed.number is None:
            continue
        past, number = one.revert.proposed, PullNumber(one.revert.proposed.number)
        body = notices.reverted(one.name, past.version, one.revert.commit)
        await say(ctx, number, tag=f"reverted {one.name}", body=body)
        await ctx.store.ledger.record_revert(
            ctx.watched.id, number, path=one.row.path, commit=one.revert.commit
        )
        log.info("reverted", package=one.name, version=past.version, commit=one.revert.commit)
    return Done(None, reasons=step.reasons, again=True)
