"""What an open pull request of a change calls for: to be closed, superseded, kept or judged."""

from collections.abc import Sequence
from dataclasses import replace

from octobot.flows.ownership import is_recreating, replaced, version_of
from octobot.flows.reconcile.members import (
    bump_of,
    bumps_of,
    listed,
    reasons_at_rest,
    same_reason,
)
from octobot.flows.steps import Close, Land, Propose, Step, Supersede
from octobot.flows.view import Found, Member, View
from octobot.model.bump import Proposed
from octobot.model.config import Config
from octobot.model.ids import Version
from octobot.model.memory import Row
from octobot.model.package import Package
from octobot.model.pull_request import PullRequest
from octobot.model.reasons import Reason, ReasonCode
from octobot.model.version import is_greater, order_key

WAITING = frozenset(
    {
        ReasonCode.UPDATE_FOUND,
        ReasonCode.RETRY_LATER,
        ReasonCode.CHECKS_PENDING,
        ReasonCode.MINIMUM_RELEASE_AGE,
        ReasonCode.NEEDS_APPROVAL,
        ReasonCode.CHANGES_REQUESTED,  # a newer commit must not dismiss a person's review
        ReasonCode.DRAFT,
        ReasonCode.BLOCKING_LABEL,
        ReasonCode.AUTO_MERGE_DISABLED,
        ReasonCode.DEQUEUED,
        ReasonCode.UNRESOLVED_CONVERSATION,
        ReasonCode.READY,
        ReasonCode.LEFT_TO_GITHUB,
        ReasonCode.UPSTREAM_UNREACHABLE,
        ReasonCode.MERGING_HALTED,
        ReasonCode.SECOND_SOURCE_AHEAD,
        # GitHub computes, or the commit is made again on a newer base
        ReasonCode.NOT_MERGEABLE,
        ReasonCode.BEHIND,
        ReasonCode.CONFLICT,
        # what takes its place has to wait, and it may have become green since
        ReasonCode.PR_LIMIT_REACHED,
    }
)
"""What only takes time: a newer version would make it take longer."""


def unlisted(history: Sequence[Proposed], pulls: Sequence[PullRequest]) -> Proposed | None:
    """Return a proposal that should be among the open pull requests and is not."""
    shown = {pull.number for pull in pulls}
    return next((p for p in history if p.state == "open" and p.number not in shown), None)


def files_of(view: View, pull: PullRequest) -> frozenset[str]:
    """Return the paths that a pull request changes; empty when the ledger does not know."""
    row = next((p for p in view.history if p.branch == pull.branch), None)
    return frozenset(row.expected) if row else frozenset()


def close_outdated(view: View, members: Sequence[Member]) -> Close | None:
    """Close pull requests of which the default branch has a member's version already."""
    found = [(pull, names) for pull in view.pulls if (names := _on_base(view, pull, members))]
    if not found:
        return None
    reasons = reasons_at_rest(view, members)
    if view.group is None:
        return Close(tuple(pull for pull, _ in found), next(iter(reasons.values())), reasons)
    pull, names = found[0]
    detail = f"{listed(names)}: {version_of(pull)} is on the default branch already"
    return Close((pull,), Reason(ReasonCode.CONFLICT, detail), reasons)


def _on_base(view: View, pull: PullRequest, members: Sequence[Member]) -> list[str]:
    files = files_of(view, pull)
    return [
        member.package.name
        for member in members
        if (not files or member.package.path in files)
        and not is_greater(version_of(pull), member.package.version)
    ]


def close_or_judge(
    view: View, members: Sequence[Member], needed: Sequence[Member]
) -> Close | Land | None:
    """Close what upstream withdrew; judge what is open where no other version is needed.

    The latter is judged so that its check run stays true.
    """
    if not view.pulls:
        return None
    files = files_of(view, view.pulls[0])
    inside = tuple(m for m in members if m.package.path in files) or tuple(members)
    if any(member.row.missed for member in inside if bump_of(member) is None):
        reason = Reason(ReasonCode.WITHDRAWN_UPSTREAM, "the version is not published any more")
        return Close(view.pulls, reason, same_reason(view, reason))
    return None if needed else Land(view.pulls[0], inside)


