"""What a person must approve: a jump of the version, and an applied suggestion.

Of 15,353 real bumps 8 went further than one step of the first number or began to count in dates: a
version such as `99999`, a `20240101` after `1.0` or a `1.0` after `2024.1` is a mistake or a trick
far more often than a release, and no later version undoes it without a person.  An applied
suggestion changes more than a bump may: a person or the file must let it pass.
"""

from octobot.model.reasons import Reason, ReasonCode
from octobot.model.suggestion import Mended
from octobot.model.verdict import Jump, Outcome, Ruling, Snapshot
from octobot.policy.findings import block, passed, policy_of, wait

_JUMP = "jump"


def jump_is_usual(snapshot: Snapshot) -> Ruling:
    """Refuse a jump that is too large or changes the numbering, until a person approved it."""
    policy, jump = policy_of(snapshot), snapshot.jump
    if isinstance(policy, Reason):
        return Ruling(_JUMP, Outcome.WAIT, policy)
    if jump is None:
        said = "how far the version goes is not known"
    elif not (said := _unusual(jump, policy.largest_jump)):
        return passed(_JUMP, f"{jump.before} to {jump.after} is a usual {jump.size} step")
    if snapshot.state.approved:
        return passed(_JUMP, f"a person approved: {said}")
    return block(_JUMP, ReasonCode.UNUSUAL_JUMP, f"{said}; approve the pull request to let it in")


def _unusual(jump: Jump, largest: int) -> str:
    """Say what is unusual; empty when nothing is."""
    if jump.scheme:
        return f"from {jump.before} to {jump.after} the numbering goes from {jump.scheme}"
    if jump.size == "major" and jump.steps > largest:
        return f"from {jump.before} to {jump.after} are {jump.steps} steps, not {largest}"
    return ""


_SUGGESTION = "suggestion"


def suggestion_is_allowed(snapshot: Snapshot) -> Ruling:
    """Wait for a person's approval of exactly this head, unless the file lets these edits pass.

    What a model proposed always waits: nothing that it says can merge.
    """
    mended = snapshot.memory.mended
    if mended is None:
        return passed(_SUGGESTION, "no suggestion was applied")
    if isinstance(snapshot.config, Reason):
        return Ruling(_SUGGESTION, Outcome.WAIT, snapshot.config)
    edits = _edits(mended)
    if snapshot.state.approved:
        return passed(_SUGGESTION, f"a person approved this commit with {edits}")
    if not mended.by_model and mended.classes <= set(snapshot.config.suggestions.merge):
        return passed(_SUGGESTION, f"the repository's file lets {edits} pass")
    detail = f"a suggestion was applied ({edits}); a person must approve this commit"
    return wait(_SUGGESTION, ReasonCode.NEEDS_APPROVAL, detail)


def _edits(mended: Mended) -> str:
    names = ", ".join(sorted(mended.classes)) or "no known edit"
    return f"{names} of a model" if mended.by_model else names
