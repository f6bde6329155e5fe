"""Put a suggestion on its branch: one signed commit, on exactly the head that it was made for.

The order makes it safe against crashes: it is recorded that it is being applied, then the commit is
made, and only the id that GitHub returns is entered into the ledger, together with the new text.
What a process left in between is finished by the lane.
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
"""The rule whose ruling shows whether a suggestion helped."""


@dataclass(frozen=True, slots=True)
class Applied:
    """The suggestion is on the branch."""

    commit: Sha


@dataclass(frozen=True, slots=True)
class NotApplied:
    """Nothing was changed."""

    because: str
    """Shown to the person who asked."""


async def apply(
    ctx: RepoContext, number: PullNumber, head: Sha, *, by: str
) -> Applied | NotApplied:
    """Commit the suggestion that was made for `head`, if that is still the branch's head.

    `by` names the person who asked, for the commit's message: plain text of octobot's own.
    """
    here = ctx.watched.id
    suggestion = await ctx.store.suggestions.of_head(here, number, head)
    if suggestion is None or not suggestion.has_edit:
        return NotApplied("there is no edit to apply to this commit")
    if suggestion.commit:
        return NotApplied(f"it was applied already, as {suggestion.commit}")
    pull = await ctx.github.pulls.get(number)
    if pull.state != "open" or pull.head != head or pull.head_repository != here:
        return NotApplied("the branch has moved on since the suggestion was made")
    if head not in await ctx.store.ledger.heads(here, suggestion.branch):
        return NotApplied("the branch has a commit that octobot did not make")
    if not await ctx.store.suggestions.begin_applying(here, number, head, now=ctx.clock()):
        return NotApplied("it is being applied already")
    return await _commit(ctx, suggestion, by)


async def finish(ctx: RepoContext, number: PullNumber) -> None:
    """Finish what a process began to apply to this pull request, and left."""
    now = ctx.clock()
    suggestion = await ctx.store.suggestions.left_applying(ctx.watched.id, number, now=now)
    if suggestion and await ctx.store.suggestions.begin_applying(
        ctx.watched.id, number, suggestion.head, now=now
    ):
        log.info("finishing an application", pull=number)
        await _commit(ctx, suggestion, "octobot")


async def applied_since(ctx: RepoContext, number: PullNumber, *, since: datetime) -> Applied | None:
    """Finish what a process began to apply; return what was applied since a moment, if it was."""
    await finish(ctx, number)
    for suggestion in reversed(await ctx.store.suggestions.applied_on(ctx.watched.id, number)):
        if suggestion.commit and await ctx.github.commits.committed_at(suggestion.commit) >= since:
            return Applied(suggestion.commit)
    return None


async def _commit(ctx: RepoContext, suggestion: Suggestion, by: str) -> Applied | NotApplied:
    try:
        commit = await ctx.github.commits.create(
            branch=suggestion.branch,
            base=suggestion.head,
            files={each.path: each.after for each in suggestion.edits},
            message=commit_message(suggestion, by),
        )
    except UserError as error:  # somebody else's commit is there: the gate reports it
        await ctx.store.suggestions.not_applied(ctx.watched.id, suggestion)
        return NotApplied(str(error))
    blobs = {each.path: Sha(blob_id(each.after)) for each in suggestion.edits}
    await ctx.store.suggestions.applied(ctx.watched.id, suggestion, commit=commit, blobs=blobs)
    log.info("suggestion applied", pull=suggestion.number, commit=commit)
    await ctx.lanes.hint(Key(ctx.watched.id, suggestion.package))
    return Applied(commit)


async def without_fixes(
    ctx: RepoContext, state: PullState
) -> tuple[PullState, AppliedFixes | None]:
    """Take applied suggestions off the changes again, as far as each is exactly what octobot made.

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
    classes = frozenset(class_of(each) for suggestion in used for each in suggestion.cause.fixes)
    by_model = any(suggestion.cause.by == "model" for suggestion in used)
    bare_state = replace(state, changes=tuple(changes))
    return bare_state, AppliedFixes(classes, by_model) if used else None


def _without(
    change: TreeChange, applied: tuple[Suggestion, ...]
) -> tuple[TreeChange, list[Suggestion]]:
    """Go back from the head's text, one suggestion at a time, newest first."""
    used = []
    for suggestion in reversed(applied):
        for each in suggestion.edits:
            if (each.path, each.after) != (change.path, change.after):
                continue
            made = fix(each.path, each.before, suggestion.cause.fixes)
            if isinstance(made, Bumped) and made.text == each.after:
                change = replace(change, after=each.before)
                used.append(suggestion)
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