def continue_open(
    view: View, config: Config, needed: tuple[Member, ...], wanted: Version
) -> Step | None:
    """Take the open pull request of this version a step further, where there is one."""
    pull = _of_version(view, wanted)
    if pull is None:
        return None
    files = files_of(view, pull)
    if files and files != {member.package.path for member in needed}:
        reason = Reason(ReasonCode.WAITS_FOR_GROUP, "other packages move together now")
        return Close((pull,), reason, same_reason(view, reason))
    return _further(view, config, pull, needed)


def continue_kept(
    view: View, config: Config, needed: Sequence[Member], wanted: Version
) -> Step | None:
    """Take the open pull request of an older version a step further, where it is kept.

    An upstream that releases often would never be merged if each version took the place of the
    one before.  So what only waits is kept until it merges or blocks.
    """
    by_hand = view.group is None and any(member.package.update.manual for member in needed)
    if by_hand or view.ordered.newest or view.urgent:
        return None
    kept = kept_open(view, wanted)
    return _further(view, config, *kept, newer=True) if kept else None


def kept_open(view: View, wanted: Version) -> tuple[PullRequest, tuple[Member, ...]] | None:
    """Return the open pull request to keep, and what it bumps, each to the version it proposes."""
    pull = newest_open(view.history, view.pulls)
    if pull is None or not is_greater(wanted, version_of(pull)):
        return None
    inside = [one for one in view.members if _is_greater(version_of(pull), one)]
    if not inside or not _may_stay(view, pull, inside):
        return None
    kept = [member for one in inside if (member := _as_opened(view, pull, one))]
    return (pull, tuple(kept)) if len(kept) == len(inside) else None


def _may_stay(view: View, pull: PullRequest, inside: Sequence[Found]) -> bool:
    """Return whether a pull request changes exactly these packages, and all of them only wait."""
    if files_of(view, pull) != {one.row.path for one in inside}:
        return False
    return all(_only_waits(view, one.row) for one in inside)


def newest_open(history: Sequence[Proposed], pulls: Sequence[PullRequest]) -> PullRequest | None:
    """Return the open pull request of the newest version, of those that the ledger has."""
    known = {past.branch for past in history}
    own = (pull for pull in pulls if pull.branch in known)
    return max(own, key=lambda pull: order_key(version_of(pull)), default=None)


def _is_greater(version: str, found: Found) -> bool:
    return isinstance(found.package, Package) and is_greater(version, found.package.version)


def _of_version(view: View, version: Version) -> PullRequest | None:
    branch = f"octobot/{view.key.package}/{version}"
    return next((pull for pull in view.pulls if pull.branch == branch), None)


def _only_waits(view: View, row: Row) -> bool:
    code = row.reason.code
    return code in WAITING or (view.group is not None and code is ReasonCode.WAITS_FOR_GROUP)


def _as_opened(view: View, pull: PullRequest, found: Found) -> Member | None:
    """Return the package on its way to the version that is open; None: upstream withdrew it.

    A followed branch shows its head only.  What was open before has no name any more, so it is
    kept as it is, and cannot be recreated.
    """
    row, package = found.row, found.package
    if isinstance(package, Reason):
        return None
    if row.upstream and row.upstream.kind == "branch":
        return None if is_recreating(view.history, pull) else Member(row, package)
    if found.opened is None or found.opened.sighting is None:
        return None
    return Member(replace(row, target=found.opened.target), package)


def _further(
    view: View,
    config: Config,
    pull: PullRequest,
    members: tuple[Member, ...],
    *,
    newer: bool = False,
) -> Step:
    """Recreate, judge, or first close what this pull request replaces."""
    if is_recreating(view.history, pull):
        others = tuple(other for other in view.pulls if other is not pull)
        return Propose(view.group, bumps_of(members, config), others)
    old = replaced(view.history, view.pulls, pull)
    return Supersede(old, pull) if old else Land(pull, members, newer=newer)
