"""What a person must approve: a jump of the version, another stream, and an applied suggestion.

Of 15,353 real bumps 8 went further than one step of the first number or began to count in dates: a
version such as `99999`, a `20240101` after `1.0` or a `1.0` after `2024.1` is a mistake or a trick
far more often than a release, and no later version undoes it without a person.  An applied
suggestion changes more than a bump may: a person or the file must let it pass.
"""

from octobot.model.reasons import Reason, ReasonCode
from octobot.model.stream import is_inside, stream_of
from octobot.model.suggestion import Mended
from octobot.model.verdict import Outcome, Ruling, Snapshot
from octobot.policy.findings import block, passed, policy_of, wait

_JUMP = "jump"
_STREAM = "stream"


def jump_is_usual(snapshot: Snapshot) -> Ruling:
    """Refuse a jump that is too large or changes the numbering, until a person approved it."""
    policy, jump = policy_of(snapshot), snapshot.jump
    if isinstance(policy, Reason):
        return Ruling(_JUMP, Outcome.WAIT, policy)
    if jump is None:
        said = "how far the version goes is not known"
    elif not (said := jump.unusual(policy.largest_jump)):
        return passed(_JUMP, f"{jump.before} to {jump.after} is a usual {jump.size} step")
    if snapshot.state.approved:
        return passed(_JUMP, f"a person approved: {said}")
    return block(_JUMP, ReasonCode.UNUSUAL_JUMP, f"{said}; approve the pull request to let it in")


def version_stays_in_stream(snapshot: Snapshot) -> Ruling:
    """Refuse a version outside the stream of the package's name, until a person approved it."""
    proposed, jump = snapshot.memory.proposed, snapshot.jump
    if jump is None or proposed is None:
        said = "which version stream the package follows is not known"
    elif not (stream := stream_of(proposed.package, jump.before)):
        return passed(_STREAM, "the package's name does not bind it to a version stream")
    elif is_inside(stream, jump.after):
        return passed(_STREAM, f"{jump.after} is inside the version stream {stream}")
    else:
        said = f"{jump.after} is outside the version stream {stream} of the package's name"
    if snapshot.state.approved:
        return passed(_STREAM, f"a person approved: {said}")
    detail = f"{said}; approve the pull request to let it in"
    return block(_STREAM, ReasonCode.LEAVES_STREAM, detail)


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
