"""From a diagnosis to an edit that a person may apply: what helped before, a rule, or a model.

A model is asked only when neither memory nor a rule has an edit, never about machines that failed,
once for each failure, within the day's allowance.  What it says is words until `specs.mending` has
made it an edit; nothing here merges.
"""

from collections.abc import Collection, Iterator, Sequence
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
from octobot.specs.fix.fix import mend, nameable, plainer

log = structlog.get_logger()

MACHINE = FLAKES | {CauseClass.OUT_OF_MEMORY, CauseClass.DISK_FULL, CauseClass.TIMED_OUT}
"""Causes that no edit of a spec mends."""

MOST_APPLIED = 3
"""Suggestions applied to one pull request without a person; then it goes round in circles."""


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
    """Find what would mend a failing head, and remember it; None when its spec cannot be read.

    `failed` are the specs whose builds failed like this, where several are changed; none: that is
    not known.
    """
    readable = [change for change in snapshot.state.changes if change.after is not None]
    if not readable:
        return None
    changes = [change for change in readable if change.path in failed] or readable
    known = len(snapshot.state.changes) == 1 or any(change.path in failed for change in changes)
    found = await _found(ctx, snapshot, diagnosis, changes, known=known)
    text = changes[0].after or ""
    first, *others = found.edits or (SpecEdit(changes[0].path, text, text),)
    pull, number = snapshot.state.pull, snapshot.state.pull.number
    told = Suggestion(
        number=number,
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
    here = ctx.watched.id
    same = None
    if diagnosis.fingerprint:
        same = await ctx.store.suggestions.first_reported_in(here, diagnosis.fingerprint, number)
    await ctx.store.suggestions.put(here, told)
    applied = len(await ctx.store.suggestions.applied_on(here, number))
    itself = told.has_edit and applied < MOST_APPLIED and _applies_itself(snapshot, found.cause)
    return Offer(told, same, found.refused, found.pending, applies_itself=itself)


async def apply_by_itself(ctx: RepoContext, told: Suggestion) -> None:
    """Apply a suggestion that the repository's file allows."""
    because = await apply(
        ctx, told.number, told.head, by="octobot, as the repository's file has it"
    )
    log.info("applied by itself", pull=told.number, result=str(because))


def _applies_itself(snapshot: Snapshot, cause: Cause) -> bool:
    rules = _rules(snapshot)
    allowed = rules.apply_model if cause.by == "model" else rules.apply
    return {class_of(plainer(each)) for each in cause.mends} <= set(allowed)


def _rules(snapshot: Snapshot) -> SuggestionRules:
    """Give the file's rules; without a readable file nothing is applied and nobody asked."""
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
    past: tuple[Past, ...] = ()
    if ctx.adviser and diagnosis.fingerprint:
        everything = await ctx.store.suggestions.past(ctx.watched.id)
        past = ctx.adviser.similar(diagnosis, everything)
    number = snapshot.state.pull.number
    best = _Found(diagnosis.why)
    for one in _known(diagnosis, past):
        tried = _tried(one.cause, changes, known=known)
        if tried.edits:
            helped = one.number if one.number not in (0, number) else None
            return replace(tried, helped_in=helped)
        best = tried if one.cause is diagnosis.why else best
    buried = {one.cause.mends for one in past if one.score < 0}
    if not known or not _worth_asking(ctx, snapshot, diagnosis):
        return best
    asked = await _ask(ctx, snapshot, diagnosis, changes, past)
    if isinstance(asked, Cause) and _plainer(asked).mends not in buried:
        return _tried(asked, changes, known=known)
    return replace(best, pending=asked == "others")


def _known(diagnosis: Diagnosis, past: Sequence[Past]) -> Iterator[Past]:
    """Give the causes that memory and rules know an edit for: what helped, then what a rule says.

    An edit that people or checks found wrong for a like failure is not offered again.
    """
    yield from (one for one in past if one.score > 0)
    why = diagnosis.why
    buried = {one.cause.mends for one in past if one.score < 0}
    if why.mends and why.mends not in buried:
        yield Past(PullNumber(0), diagnosis.fingerprint, diagnosis.templates, why)


def _tried(cause: Cause, changes: Sequence[TreeChange], *, known: bool) -> _Found:
    """Make the edit in every spec that failed; where that is not known, in the one that it fits."""
    cause = _plainer(cause)
    edits: list[SpecEdit] = []
    refused = ""
    for change in changes if cause.mends else ():
        made = mend(change.path, change.after or "", cause.mends)
        if isinstance(made, Bumped):
            edits.append(SpecEdit(change.path, change.after or "", made.text))
        else:
            refused = refused or made.detail
    if edits and (known or len(edits) == 1):
        return _Found(cause, tuple(edits))
    if edits:
        refused = f"the log does not tell which of {len(edits)} specs that it fits has failed"
    return _Found(replace(cause, mends=()), refused=refused)


def _plainer(cause: Cause) -> Cause:
    return replace(cause, mends=tuple(plainer(each) for each in cause.mends))


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
