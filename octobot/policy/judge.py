"""`judge`: a snapshot in, a verdict with all its reasons out; it fails closed.

Every rule speaks, the worst outcome wins, and the first ruling that has it decides the reason
code.  The same value makes the check run, the comment and `octobot why`.

Every package of a group is judged by every rule as if it were alone, with its own settings, its
own release and its own age.  What all agree on is said once; where they differ, the worst ruling
of each rule counts and names its package.
"""

from collections.abc import Sequence
from dataclasses import replace

from octobot.model.reasons import MEANING, Reason, ReasonCode
from octobot.model.verdict import Outcome, Ruling, Snapshot, Verdict
from octobot.policy.age import old_enough_at
from octobot.policy.config.command_levels import waived_rules
from octobot.policy.findings import passed
from octobot.policy.rules import RULES

SEVERITY = (Outcome.BLOCK, Outcome.WAIT, Outcome.MERGE)
"""The worst first."""


_WAIVED = frozenset({ReasonCode.AUTOMERGE_OFF, ReasonCode.ON_HOLD, ReasonCode.MINIMUM_RELEASE_AGE})
"""What a person may be let waive; nothing else that a rule says is ever waived."""


def judge(snapshot: Snapshot) -> Verdict:
    """Judge the pull request's head commit by all `RULES`.

    `again` is when the minimum age is reached: set only while that lies ahead and nothing blocks.
    """
    rulings = tuple(_waived(rule(snapshot), snapshot) for rule in RULES)
    decisive = min(rulings, key=lambda ruling: SEVERITY.index(ruling.outcome))
    ready = old_enough_at(snapshot)
    waits_for_age = decisive.outcome is Outcome.WAIT and ready is not None and ready > snapshot.now
    merges = decisive.outcome is Outcome.MERGE
    return Verdict(
        head=snapshot.state.pull.head,
        rulings=rulings,
        outcome=decisive.outcome,
        reason=Reason(ReasonCode.READY) if merges else decisive.reason,
        again=ready if waits_for_age else None,
    )


def _waived(ruling: Ruling, snapshot: Snapshot) -> Ruling:
    """Let a rule pass that a person waived for exactly this head, if the file still lets them."""
    waiver = snapshot.memory.waiver
    if waiver is None or waiver.head != snapshot.state.pull.head:
        return ruling
    if ruling.outcome is not Outcome.WAIT or ruling.reason.code not in _WAIVED:
        return ruling
    if ruling.rule not in waived_rules(snapshot.config, waiver.level):
        return ruling
    found = f"waived by {waiver.said.login} for this commit; it said: {ruling.reason}"
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
    told = f"{names[rulings.index(first)]}: {reason.detail or MEANING[reason.code]}"
    return replace(first, reason=replace(reason, detail=told))


def _whose(names: Sequence[str], rulings: Sequence[Ruling]) -> str:
    """Return the package whose ruling it is; empty when all say the same."""
    return "" if len(set(rulings)) == 1 else names[rulings.index(_strictest(rulings))]


def _strictest(rulings: Sequence[Ruling]) -> Ruling:
    return min(rulings, key=lambda ruling: SEVERITY.index(ruling.outcome))


def _name(snapshot: Snapshot) -> str:
    proposed = snapshot.memory.proposed
    return proposed.package if proposed else "a package that octobot did not propose"
