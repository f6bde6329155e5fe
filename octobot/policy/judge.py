"""Judge a snapshot: the verdict has all its reasons, and it fails closed.

Every rule is applied, the worst outcome wins, and the first ruling with it decides the reason code.
The check run, the comment and `octobot why` show the same value.

Every rule judges every package of a group as if it were alone, with its own settings, release and
age.  Where all rulings of a rule agree, it is one ruling; where they differ, the worst ruling
counts and names its package.
"""

from collections.abc import Sequence
from dataclasses import replace

from octobot.model.reasons import MEANING, Reason, ReasonCode
from octobot.model.verdict import Outcome, Ruling, Snapshot, Verdict
from octobot.policy.age import old_enough_at
from octobot.policy.config.command_levels import waived_rules
from octobot.policy.findings import passed
from octobot.policy.requirements import retried_at
from octobot.policy.rules import RULES

SEVERITY = (Outcome.BLOCK, Outcome.WAIT, Outcome.MERGE)
"""The worst first."""


_WAIVED = frozenset({ReasonCode.AUTOMERGE_OFF, ReasonCode.ON_HOLD, ReasonCode.MINIMUM_RELEASE_AGE})
"""What a person may waive; no other reason is ever waived."""


def judge(snapshot: Snapshot) -> Verdict:
    """Judge the pull request's head commit by all `RULES`.

    `again` is when the minimum age is reached, or when a refused merge is tried again: set only
    while that lies ahead and nothing blocks.
    """
    rulings = tuple(_waived(rule(snapshot), snapshot) for rule in RULES)
    decisive = min(rulings, key=lambda ruling: SEVERITY.index(ruling.outcome))
    ready = old_enough_at(snapshot)
    if decisive.reason.code is ReasonCode.MERGE_REFUSED:
        ready = retried_at(snapshot)
    waits_for_time = decisive.outcome is Outcome.WAIT and ready is not None and ready > snapshot.now
    merges = decisive.outcome is Outcome.MERGE
    return Verdict(
        head=snapshot.state.pull.head,
        rulings=rulings,
        outcome=decisive.outcome,
        reason=Reason(ReasonCode.READY) if merges else decisive.reason,
        again=ready if waits_for_time else None,
    )


def _waived(ruling: Ruling, snapshot: Snapshot) -> Ruling:
    """Pass a rule that a person waived for exactly this head, if the file still allows it."""
    waiver = snapshot.memory.waiver
    if waiver is None or waiver.head != snapshot.state.pull.head:
        return ruling
    if ruling.outcome is not Outcome.WAIT or ruling.reason.code not in _WAIVED:
        return ruling
    if ruling.rule not in waived_rules(snapshot.config, waiver.level):
        return ruling
    found = f"waived by {waiver.issued.login} for this commit; it said: {ruling.reason}"
    return passed(ruling.rule, found)


def judge_change(snapshots: Sequence[Snapshot]) -> Verdict:
    """Judge one pull request by the snapshot of each of its packages; at least one."""
    verdicts = [judge(snapshot) for snapshot in snapshots]
    if len(verdicts) == 1:
        return verdicts[0]
    names = [_name(snapshot) for snapshot in snapshots]
    by_rule = list(zip(*(verdict.rulings for verdict in verdicts), strict=True))
    rulings = tuple(_worst(names, of_rule) for of_rule in by_rule)
    decisive = min(rulings, key=lambda ruling: SEVERITY.index(ruling.outcome))
    merges, waits = decisive.outcome is Outcome.MERGE, decisive.outcome is Outcome.WAIT
    agains = [verdict.again for verdict in verdicts if verdict.again]
    return Verdict(
        head=verdicts[0].head,
        rulings=rulings,
        outcome=decisive.outcome,
        reason=Reason(ReasonCode.READY) if merges else decisive.reason,
        again=max(agains) if waits and agains else None,
        package="" if merges else _whose(names, by_rule[rulings.index(decisive)]),
    )


def _worst(names: Sequence[str], rulings: Sequence[Ruling]) -> Ruling:
    first = _strictest(rulings)
    if len(set(rulings)) == 1:
        return first
    reason = first.reason
    detail = f"{names[rulings.index(first)]}: {reason.detail or MEANING[reason.code]}"
    return replace(first, reason=replace(reason, detail=detail))


def _whose(names: Sequence[str], rulings: Sequence[Ruling]) -> str:
    """Return the package of the strictest ruling; empty when all rulings are equal."""
    return "" if len(set(rulings)) == 1 else names[rulings.index(_strictest(rulings))]


def _strictest(rulings: Sequence[Ruling]) -> Ruling:
    return min(rulings, key=lambda ruling: SEVERITY.index(ruling.outcome))


def _name(snapshot: Snapshot) -> str:
    proposed = snapshot.memory.proposed
    return proposed.package if proposed else "a package that octobot did not propose"
