"""The final check, made when nothing else prevents the merge: pins, overrides, second source.

A pin was right when the proposal was made.  Since then a tag may have moved, a file may have been
replaced and a version withdrawn; a merge needs two equal lookups at different times.
"""

from octobot.model.reasons import Reason, ReasonCode
from octobot.model.verdict import Outcome, Ruling, Snapshot, Verdict
from octobot.policy.age import AGE, urgency_would_do
from octobot.policy.findings import later, passed, policy_of

PINS, SECOND_SOURCE, OVERRIDES = "pins", "second source", "overrides"
UP_TO_DATE = "up-to-date"
MERGEABLE = "mergeable"
_ALARMS = frozenset(
    {ReasonCode.TAG_MOVED, ReasonCode.CHECKSUM_CHANGED, ReasonCode.WITHDRAWN_UPSTREAM}
)
"""What waiting does not change; a failed lookup of a pin is not one of them."""


def pins_hold(snapshot: Snapshot) -> Ruling:
    """Refuse a spec whose tags or files no longer match its pins."""
    check = snapshot.memory.final_check
    if check is None:
        return later(PINS, ReasonCode.PIN_UNRESOLVED, "to be looked up again before the merge")
    if check.pins is None:
        return passed(PINS, "every pin was looked up again and is as proposed")
    outcome = Outcome.BLOCK if check.pins.code in _ALARMS else Outcome.WAIT
    return Ruling(PINS, outcome, check.pins)


def version_is_confirmed(snapshot: Snapshot) -> Ruling:
    """Wait until the second source in the repository's file has the version."""
    check, policy = snapshot.memory.final_check, policy_of(snapshot)
    named = isinstance(policy, Reason) or policy.second_source is not None
    if check is None and named:
        detail = "to be asked before the merge"
        return later(SECOND_SOURCE, ReasonCode.SECOND_SOURCE_UNCONFIRMED, detail)
    if check is None or check.second_source is None:
        found = "the second source has the version" if named else "no second source is named"
        return passed(SECOND_SOURCE, found)
    return Ruling(SECOND_SOURCE, Outcome.WAIT, check.second_source)


def overrides_hold(snapshot: Snapshot) -> Ruling:
    """Refuse to let a raised dependency fall back, unless a person approved this very head."""
    check = snapshot.memory.final_check
    if check is None:
        return later(OVERRIDES, ReasonCode.PIN_UNRESOLVED, "to be compared before the merge")
    if check.overrides is None:
        return passed(OVERRIDES, "no dependency falls back to an older version")
    if check.overrides.code is not ReasonCode.OVERRIDE_DROPPED:
        return Ruling(OVERRIDES, Outcome.WAIT, check.overrides)
    if snapshot.state.approved:
        return passed(OVERRIDES, f"a person approved: {check.overrides.detail}")
    return Ruling(OVERRIDES, Outcome.BLOCK, check.overrides)


def final_check_is_next(verdict: Verdict) -> bool:
    """Return whether only the final check is missing."""
    return _missing(verdict) <= {PINS, SECOND_SOURCE, OVERRIDES}


def mergeable_is_next(snapshot: Snapshot, verdict: Verdict) -> bool:
    """Return whether it matters now if GitHub can merge, which it has not computed yet."""
    if snapshot.state.pull.mergeable is not None:
        return False
    later = {MERGEABLE, UP_TO_DATE, PINS, SECOND_SOURCE, OVERRIDES}
    return _missing(verdict) <= (later | {AGE} if urgency_would_do(snapshot) else later)


def is_being_computed(verdict: Verdict) -> bool:
    """Return whether nothing comes before the wait for GitHub to compute if it can merge."""
    waits = verdict.outcome is Outcome.WAIT
    return waits and verdict.reason.code is ReasonCode.NOT_MERGEABLE


def urgency_is_next(snapshot: Snapshot, verdict: Verdict) -> bool:
    """Return whether the full age alone is missing, and a shorter one may apply."""
    return urgency_would_do(snapshot) and _missing(verdict) <= {AGE, PINS, SECOND_SOURCE, OVERRIDES}


def base_is_doubted(verdict: Verdict) -> bool:
    """Return whether the spec seems to have changed on the default branch; it is read again."""
    return verdict.outcome is Outcome.BLOCK and verdict.reason.code is ReasonCode.CONFLICT


def base_is_next(verdict: Verdict) -> bool:
    """Return whether only the base's newest commit is missing, before the final check."""
    missing = _missing(verdict)
    return UP_TO_DATE in missing and missing <= {UP_TO_DATE, PINS, SECOND_SOURCE, OVERRIDES}


def _missing(verdict: Verdict) -> set[str]:
    return {each.rule for each in verdict.rulings if each.outcome is not Outcome.MERGE}
