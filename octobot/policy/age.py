"""The age of a release by octobot's own first-seen clock, and whether its tag stayed put.

Tag and commit dates are the publisher's to set, so neither counts.  What octobot never saw is too
young, and so is what it claims to have seen in the future.
"""

from datetime import UTC, datetime

from octobot.model.config import PackagePolicy
from octobot.model.reasons import Reason, ReasonCode
from octobot.model.verdict import Outcome, Ruling, Snapshot
from octobot.policy.rulings import block, passed, policy_of, wait


def old_enough_at(snapshot: Snapshot) -> datetime | None:
    """Give the moment at which the release has the minimum age; None when it is not known."""
    seen, policy = _first_seen(snapshot), policy_of(snapshot)
    if seen is None or isinstance(policy, Reason):
        return None
    return seen + policy.minimum_release_age


def _first_seen(snapshot: Snapshot) -> datetime | None:
    """Give when octobot first saw what it would merge.

    A name without a commit (a version that a monitor announced, a file) does not say what it
    stands for: that was seen when the proposal's pins were looked up.
    """
    observation, proposed = snapshot.memory.observation, snapshot.memory.proposed
    if observation is None or observation.commit is not None or proposed is None:
        return observation.first_seen if observation else None
    return max(observation.first_seen, proposed.at)


def is_old_enough(snapshot: Snapshot) -> Ruling:
    """Wait until octobot first saw the release the minimum age ago."""
    seen = _first_seen(snapshot)
    if seen is None:
        return wait("age", ReasonCode.TOO_YOUNG, "octobot has not recorded this release yet")
    match policy_of(snapshot):
        case Reason() as reason:
            return Ruling("age", Outcome.WAIT, reason)
        case PackagePolicy(minimum_release_age=minimum):
            ready = seen + minimum
    if ready > snapshot.now:
        detail = f"first seen {_shown(seen)}; old enough at {_shown(ready)}"
        return wait("age", ReasonCode.TOO_YOUNG, detail)
    return passed("age", f"first seen {_shown(seen)}, old enough since {_shown(ready)}")


def tag_is_unmoved(snapshot: Snapshot) -> Ruling:
    """Refuse when the upstream name now means another commit than when octobot first saw it.

    A release without a commit (a file, a monitor's version) has no tag to move; what it stands for
    is in the spec's pins, and those are looked up again before the merge.
    """
    observation, now = snapshot.memory.observation, snapshot.memory.tag_now
    if observation is None:
        return wait("tag", ReasonCode.TOO_YOUNG, "octobot has not recorded this release yet")
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
