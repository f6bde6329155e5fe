"""What is looked up again when nothing else stands in the way: the pins, and a second source.

A pin was right when the proposal was made.  In between a tag may have moved, a file may have been
replaced and a version taken back; two equal looks, apart in time, are what a merge rests on.
"""

from octobot.model.reasons import ReasonCode
from octobot.model.verdict import Outcome, Ruling, Snapshot, Verdict
from octobot.policy.rulings import passed, wait

PINS, WITNESS = "pins", "witness"
_ALARMS = frozenset({ReasonCode.TAG_MOVED, ReasonCode.DIGEST_CHANGED})
"""What no waiting mends; a pin that cannot be looked up just now is not one of them."""


def pins_hold(snapshot: Snapshot) -> Ruling:
    """Refuse a spec whose tags or files are not any more what its pins say."""
    look = snapshot.memory.last_look
    if look is None:
        return wait(PINS, ReasonCode.PIN_UNRESOLVED, "to be looked up again before the merge")
    if look.pins is None:
        return passed(PINS, "every pin was looked up again and is as proposed")
    outcome = Outcome.BLOCK if look.pins.code in _ALARMS else Outcome.WAIT
    return Ruling(PINS, outcome, look.pins)


def version_is_confirmed(snapshot: Snapshot) -> Ruling:
    """Wait while the second source of the repository's file does not know the version."""
    look = snapshot.memory.last_look
    if look is None:
        return wait(WITNESS, ReasonCode.UNCONFIRMED, "to be asked before the merge")
    if look.witness is None:
        return passed(WITNESS, "confirmed, or no second source is named")
    return Ruling(WITNESS, Outcome.WAIT, look.witness)


def last_look_is_next(verdict: Verdict) -> bool:
    """Tell whether nothing but the last look is missing."""
    others = (each for each in verdict.rulings if each.rule not in (PINS, WITNESS))
    return all(ruling.outcome is Outcome.MERGE for ruling in others)
