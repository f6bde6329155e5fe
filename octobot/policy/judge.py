"""`judge`: a snapshot in, a verdict with all its reasons out; it fails closed.

Every rule speaks, the worst outcome wins, and the first ruling that has it decides the reason
code.  The same value makes the check run, the comment and `octobot why`.
"""

from octobot.model.reasons import Reason, ReasonCode
from octobot.model.verdict import Outcome, Ruling, Snapshot, Verdict
from octobot.policy.age import old_enough_at
from octobot.policy.config.command_levels import waived_rules
from octobot.policy.findings import passed
from octobot.policy.rules import RULES

SEVERITY = (Outcome.BLOCK, Outcome.WAIT, Outcome.MERGE)
"""The worst first."""


_WAIVED = frozenset({ReasonCode.AUTOMERGE_OFF, ReasonCode.HELD, ReasonCode.TOO_YOUNG})
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
