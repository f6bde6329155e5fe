"""The age of a release since octobot first saw it, and whether its tag moved.

The publisher sets tag and commit dates, so neither counts.  A release that octobot never saw is too
young, and so is one with a first-seen time in the future.

A wrong or jumping clock must not make a release older than it is, so both ends of the age are the
careful ones: the first sighting is dated by the later of octobot's clock and GitHub's (the `Date`
of its answers, continued by a monotonic clock), and `Snapshot.now` is the earlier of the two, read
together with the state that is judged, in whole seconds as in `Date`.

The minimum depends on the size of the jump.  For a fix of a known vulnerability it may be shorter,
but only with two independent signals: an advisory source knows a vulnerability of the old version
that the new one does not have, and a second source (a registry) has published the new version too.
To forge one of them is not enough.
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
    """Return the moment at which the release reaches the minimum age; None when it is not known.

    While a shorter age may still apply, this is the moment to ask for the two signals.
    """
    seen, policy = _first_seen(snapshot), policy_of(snapshot)
    if seen is None or isinstance(policy, Reason):
        return None
    full, shorter = seen + minimum_age(snapshot, policy), policy.vulnerability_release_age
    if shorter is not None and snapshot.now < seen + shorter < full:
        return seen + shorter
    return full


def minimum_age(snapshot: Snapshot, policy: PackagePolicy) -> timedelta:
    """Return the minimum age for this jump; for an unknown jump the longest one."""
    full, shorter = _full_age(snapshot, policy), policy.vulnerability_release_age
    if shorter is None or not is_urgent(snapshot.memory.urgency):
        return full
    return min(full, shorter)


def is_urgent(urgency: Urgency | None) -> bool:
    """Return whether both signals are there; one alone does not count."""
    return urgency is not None and bool(urgency.fixed) and bool(urgency.confirmed_by)


def urgency_would_do(snapshot: Snapshot) -> bool:
    """Return whether only the full age is missing, and the signals were not asked for yet."""
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

    The first sighting of a name dates only the commit seen with it.  Other pins (a version that a
    monitor announced, a file, another tag of the same version, the new head of a branch) were first
    seen when the pins of the proposal were looked up.
    """
    observation, proposed = snapshot.memory.observation, snapshot.memory.proposed
    if observation is None or proposed is None:
        return observation.first_seen if observation else None
    if _new_pins(snapshot, f"{proposed.package}.yaml") == {observation.commit}:
        return observation.first_seen
    return max(observation.first_seen, proposed.at)


def _new_pins(snapshot: Snapshot, path: str) -> set[str]:
    """Return the commits and digests that are in the file after the bump and not before."""
    found: set[str] = set()
    for change in snapshot.state.changes:
        if change.path == path:
            found |= {*_PIN.findall(change.after or "")} - {*_PIN.findall(change.before or "")}
    return found


def _takes_nothing_new(snapshot: Snapshot) -> bool:
    """Return whether this is a rebuild, without a release or an accepted pin."""
    observation, proposed = snapshot.memory.observation, snapshot.memory.proposed
    return proposed is not None and proposed.is_rebuild and observation is None


def is_old_enough(snapshot: Snapshot) -> Ruling:
    """Wait until octobot first saw the release the minimum age ago."""
    if _takes_nothing_new(snapshot):
        return passed(AGE, "a rebuild takes nothing new from upstream")
    seen, policy = _first_seen(snapshot), policy_of(snapshot)
    if seen is None:
        return wait(AGE, ReasonCode.MINIMUM_RELEASE_AGE, _UNRECORDED)
    if isinstance(policy, Reason):
        return Ruling(AGE, Outcome.WAIT, policy)
    ready = seen + minimum_age(snapshot, policy)
    if ready > snapshot.now:
        detail = f"first seen {_shown(seen)}; old enough at {_shown(ready)}"
        detail += _missing_signal(snapshot.memory.urgency)
        return wait(AGE, ReasonCode.MINIMUM_RELEASE_AGE, detail)
    detail = f"first seen {_shown(seen)}, old enough since {_shown(ready)}"
    return passed(AGE, detail + _hurried(snapshot.memory.urgency))


def _missing_signal(urgency: Urgency | None) -> str:
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

    A release without a commit (a file, a monitor's version) has no tag that could move; its content
    is pinned in the spec, and the pins are looked up again before the merge.
    """
    if _takes_nothing_new(snapshot):
        return passed("tag", "a rebuild's pins are looked up again before the merge")
    observation, now = snapshot.memory.observation, snapshot.memory.tag_now
    if observation is None:
        return wait("tag", ReasonCode.MINIMUM_RELEASE_AGE, _UNRECORDED)
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
