"""From a diagnosis to an edit that a person may apply: what helped before, a rule, or a model.

A model is asked only when neither memory nor a rule has an edit, never about machines that failed,
once for each failure, within the day's allowance.  What it says has no effect until `specs.fix`
has made it an edit; nothing here merges.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import structlog

from octobot.flows.context import RepoContext
from octobot.flows.diagnose.apply import apply
from octobot.model.bump import Bumped
from octobot.model.config import Config, SuggestionRules
from octobot.model.ids import PullNumber
from octobot.model.pull_request import TreeChange
from octobot.model.suggestion import (
    Offer,
    Past,
    Question,
    SpecEdit,
    Suggestion,
    Unasked,
    class_of,
)
from octobot.model.triage import FLAKES, Cause, CauseClass, Diagnosis
from octobot.model.verdict import Snapshot
from octobot.specs.fix.fix import fix, nameable, plainer

log = structlog.get_logger()

MACHINE = FLAKES | {CauseClass.OUT_OF_MEMORY, CauseClass.DISK_FULL, CauseClass.TIMED_OUT}
"""Causes that no edit of a spec fixes."""

MOST_APPLIED = 3
"""Suggestions applied to one pull request without a person: more would be a loop."""


@dataclass(frozen=True, slots=True)
class _Found:
    """The best that is known of a failure."""

    cause: Cause
    edits: tuple[SpecEdit, ...] = ()
    helped_in: PullNumber | None = None
    refused: str = ""
    pending: bool = False


async def offer_for(
    ctx: RepoContext, snapshot: Snapshot, diagnosis: Diagnosis, failed: Collection[str] = ()
) -> Offer | None:
    """Find what would fix a failing head, and remember it; None when its spec cannot be read.

    `failed` are the specs whose builds failed like this, where several are changed; none: that is
    not known.
    """
    readable = [change for change in snapshot.state.changes if change.after is not None]
    if not readable:
        return None
    changes = [change for change in readable if change.path in failed] or readable
    known = len(snapshot.state.changes) == 1 or changes[0].path in failed
    found = await _found(ctx, snapshot, diagnosis, changes, known=known)
    suggestion = _suggestion(ctx, snapshot, diagnosis, found, changes[0])
    here, number = ctx.watched.id, suggestion.number
    same = None
    if diagnosis.fingerprint:
        same = await ctx.store.suggestions.first_reported_in(here, diagnosis.fingerprint, number)
    await ctx.store.suggestions.put(here, suggestion)
    applied = len(await ctx.store.suggestions.applied_on(here, number))
    itself = suggestion.has_edit and applied < MOST_APPLIED
    itself = itself and _applies_itself(snapshot, found.cause)
    return Offer(suggestion, same, found.refused, found.pending, applies_itself=itself)


def _suggestion(
    ctx: RepoContext,
    snapshot: Snapshot,
    diagnosis: Diagnosis,
    found: _Found,
    change: TreeChange,
) -> Suggestion:
    """Return what to remember; without an edit, of this change."""
    text = change.after or ""
    first, *others = found.edits or (SpecEdit(change.path, text, text),)
    pull = snapshot.state.pull
    return Suggestion(
        number=pull.number,
        package=first.path.removesuffix(".yaml"),
        path=first.path,
        branch=pull.branch,
        head=pull.head,
        fingerprint=diagnosis.fingerprint,
        templates=diagnosis.templates,
        cause=found.cause,
        before=first.before,
        after=first.after,
        at=ctx.clock(),
        helped_in=found.helped_in,
        others=tuple(others),
    )


async def apply_by_itself(ctx: RepoContext, suggestion: Suggestion) -> None:
    """Apply a suggestion that the repository's file allows."""
    result = await apply(
        ctx, suggestion.number, suggestion.head, by="octobot, as the repository's file has it"
    )
    log.info("applied by itself", pull=suggestion.number, result=str(result))


def _applies_itself(snapshot: Snapshot, cause: Cause) -> bool:
    rules = _rules(snapshot)
    allowed = rules.apply_model if cause.by == "model" else rules.apply
    return {class_of(plainer(each)) for each in cause.fixes} <= set(allowed)


def _rules(snapshot: Snapshot) -> SuggestionRules:
    """Return the file's rules; without a readable file nothing is applied and no model asked."""
    if isinstance(snapshot.config, Config):
        return snapshot.config.suggestions
    return SuggestionRules(model=False)


