"""Make the rulings of the rules, and read the settings that several rules need."""

from octobot.model.config import PackagePolicy
from octobot.model.reasons import Reason, ReasonCode
from octobot.model.verdict import Outcome, Ruling, Snapshot
from octobot.policy.config.read import for_package


def passed(rule: str, found: str) -> Ruling:
    """Return the ruling of a satisfied rule, with what satisfies it."""
    return Ruling(rule, Outcome.MERGE, Reason(ReasonCode.READY, found))


def wait(rule: str, code: ReasonCode, detail: str = "") -> Ruling:
    """Return the ruling of a rule that is not satisfied yet."""
    return Ruling(rule, Outcome.WAIT, Reason(code, detail))


def later(rule: str, code: ReasonCode, detail: str) -> Ruling:
    """Return the ruling of a rule that is checked last, once no other rule stops the merge."""
    return Ruling(rule, Outcome.WAIT, Reason(code, detail), later=True)


def block(rule: str, code: ReasonCode, detail: str = "") -> Ruling:
    """Return the ruling of a rule that waiting does not satisfy."""
    return Ruling(rule, Outcome.BLOCK, Reason(code, detail))


def policy_of(snapshot: Snapshot) -> PackagePolicy | Reason:
    """Return the settings for the proposed package, or why there are none to rely on."""
    if isinstance(snapshot.config, Reason):
        return snapshot.config
    if snapshot.memory.proposed is None:
        return Reason(ReasonCode.UNKNOWN_COMMIT, "octobot's ledger has no such proposal")
    return for_package(snapshot.config, snapshot.memory.proposed.package)
