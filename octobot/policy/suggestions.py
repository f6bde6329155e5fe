"""An applied suggestion changes more than a bump may: a person or the file must let it pass."""

from octobot.model.reasons import Reason, ReasonCode
from octobot.model.suggestion import Mended
from octobot.model.verdict import Outcome, Ruling, Snapshot
from octobot.policy.findings import passed, wait

_RULE = "suggestion"


def suggestion_is_allowed(snapshot: Snapshot) -> Ruling:
    """Wait for a person's approval of exactly this head, unless the file lets these edits pass.

    What a model proposed always waits: nothing that it says can merge.
    """
    mended = snapshot.memory.mended
    if mended is None:
        return passed(_RULE, "no suggestion was applied")
    if isinstance(snapshot.config, Reason):
        return Ruling(_RULE, Outcome.WAIT, snapshot.config)
    edits = _edits(mended)
    if snapshot.state.approved:
        return passed(_RULE, f"a person approved this commit with {edits}")
    if not mended.by_model and mended.classes <= set(snapshot.config.suggestions.merge):
        return passed(_RULE, f"the repository's file lets {edits} pass")
    detail = f"a suggestion was applied ({edits}); a person must approve this commit"
    return wait(_RULE, ReasonCode.NEEDS_APPROVAL, detail)


def _edits(mended: Mended) -> str:
    names = ", ".join(sorted(mended.classes)) or "no known edit"
    return f"{names} of a model" if mended.by_model else names