async def _found(
    ctx: RepoContext,
    snapshot: Snapshot,
    diagnosis: Diagnosis,
    changes: Sequence[TreeChange],
    *,
    known: bool,
) -> _Found:
    """Return the first edit that fits: what helped before, then a rule's, then the model's."""
    past: tuple[Past, ...] = ()
    if ctx.adviser and diagnosis.fingerprint:
        everything = await ctx.store.suggestions.past(ctx.watched.id)
        past = ctx.adviser.similar(diagnosis, everything)
    wrong = {one.cause.fixes for one in past if one.score < 0}
    best = _without_model(
        snapshot, diagnosis, changes, _causes(diagnosis, past, wrong), known=known
    )
    if best.edits or not known or not _worth_asking(ctx, snapshot, diagnosis):
        return best
    asked = await _ask(ctx, snapshot, diagnosis, changes, past)
    if isinstance(asked, Cause) and _plainer(asked).fixes not in wrong:
        return _tried(asked, changes, known=known)
    return replace(best, pending=asked == "others")


def _without_model(
    snapshot: Snapshot,
    diagnosis: Diagnosis,
    changes: Sequence[TreeChange],
    causes: Iterable[Past],
    *,
    known: bool,
) -> _Found:
    number, best = snapshot.state.pull.number, _Found(diagnosis.why)
    for one in causes:
        tried = _tried(one.cause, changes, known=known)
        if tried.edits:
            helped = one.number if one.number not in (0, number) else None
            return replace(tried, helped_in=helped)
        best = tried if one.cause is diagnosis.why else best
    return best


def _causes(
    diagnosis: Diagnosis, past: Sequence[Past], wrong: Collection[object]
) -> Iterator[Past]:
    """Yield the causes that memory and rules know an edit for: what helped, then a rule's.

    An edit that people or checks found wrong for a like failure is not offered again.
    """
    yield from (one for one in past if one.score > 0)
    why = diagnosis.why
    if why.fixes and why.fixes not in wrong:
        yield Past(PullNumber(0), diagnosis.fingerprint, diagnosis.templates, why)


def _tried(cause: Cause, changes: Sequence[TreeChange], *, known: bool) -> _Found:
    """Make the edit in every spec that failed; where that is not known, in the one that it fits."""
    cause = _plainer(cause)
    edits: list[SpecEdit] = []
    refused = ""
    for change in changes if cause.fixes else ():
        made = fix(change.path, change.after or "", cause.fixes)
        if isinstance(made, Bumped):
            edits.append(SpecEdit(change.path, change.after or "", made.text))
        else:
            refused = refused or made.detail
    if edits and (known or len(edits) == 1):
        return _Found(cause, tuple(edits))
    if edits:
        refused = f"the log does not say which of {len(edits)} specs that it fits has failed"
    return _Found(replace(cause, fixes=()), refused=refused)


def _plainer(cause: Cause) -> Cause:
    return replace(cause, fixes=tuple(plainer(each) for each in cause.fixes))


def _worth_asking(ctx: RepoContext, snapshot: Snapshot, diagnosis: Diagnosis) -> bool:
    asks = ctx.adviser is not None and ctx.adviser.asks
    known = diagnosis.fingerprint and diagnosis.lines
    return bool(asks and known and _rules(snapshot).model and diagnosis.why.kind not in MACHINE)


async def _ask(
    ctx: RepoContext,
    snapshot: Snapshot,
    diagnosis: Diagnosis,
    changes: Sequence[TreeChange],
    past: Sequence[Past],
) -> Cause | Unasked | str:
    """Ask the model, once for all pull requests that fail in the same way."""
    here, print_ = ctx.watched.id, diagnosis.fingerprint
    claim = await ctx.store.questions.claim(here, print_, now=ctx.clock(), allowance=ctx.allowance)
    if claim != "mine" or ctx.adviser is None:
        return claim
    change = changes[0]
    proposed = snapshot.memory.proposed
    question = Question(
        package=change.path.removesuffix(".yaml"),
        version=proposed.version if proposed else "",
        text=change.after or "",
        diagnosis=diagnosis,
        places=nameable(change.path, change.after or ""),
        examples=tuple(one for one in past if one.score > 0),
    )
    answer = await ctx.adviser.suggest(question)
    await ctx.store.questions.answer(here, print_, answer)
    return answer
