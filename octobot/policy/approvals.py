"""What a person must approve: an unusual jump of the version, and an applied suggestion.

Of 15,353 real bumps 8 went further than one step of the first number or began to count in dates: a
version such as `99999`, a `20240101` after `1.0` or a `1.0` after `2024.1` is a mistake or a trick
far more often than a release, and no later version undoes it without a person.  An applied
suggestion changes more than a bump may: a person must approve it, or the file must allow it.
"""

from octobot.model.reasons import Reason, ReasonCode
from octobot.model.suggestion import AppliedFixes
from octobot.model.verdict import Jump, Outcome, Ruling, Snapshot
from octobot.policy.findings import block, passed, policy_of, wait

_JUMP = "jump"


def jump_is_usual(snapshot: Snapshot) -> Ruling:
    """Refuse a jump that is too large or changes the numbering, until a person approves it."""
    policy, jump = policy_of(snapshot), snapshot.jump
    if isinstance(policy, Reason):
        return Ruling(_JUMP, Outcome.WAIT, policy)
    if jump is None:
        unusual = "how far the version goes is not known"
    elif not (unusual := _unusual(jump, policy.largest_jump)):
        return passed(_JUMP, f"{jump.before} to {jump.after} is a usual {jump.size} step")
    if snapshot.state.approved:
        return passed(_JUMP, f"a person approved: {unusual}")
    return block(
        _JUMP, ReasonCode.UNUSUAL_JUMP, f"{unusual}; approve the pull request to let it in"
    )


def _unusual(jump: Jump, largest: int) -> str:
    """Say what is unusual; empty when nothing is."""
    if jump.scheme:
        return f"from {jump.before} to {jump.after} the numbering goes from {jump.scheme}"
    if jump.size == "major" and jump.steps > largest:
        return f"from {jump.before} to {jump.after} are {jump.steps} steps, not {largest}"
    return ""


_SUGGESTION = "suggestion"


def suggestion_is_allowed(snapshot: Snapshot) -> Ruling:
    """Wait for a person's approval of exactly this head, unless the file allows these edits.

    An edit that a model proposed always waits: a model can never cause a merge.
    """
    fixes = snapshot.memory.fixes
    if fixes is None:
        return passed(_SUGGESTION, "no suggestion was applied")
    if isinstance(snapshot.config, Reason):
        return Ruling(_SUGGESTION, Outcome.WAIT, snapshot.config)
    edits = _edits(fixes)
    if snapshot.state.approved:
        return passed(_SUGGESTION, f"a person approved this commit with {edits}")
    if not fixes.by_model and fixes.classes <= set(snapshot.config.suggestions.merge):
        return passed(_SUGGESTION, f"the repository's file lets {edits} pass")
    detail = f"a suggestion was applied ({edits}); a person must approve this commit"
    return wait(_SUGGESTION, ReasonCode.NEEDS_APPROVAL, detail)


def _edits(fixes: AppliedFixes) -> str:
    names = ", ".join(sorted(fixes.classes)) or "no known edit"
    return f"{names} of a model" if fixes.by_model else names
