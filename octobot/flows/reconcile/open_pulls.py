"""What an open pull request of a change calls for: to be closed, superseded, kept or judged."""

from collections.abc import Sequence

from octobot.flows.ownership import is_recreating, replaced, version_of
from octobot.flows.reconcile.members import (
    bump_of,
    bumps_of,
    listed,
    reasons_at_rest,
    same_reason,
)
from octobot.flows.view import Close, Land, Member, Propose, Step, Supersede, View
from octobot.model.bump import Proposed
from octobot.model.config import Config
from octobot.model.ids import Version
from octobot.model.pull_request import PullRequest
from octobot.model.reasons import Reason, ReasonCode
from octobot.model.version import is_greater

WAITING = frozenset(
    {
        ReasonCode.UPDATE_FOUND,
        ReasonCode.RETRY_LATER,
        ReasonCode.CHECKS_PENDING,
        ReasonCode.MINIMUM_RELEASE_AGE,
        ReasonCode.NEEDS_APPROVAL,
        ReasonCode.CHANGES_REQUESTED,  # a newer commit must not dismiss a person's review
        ReasonCode.READY,
        ReasonCode.LEFT_TO_GITHUB,
        ReasonCode.UPSTREAM_UNREACHABLE,
        ReasonCode.MERGING_HALTED,
    }
)
"""What only takes time: a newer commit would make it take longer."""


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
    """Take the open pull request of this version, or one to keep, a step further; None: none."""
    branch = f"octobot/{view.key.package}/{wanted}"
    own = next((pull for pull in view.pulls if pull.branch == branch), None)
    pull = own or _to_keep(view)
    if pull is None:
        return None
    files = files_of(view, pull)
    if files and files != {member.package.path for member in needed}:
        reason = Reason(ReasonCode.WAITS_FOR_GROUP, "other packages move together now")
        return Close((pull,), reason, same_reason(view, reason))
    if is_recreating(view.history, pull):
        others = tuple(other for other in view.pulls if other is not pull)
        return Propose(view.group, bumps_of(needed, config), others)
    old = replaced(view.history, view.pulls, pull)
    return Supersede(old, pull) if old else Land(pull, needed, newer=own is None)


def _to_keep(view: View) -> PullRequest | None:
    """Return the open PR to keep: a branch that moves daily must not reset its PR's age."""
    row = view.members[0].row
    if view.group or row.upstream is None or row.upstream.kind != "branch":
        return None
    if row.reason.code not in WAITING or len(view.pulls) != 1:
        return None
    (pull,) = view.pulls
    return None if is_recreating(view.history, pull) else pull
