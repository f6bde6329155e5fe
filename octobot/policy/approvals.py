"""What a person must approve: an unusual jump, another version stream, an applied suggestion.

Of 15,353 real bumps 8 went further than one step of the first number or began to count in dates: a
version such as `99999`, a `20240101` after `1.0` or a `1.0` after `2024.1` is a mistake or a trick
far more often than a release, and no later version undoes it without a person.  An applied
suggestion changes more than a bump may: a person must approve it, or the file must allow it.
"""

from octobot.model.reasons import Reason, ReasonCode
from octobot.model.stream import is_inside, stream_of
from octobot.model.suggestion import AppliedFixes
from octobot.model.verdict import Outcome, Ruling, Snapshot
from octobot.policy.findings import block, passed, policy_of, wait

_JUMP = "jump"
_STREAM = "stream"


def jump_is_usual(snapshot: Snapshot) -> Ruling:
    """Refuse a jump that is too large or changes the numbering, until a person approves it."""
    policy, jump = policy_of(snapshot), snapshot.jump
    if isinstance(policy, Reason):
        return Ruling(_JUMP, Outcome.WAIT, policy)
    if jump is None:
        unusual = "how far the version goes is not known"
    elif not (unusual := jump.unusual(policy.largest_jump)):
        return passed(_JUMP, f"{jump.before} to {jump.after} is a usual {jump.size} step")
    if snapshot.state.approved:
        return passed(_JUMP, f"a person approved: {unusual}")
    return block(
        _JUMP, ReasonCode.UNUSUAL_JUMP, f"{unusual}; approve the pull request to let it in"
    )


def version_stays_in_stream(snapshot: Snapshot) -> Ruling:
    """Refuse a version outside the stream of the package's name, until a person approves it."""
    proposed, jump = snapshot.memory.proposed, snapshot.jump
    if jump is None or proposed is None:
        found = "which version stream the package follows is not known"
    elif not (stream := stream_of(proposed.package, jump.before)):
        return passed(_STREAM, "the package's name does not bind it to a version stream")
    elif is_inside(stream, jump.after):
        return passed(_STREAM, f"{jump.after} is inside the version stream {stream}")
    else:
        found = f"{jump.after} is outside the version stream {stream} of the package's name"
    if snapshot.state.approved:
        return passed(_STREAM, f"a person approved: {found}")
    detail = f"{found}; approve the pull request to let it in"
    return block(_STREAM, ReasonCode.LEAVES_STREAM, detail)


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
