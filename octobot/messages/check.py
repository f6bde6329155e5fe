"""The check run `octobot`: the verdict on one head commit, rule by rule."""

import re
from collections.abc import Sequence
from typing import Literal

from octobot.messages.dates import moment
from octobot.messages.failure import RUN_PAGE
from octobot.messages.outlet import code, joined, legible, link, plain
from octobot.model.ids import Sha
from octobot.model.reasons import MEANING, Reason, ReasonCode
from octobot.model.verdict import OPEN, Outcome, Ruling, Verdict

_WORDS = {Outcome.MERGE: "Ready", Outcome.WAIT: "Waiting", Outcome.BLOCK: "Blocked"}
_MARKS = {Outcome.MERGE: "✅ satisfied", Outcome.WAIT: "⏳ waiting", Outcome.BLOCK: "❌ blocked"}
_LATER = "⏸️ checked last"
"""Of a rule that is not checked before every other one is satisfied."""
_ORDER = {Outcome.BLOCK: 0, Outcome.WAIT: 1, Outcome.MERGE: 2}
_LONGEST = 2_000
"""Characters of a reason's detail."""

_LEFT_TO_PEOPLE = frozenset(
    {
        ReasonCode.PAUSED,
        ReasonCode.ON_HOLD,
        ReasonCode.AUTOMERGE_OFF,
        ReasonCode.NEEDS_APPROVAL,
        ReasonCode.CHANGES_REQUESTED,
        ReasonCode.DRAFT,
        ReasonCode.BLOCKING_LABEL,
        ReasonCode.AUTO_MERGE_DISABLED,
        ReasonCode.DEQUEUED,
        ReasonCode.UNRESOLVED_CONVERSATION,
        ReasonCode.MERGE_NOT_ALLOWED,
    }
)
"""Reasons that wait for a person's decision: neither red nor in progress for ever."""


def title(verdict: Verdict) -> str:
    """Write the check run's title: the outcome and its reason, in one line of plain text.

    The pages of check runs are in the summary: a title has no room for addresses.
    """
    reason = verdict.reason
    said = reason.detail or MEANING[reason.code]
    for page in _pages(verdict):
        said = said.replace(f", {page}", "")
    return plain(f"{_WORDS[verdict.outcome]}: {reason.code.value}: {said}", limit=200)


def conclusion(verdict: Verdict) -> Literal["success", "failure", "neutral"] | None:
    """Return the check run's conclusion; None while it is in progress, that is waiting."""
    if any(one.rule == OPEN and one.outcome is Outcome.BLOCK for one in verdict.rulings):
        return "neutral"
    match verdict.outcome:
        case Outcome.MERGE:
            return "success"
        case Outcome.BLOCK:
            return "failure"
        case Outcome.WAIT:
            return "neutral" if verdict.reason.code in _LEFT_TO_PEOPLE else None


def summary(verdict: Verdict) -> str:
    """Write the check run's summary: what decides, what is missing, and folded what is satisfied.

    What blocks comes first.  The text is read through the API, too, so it has no backslashes.
    """
    rulings = sorted(verdict.rulings, key=lambda one: (_ORDER[one.outcome], one.later))
    open_ = [ruling for ruling in rulings if ruling.outcome is not Outcome.MERGE]
    satisfied = rulings[len(open_) :]
    return joined(
        f"**{_WORDS[verdict.outcome]}**: {_decisive(verdict)}",
        f"{_next(verdict)} This is about commit {code(verdict.head)}.",
        _table(open_),
        _folded(satisfied),
    )


def closed(state: Literal["closed", "merged"], head: Sha) -> tuple[str, str]:
    """Write title and summary for a pull request that is judged no more."""
    done = {"closed": "closed", "merged": "merged by a person"}[state]
    text = f"The pull request was {done}, so octobot no longer judges it."
    return f"Closed: the pull request was {done}", joined(
        f"**Closed**: {text} This was about commit {code(head)}."
    )


def _folded(satisfied: Sequence[Ruling]) -> str:
    if not satisfied:
        return ""
    count = f"{len(satisfied)} {'rule is' if len(satisfied) == 1 else 'rules are'} satisfied"
    return f"<details>\n<summary>{count}</summary>\n\n{_table(satisfied)}\n\n</details>"


def _table(rulings: Sequence[Ruling]) -> str:
    if not rulings:
        return ""
    return "\n".join(["| rule | says | because |", "|---|---|---|", *map(_row, rulings)])


def _row(ruling: Ruling) -> str:
    mark = _LATER if ruling.later else _MARKS[ruling.outcome]
    return f"| {legible(ruling.rule)} | {mark} | {_because(ruling)} |"


def _because(ruling: Ruling) -> str:
    """Say why; what is not checked yet has no reason code, which would name a failure."""
    reason = ruling.reason
    if ruling.outcome is Outcome.MERGE or ruling.later:
        return legible(reason.detail or MEANING[reason.code])
    return _described(reason, ruling.pages)


def _decisive(verdict: Verdict) -> str:
    if any(one.later and one.reason == verdict.reason for one in verdict.rulings):
        return legible(verdict.reason.detail)
    return _described(verdict.reason, _pages(verdict))


def _pages(verdict: Verdict) -> tuple[str, ...]:
    """Return the pages of the check runs that the verdict's reason names."""
    found = (one.pages for one in verdict.rulings if one.reason == verdict.reason)
    return next(found, ())


def _described(reason: Reason, pages: Sequence[str]) -> str:
    place = f" ({legible(str(reason.where))})" if reason.where else ""
    detail = f" {_linked(reason.detail, pages)}" if reason.detail else ""
    return f"`{reason.code.value}`: {MEANING[reason.code]}{detail}{place}"


def _linked(detail: str, pages: Sequence[str]) -> str:
    """Write a detail in which GitHub's pages of the check runs are links, and nothing else is."""
    own = [re.escape(page) for page in pages if RUN_PAGE.fullmatch(page)]
    if not own:
        return legible(detail, limit=_LONGEST)
    parts = re.split(f"({'|'.join(sorted(own, reverse=True))})", detail[:_LONGEST])
    shown = [link("its page", one) if n % 2 else legible(one) for n, one in enumerate(parts)]
    return " ".join(filter(None, shown)).replace(" ;", ";")


def _next(verdict: Verdict) -> str:
    match verdict.outcome:
        case Outcome.MERGE:
            return "octobot merges it now."
        case Outcome.WAIT if verdict.again:
            return f"octobot checks again at {moment(verdict.again)}, or when something changes."
        case Outcome.WAIT:
            return "octobot checks again when something changes."
        case Outcome.BLOCK:
            return (
                "octobot does not merge it; a re-run of the checks, a person or a newer version"
                " can change that."
            )
