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
    observation, policy = snapshot.memory.observation, policy_of(snapshot)
    if observation is None or isinstance(policy, Reason):
        return None
    return observation.first_seen + policy.minimum_release_age


def is_old_enough(snapshot: Snapshot) -> Ruling:
    """Wait until octobot first saw the release the minimum age ago."""
    observation = snapshot.memory.observation
    if observation is None:
        return wait("age", ReasonCode.TOO_YOUNG, "octobot has not recorded this release yet")
    match policy_of(snapshot):
        case Reason() as reason:
            return Ruling("age", Outcome.WAIT, reason)
        case PackagePolicy(minimum_release_age=minimum):
            ready, seen = observation.first_seen + minimum, _shown(observation.first_seen)
    if ready > snapshot.now:
        detail = f"first seen {seen}; old enough at {_shown(ready)}"
        return wait("age", ReasonCode.TOO_YOUNG, detail)
    return passed("age", f"first seen {seen}, old enough since {_shown(ready)}")


def tag_is_unmoved(snapshot: Snapshot) -> Ruling:
    """Refuse when the upstream name now means another commit than when octobot first saw it.

    A release without a commit (a file to fetch) has no tag to move; its digest is in the spec.
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
