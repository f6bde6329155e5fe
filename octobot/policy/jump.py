"""How far a version may jump before a person looks.

Of 15,353 real bumps 8 went further than one step of the first number or began to count in dates: a
version such as `99999`, a `20240101` after `1.0` or a `1.0` after `2024.1` is a mistake or a trick
far more often than a release, and no later version undoes it without a person.
"""

from octobot.model.reasons import Reason, ReasonCode
from octobot.model.verdict import Jump, Outcome, Ruling, Snapshot
from octobot.policy.findings import block, passed, policy_of

_RULE = "jump"


def jump_is_usual(snapshot: Snapshot) -> Ruling:
    """Refuse a jump that is too large or changes the numbering, until a person approved it."""
    policy, jump = policy_of(snapshot), snapshot.jump
    if isinstance(policy, Reason):
        return Ruling(_RULE, Outcome.WAIT, policy)
    if jump is None:
        said = "how far the version goes is not known"
    elif not (said := _unusual(jump, policy.largest_jump)):
        return passed(_RULE, f"{jump.before} to {jump.after} is a usual {jump.size} step")
    if snapshot.state.approved:
        return passed(_RULE, f"a person approved: {said}")
    return block(_RULE, ReasonCode.UNUSUAL_JUMP, f"{said}; approve the pull request to let it in")


def _unusual(jump: Jump, largest: int) -> str:
    """Say what is unusual; empty when nothing is."""
    if jump.scheme:
        return f"from {jump.before} to {jump.after} the numbering goes from {jump.scheme}"
    if jump.size == "major" and jump.steps > largest:
        return f"from {jump.before} to {jump.after} are {jump.steps} steps, not {largest}"
    return ""
