"""`judge`: a snapshot in, a verdict with all its reasons out; it fails closed.

Every rule speaks, the worst outcome wins, and the first ruling that has it decides the reason
code.  The same value makes the check run, the comment and `octobot why`.
"""

from octobot.model.reasons import Reason, ReasonCode
from octobot.model.verdict import Outcome, Snapshot, Verdict
from octobot.policy.age import old_enough_at
from octobot.policy.rules import RULES

SEVERITY = (Outcome.BLOCK, Outcome.WAIT, Outcome.MERGE)
"""The worst first."""


def judge(snapshot: Snapshot) -> Verdict:
    """Judge the pull request's head commit by all `RULES`.

    `again` is when the minimum age is reached: set only while that lies ahead and nothing blocks.
    """
    rulings = tuple(rule(snapshot) for rule in RULES)
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
