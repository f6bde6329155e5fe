"""The age of a release by octobot's own first-seen clock, and whether its tag stayed put.

Tag and commit dates are the publisher's to set, so neither counts.  What octobot never saw is too
young, and so is what it claims to have seen in the future.

A machine's clock that is wrong or jumps must not make a release older than it is.  Both ends are
taken from the careful side: what was seen first is dated by the later of our clock and GitHub's
(the `Date` of its answers, carried on by a clock that only goes forward), and `Snapshot.now` is the
earlier of the two, read with the very state that is judged, to the second that `Date` has.

The minimum depends on the size of the jump.  For a fix of a known vulnerability it may be shorter,
but only on two independent signals: an advisory source knows a vulnerability of the old version
that the new one has not, and a second source (a registry) publishes the new version, too.  Whoever
forges one of them has gained nothing.
"""

import re
from datetime import UTC, datetime, timedelta

from octobot.model.config import PackagePolicy
from octobot.model.reasons import Reason, ReasonCode
from octobot.model.verdict import Outcome, Ruling, Snapshot, Urgency
from octobot.policy.findings import block, passed, policy_of, wait

AGE = "age"
_UNRECORDED = "octobot has not recorded this release yet"
_PIN = re.compile(r"\b(?:[0-9a-f]{40}|[0-9a-f]{64}|[0-9a-f]{128})\b")
"""A commit, or a digest of SHA-256 or SHA-512."""


def old_enough_at(snapshot: Snapshot) -> datetime | None:
    """Return the moment at which the release has the minimum age; None when it is not known.

    While a shorter age may yet apply, that is when the signals for it are to be asked.
    """
    seen, policy = _first_seen(snapshot), policy_of(snapshot)
    if seen is None or isinstance(policy, Reason):
        return None
    full, shorter = seen + minimum_age(snapshot, policy), policy.vulnerability_release_age
    if shorter is not None and snapshot.now < seen + shorter < full:
        return seen + shorter
    return full


def minimum_age(snapshot: Snapshot, policy: PackagePolicy) -> timedelta:
    """Return the age that this jump needs; of a jump that is not known the longest."""
    full, shorter = _full_age(snapshot, policy), policy.vulnerability_release_age
    if shorter is None or not is_urgent(snapshot.memory.urgency):
        return full
    return min(full, shorter)


def is_urgent(urgency: Urgency | None) -> bool:
    """Return whether both signals speak for hurrying; one of them is none."""
    return urgency is not None and bool(urgency.fixed) and bool(urgency.confirmed_by)


def urgency_would_do(snapshot: Snapshot) -> bool:
    """Return whether the release is too young by the full age only, and nobody asked yet why."""
    seen, policy = _first_seen(snapshot), policy_of(snapshot)
    if seen is None or isinstance(policy, Reason) or policy.vulnerability_release_age is None:
        return False
    ready = seen + policy.vulnerability_release_age
    return snapshot.memory.urgency is None and ready <= snapshot.now < seen + _full_age(
        snapshot, policy
    )


def _full_age(snapshot: Snapshot, policy: PackagePolicy) -> timedelta:
    ages, longest = policy.ages, policy.minimum_release_age
    match snapshot.jump.size if snapshot.jump else None:
        case "major":
            age = ages.major
        case "minor":
            age = ages.minor
        case "patch":
            age = ages.patch
        case _:
            age = None
    return longest if age is None else age


def _first_seen(snapshot: Snapshot) -> datetime | None:
    """Return when octobot first saw what it would merge.

    A name tells when its own commit was seen, nothing more.  A version that a monitor announced,
    a file, another tag of the same version, the head of a branch that moved on: what is pinned of
    those was seen when the proposal's pins were looked up.
    """
    observation, proposed = snapshot.memory.observation, snapshot.memory.proposed
    if observation is None or proposed is None:
        return observation.first_seen if observation else None
    if _pinned_anew(snapshot, f"{proposed.package}.yaml") == {observation.commit}:
        return observation.first_seen
    return max(observation.first_seen, proposed.at)


def _pinned_anew(snapshot: Snapshot, path: str) -> set[str]:
    """Return the commits and digests that the package's file has after the bump and not before."""
    found: set[str] = set()
    for change in snapshot.state.changes:
        if change.path == path:
            found |= {*_PIN.findall(change.after or "")} - {*_PIN.findall(change.before or "")}
    return found


def _takes_nothing_new(snapshot: Snapshot) -> bool:
    """Tell a rebuild, which has no release; one that moves a pin has what a person accepted."""
    observation, proposed = snapshot.memory.observation, snapshot.memory.proposed
    return proposed is not None and proposed.is_rebuild and observation is None


def is_old_enough(snapshot: Snapshot) -> Ruling:
    """Wait until octobot first saw the release the minimum age ago."""
    if _takes_nothing_new(snapshot):
        return passed(AGE, "a rebuild takes nothing new from upstream")
    seen, policy = _first_seen(snapshot), policy_of(snapshot)
    if seen is None:
        return wait(
            AGE, ReasonCode.MINIMUM_RELEASE_AGE, "octobot has not recorded this release yet"
        )
    if isinstance(policy, Reason):
        return Ruling(AGE, Outcome.WAIT, policy)
    ready = seen + minimum_age(snapshot, policy)
    if ready > snapshot.now:
        detail = f"first seen {_shown(seen)}; old enough at {_shown(ready)}"
        return wait(AGE, ReasonCode.MINIMUM_RELEASE_AGE, detail + _unheard(snapshot.memory.urgency))
    detail = f"first seen {_shown(seen)}, old enough since {_shown(ready)}"
    return passed(AGE, detail + _hurried(snapshot.memory.urgency))


def _unheard(urgency: Urgency | None) -> str:
    """Say which of the two signals is missing."""
    if urgency is None or is_urgent(urgency):
        return ""
    if not urgency.fixed:
        return "; it fixes no vulnerability that is known"
    return f"; it fixes {_named(urgency)}, but no second source confirms the version"


def _hurried(urgency: Urgency | None) -> str:
    if urgency is None or not is_urgent(urgency):
        return ""
    return f"; sooner, since it fixes {_named(urgency)} and {urgency.confirmed_by} confirms it"


def _named(urgency: Urgency) -> str:
    return ", ".join(urgency.fixed[:3])


def tag_is_unmoved(snapshot: Snapshot) -> Ruling:
    """Refuse when the upstream name now means another commit than when octobot first saw it.

    A release without a commit (a file, a monitor's version) has no tag to move; what it stands for
    is in the spec's pins, and those are looked up again before the merge.
    """
    if _takes_nothing_new(snapshot):
        return passed("tag", "a rebuild's pins are looked up again before the merge")
    observation, now = snapshot.memory.observation, snapshot.memory.tag_now
    if observation is None:
        return wait(
            "tag", ReasonCode.MINIMUM_RELEASE_AGE, "octobot has not recorded this release yet"
        )
    if observation.commit is None:
        return passed("tag", "the release has no tag that could move")
    if now is None:
        detail = f"the upstream tag {observation.name} could not be read"
        return wait("tag", ReasonCode.UPSTREAM_UNREACHABLE, detail)
    if now != observation.commit:
        detail = f"{observation.name} was {observation.commit} when first seen and is {now} now"
        return block("tag", ReasonCode.TAG_MOVED, detail)
    return passed("tag", f"{observation.name} is still {now}")


def _shown(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
