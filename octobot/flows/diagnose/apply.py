"""Put a suggestion on its branch: one signed commit of ours, on exactly the head it was made for.

The order makes it safe against dying: it is written down that we apply, then the commit is made,
and only the id that GitHub returns is entered into the ledger, together with the new text.  What a
process left in between is taken up by the lane.
"""

from dataclasses import dataclass, replace
from datetime import datetime

import structlog

from octobot.flows.context import RepoContext
from octobot.messages.suggestion import commit_message
from octobot.model.bump import Bumped
from octobot.model.errors import UserError
from octobot.model.ids import Key, PullNumber, Sha
from octobot.model.pull_request import PullState, TreeChange
from octobot.model.suggestion import AppliedFixes, Suggestion, class_of
from octobot.model.verdict import Outcome, Snapshot, Verdict
from octobot.policy.rules import blob_id
from octobot.specs.fix.fix import fix

log = structlog.get_logger()

CHECKS = "checks-succeeded"
"""The rule whose ruling tells whether a suggestion helped."""


@dataclass(frozen=True, slots=True)
class Applied:
    """The suggestion is on the branch."""

    commit: Sha


@dataclass(frozen=True, slots=True)
class NotApplied:
    """Nothing was changed."""

    because: str
    """Said to the person who asked, as it stands."""


async def apply(
    ctx: RepoContext, number: PullNumber, head: Sha, *, by: str
) -> Applied | NotApplied:
    """Commit the suggestion that was made for `head`, if that is still the branch's head.

    `by` names the person who asked, for the commit's message: plain text of our own making.
    """
    here = ctx.watched.id
    told = await ctx.store.suggestions.of_head(here, number, head)
    if told is None or not told.has_edit:
        return NotApplied("there is no edit to apply to this commit")
    if told.commit:
        return NotApplied(f"it was applied already, as {told.commit}")
    pull = await ctx.github.pulls.get(number)
    if pull.state != "open" or pull.head != head or pull.head_repository != here:
        return NotApplied("the branch has moved on since the suggestion was made")
    if head not in await ctx.store.ledger.heads(here, told.branch):
        return NotApplied("the branch has a commit that octobot did not make")
    if not await ctx.store.suggestions.begin_applying(here, number, head, now=ctx.clock()):
        return NotApplied("it is being applied already")
    return await _commit(ctx, told, by)


async def finish(ctx: RepoContext, number: PullNumber) -> None:
    """Take up what a process began to apply to this pull request, and left."""
    now = ctx.clock()
    told = await ctx.store.suggestions.left_applying(ctx.watched.id, number, now=now)
    if told and await ctx.store.suggestions.begin_applying(
        ctx.watched.id, number, told.head, now=now
    ):
        log.info("taking an application up again", pull=number)
        await _commit(ctx, told, "octobot")


async def left(ctx: RepoContext, number: PullNumber, *, since: datetime) -> Applied | None:
    """Finish what a process began to apply; give what was applied after a moment, if it was."""
    await finish(ctx, number)
    for told in reversed(await ctx.store.suggestions.applied_on(ctx.watched.id, number)):
        if told.commit and await ctx.github.commits.committed_at(told.commit) >= since:
            return Applied(told.commit)
    return None


async def _commit(ctx: RepoContext, told: Suggestion, by: str) -> Applied | NotApplied:
    try:
        commit = await ctx.github.commits.create(
            branch=told.branch,
            base=told.head,
            files={each.path: each.after for each in told.edits},
            message=commit_message(told, by),
        )
    except UserError as error:  # somebody else's commit is there: the gate tells of it
        await ctx.store.suggestions.not_applied(ctx.watched.id, told)
        return NotApplied(str(error))
    blobs = {each.path: Sha(blob_id(each.after)) for each in told.edits}
    await ctx.store.suggestions.applied(ctx.watched.id, told, commit=commit, blobs=blobs)
    log.info("suggestion applied", pull=told.number, commit=commit)
    await ctx.lanes.hint(Key(ctx.watched.id, told.package))
    return Applied(commit)


async def mended(ctx: RepoContext, state: PullState) -> tuple[PullState, AppliedFixes | None]:
    """Take applied suggestions off the changes again, as far as each is exactly what we made.

    What is left is what the bump itself changed: that the gate compares field by field.
    """
    applied = await ctx.store.suggestions.applied_on(ctx.watched.id, state.pull.number)
    if not applied:
        return state, None
    changes, used = [], list[Suggestion]()
    for change in state.changes:
        bare, these = _without(change, applied)
        changes.append(bare)
        used += these
    classes = frozenset(class_of(each) for told in used for each in told.cause.fixes)
    by_model = any(told.cause.by == "model" for told in used)
    bare_state = replace(state, changes=tuple(changes))
    return bare_state, AppliedFixes(classes, by_model) if used else None


def _without(
    change: TreeChange, applied: tuple[Suggestion, ...]
) -> tuple[TreeChange, list[Suggestion]]:
    """Go back from the head's text, one suggestion at a time, newest first."""
    used = []
    for told in reversed(applied):
        for each in told.edits:
            if (each.path, each.after) != (change.path, change.after):
                continue
            made = fix(each.path, each.before, told.cause.fixes)
            if isinstance(made, Bumped) and made.text == each.after:
                change = replace(change, after=each.before)
                used.append(told)
    return change, used


async def learn(ctx: RepoContext, snapshot: Snapshot, verdict: Verdict) -> None:
    """Remember whether the checks succeeded on a commit that applied a suggestion."""
    if snapshot.memory.fixes is None:
        return
    outcome = next((each.outcome for each in verdict.rulings if each.rule == CHECKS), None)
    if outcome in {Outcome.MERGE, Outcome.BLOCK}:
        await ctx.store.suggestions.judged(
            ctx.watched.id, verdict.head, green=outcome is Outcome.MERGE
        )
