"""What GitHub would refuse: read from its settings first, and learnt from what it refused before.

A merge that cannot succeed is not asked for.  What GitHub refuses unforeseen is asked for again,
at most three times a day for one head; a merge queue that removes a head twice is not asked again.
"""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta

from octobot.model.config import Config, MergeBy
from octobot.model.pull_request import MergeMethod, MergeTry
from octobot.model.reasons import Reason, ReasonCode
from octobot.model.verdict import Ruling, Snapshot
from octobot.policy.findings import block, passed, wait

_REVIEW, _SETTINGS, _TRIES, _KEPT = "review", "merge-settings", "refusals", "left-to-github"
_DAY = timedelta(days=1)
QUEUE_HIDDEN = "which GitHub does not show to octobot: grant the App the permission `Merge queues`"
_PAUSES = (timedelta(minutes=5), timedelta(hours=4))
"""After the first and the second refusal of a day; the third waits until the day is over."""
_EJECTIONS = 2
"""How often GitHub may remove one head from the queue before octobot leaves it to people."""
_SETTLED = timedelta(minutes=1)
"""How far what GitHub shows may be behind what it accepted."""


def review_is_there(snapshot: Snapshot) -> Ruling:
    """Wait for the reviews that GitHub requires; auto-merge may wait for them on GitHub."""
    wanted = snapshot.state.wants.review
    if not wanted:
        return passed(_REVIEW, "GitHub requires no further review")
    if way_of(snapshot) == "auto":
        return passed(_REVIEW, "GitHub's auto-merge waits for the required review")
    detail = f"GitHub requires a review: {wanted.lower().replace('_', ' ')}"
    return wait(_REVIEW, ReasonCode.NEEDS_APPROVAL, detail)


def settings_allow_it(snapshot: Snapshot) -> Ruling:
    """Wait where GitHub's settings forbid the way of merging that the repository's file sets."""
    config = snapshot.config
    if isinstance(config, Reason):
        return passed(_SETTINGS, "the file's way of merging is not known")
    if forbidden := _forbidden(snapshot, config):
        return wait(_SETTINGS, ReasonCode.MERGE_NOT_ALLOWED, forbidden)
    return passed(_SETTINGS, "GitHub's settings allow this way of merging")


def _forbidden(snapshot: Snapshot, config: Config) -> str:
    """Return what GitHub forbids, and the remedy; empty when nothing is known to be."""
    state, wants = snapshot.state, snapshot.state.wants
    if wants.unsigned:
        return "the base branch requires signed commits, and a commit has no verified signature"
    if state.queue and "queue" in state.hidden:
        return f"the base branch requires the merge queue, {QUEUE_HIDDEN}"
    way = way_of(snapshot)
    if way == "auto" and wants.review and not wants.auto_merge:
        return "the repository does not allow auto-merge; allow it, or set another `merge-by`"
    return unworkable(config.merge_method, way, queue=state.queue, methods=wants.methods)


def unworkable(
    method: MergeMethod, way: MergeBy | None, *, queue: bool, methods: Collection[MergeMethod]
) -> str:
    """Return why a way of merging can never work with a branch's rules; empty when it can.

    `queue`: the branch takes merges from a merge queue only; `methods`: what it allows.
    """
    if queue and way == "api":
        return "the base branch requires the merge queue; set `merge-by: queue`"
    if not queue and way != "queue" and method not in methods:
        allowed = ", ".join(sorted(methods)) or "none"
        return f"the repository does not allow `merge-method: {method}`, only {allowed}"
    return ""


def refusals_are_past(snapshot: Snapshot) -> Ruling:
    """Wait for a while after GitHub refused to merge this head."""
    again, last = _again(snapshot), _refusals(snapshot)
    if again is None or not last or again <= snapshot.now:
        return passed(_TRIES, "GitHub did not refuse this commit lately")
    at = f"{again.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    detail = f"GitHub said: {last[0].refused}; octobot tries again at {at}"
    return wait(_TRIES, ReasonCode.MERGE_REFUSED, detail)


def retried_at(snapshot: Snapshot) -> datetime | None:
    """Return when a merge that GitHub refused is tried again; None: it refused none lately."""
    again = _again(snapshot)
    return again if again and again > snapshot.now else None


def _again(snapshot: Snapshot) -> datetime | None:
    lately = _refusals(snapshot)
    if not lately:
        return None
    if len(lately) > len(_PAUSES):
        return lately[len(_PAUSES)].at + _DAY
    return lately[0].at + _PAUSES[len(lately) - 1]


def _refusals(snapshot: Snapshot) -> list[MergeTry]:
    """Return the refusals of this head within a day, newest first."""
    since = snapshot.now - _DAY
    return [one for one in _of_head(snapshot) if one.refused and one.at > since]


def _of_head(snapshot: Snapshot) -> list[MergeTry]:
    head = snapshot.state.pull.head
    return [one for one in snapshot.memory.tries if one.head == head]


def _left_to_github(snapshot: Snapshot) -> list[MergeTry]:
    """Return the requests of this head that GitHub took into its hands, newest first."""
    kept = [each for each in _of_head(snapshot) if not each.refused and not each.cancelled]
    return [one for one in kept if one.way != "api"]


def github_kept_it(snapshot: Snapshot) -> Ruling:
    """Refuse a head that the queue removed twice; wait when auto-merge ended without a trace."""
    given = _left_to_github(snapshot)
    if given and given[0].way in snapshot.state.hidden:
        return wait(_KEPT, ReasonCode.LEFT_TO_GITHUB, "GitHub does not show if it still has it")
    if snapshot.state.left:
        given = given[1:]  # the last one is still there
    elif given and snapshot.now < given[0].at + _SETTLED:
        return wait(_KEPT, ReasonCode.LEFT_TO_GITHUB, "GitHub has accepted it just now")
    if len(given) >= _EJECTIONS:
        why = snapshot.state.removed or "for a reason that GitHub does not show"
        detail = f"removed {len(given)} times, last: {why}"
        return block(_KEPT, ReasonCode.MERGE_QUEUE_FAILED, detail)
    if given and given[0].way == "auto" and snapshot.state.removed is None:
        detail = "GitHub does not show who did it; recreate the pull request to enable it again"
        return wait(_KEPT, ReasonCode.AUTO_MERGE_DISABLED, detail)
    return passed(_KEPT, "GitHub returned nothing that octobot left to it")


def way_of(snapshot: Snapshot) -> MergeBy | None:
    """Return the way of merging; None when the settings are not known.

    It is `api` where GitHub does not show what the file wants: what cannot be seen could not be
    cancelled either.
    """
    if isinstance(snapshot.config, Reason):
        return None
    merge_by = snapshot.config.merge_by
    return "api" if merge_by in snapshot.state.hidden else merge_by
