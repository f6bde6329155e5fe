"""The check run `octobot`: the verdict on one head commit, rule by rule."""

from typing import Literal

from octobot.messages.dates import moment
from octobot.messages.outlet import code, inert, joined, plain
from octobot.model.reasons import MEANING, Reason, ReasonCode
from octobot.model.verdict import Outcome, Ruling, Verdict

_WORDS = {Outcome.MERGE: "Ready", Outcome.WAIT: "Waiting", Outcome.BLOCK: "Blocked"}
_MARKS = {Outcome.MERGE: "✅ satisfied", Outcome.WAIT: "⏳ waiting", Outcome.BLOCK: "❌ blocked"}

_LEFT_TO_PEOPLE = frozenset(
    {
        ReasonCode.PAUSED,
        ReasonCode.ON_HOLD,
        ReasonCode.AUTOMERGE_OFF,
        ReasonCode.NEEDS_APPROVAL,
        ReasonCode.CHANGES_REQUESTED,
    }
)
"""Reasons that wait for a person's decision: neither red nor in progress for ever."""


def title(verdict: Verdict) -> str:
    """Write the check run's title: the outcome and its reason, in one line of plain text."""
    reason = verdict.reason
    said = reason.detail or MEANING[reason.code]
    return plain(f"{_WORDS[verdict.outcome]}: {reason.code.value}: {said}", limit=200)


def conclusion(verdict: Verdict) -> Literal["success", "failure", "neutral"] | None:
    """Return the check run's conclusion; None while it is in progress, that is waiting."""
    match verdict.outcome:
        case Outcome.MERGE:
            return "success"
        case Outcome.BLOCK:
            return "failure"
        case Outcome.WAIT:
            return "neutral" if verdict.reason.code in _LEFT_TO_PEOPLE else None


def summary(verdict: Verdict) -> str:
    """Write the check run's summary: what decides, and every rule with its reason."""
    rows = ["| rule | says | because |", "|---|---|---|", *map(_row, verdict.rulings)]
    return joined(
        f"**{_WORDS[verdict.outcome]}**: {_described(verdict.reason)}",
        f"{_next(verdict)} This is about commit {code(verdict.head)}.",
        "\n".join(rows),
    )


def _row(ruling: Ruling) -> str:
    found = ruling.reason.detail or MEANING[ruling.reason.code]
    said = inert(found) if ruling.outcome is Outcome.MERGE else _described(ruling.reason)
    return f"| {inert(ruling.rule)} | {_MARKS[ruling.outcome]} | {said} |"


def _described(reason: Reason) -> str:
    place = f" ({code(str(reason.where))})" if reason.where else ""
    detail = f" {inert(reason.detail)}" if reason.detail else ""
    return f"`{reason.code.value}`: {MEANING[reason.code]}{detail}{place}"


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
