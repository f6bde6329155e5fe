"""What each member of a change goes to, and why one that does not move is where it is."""

from collections.abc import Iterable, Sequence

from octobot.flows.lookup.contain import is_of_a_check
from octobot.flows.steps import MemberBump
from octobot.flows.view import Found, Member, Reasons, View
from octobot.model.bump import Bump, Proposed
from octobot.model.config import Config
from octobot.model.ids import Version
from octobot.model.memory import Row
from octobot.model.package import Package
from octobot.model.reasons import STUCK, Reason, ReasonCode
from octobot.model.version import is_greater
from octobot.policy.config.read import for_package

_NAMED = 5
"""Packages named in a reason; the others are counted."""

_STALE = frozenset(
    {
        ReasonCode.UPDATE_FOUND,
        ReasonCode.CHECKS_PENDING,
        ReasonCode.CHECKS_FAILED,
        ReasonCode.MINIMUM_RELEASE_AGE,
        ReasonCode.SECOND_SOURCE_UNCONFIRMED,
        ReasonCode.SECOND_SOURCE_AHEAD,
        ReasonCode.WAITS_FOR_GROUP,
        ReasonCode.READY,
        ReasonCode.RETRY_LATER,
        ReasonCode.PAUSED,
        ReasonCode.ON_HOLD,
        ReasonCode.MANUAL,
        ReasonCode.INTERNAL_ERROR,
        ReasonCode.OSCILLATING,
        ReasonCode.PR_LIMIT_REACHED,
        ReasonCode.REVERTED_BY_USER,
    }
)
"""Reasons that were about a bump which is no longer wanted."""


def bump_of(member: Member) -> Bump | None:
    """Return the bump to the version that was found last; None while there is nothing newer."""
    target, package = member.row.target, member.package
    if target is None or not is_greater(target.version, package.version):
        return None
    return Bump(package.name, package.path, package.version, target)


def bumps_of(members: Iterable[Member], config: Config) -> tuple[MemberBump, ...]:
    """Return the bump of each member that has one, with its settings."""
    return tuple(
        MemberBump(member, bump, for_package(config, bump.package))
        for member in members
        if (bump := bump_of(member))
    )


def next_version(member: Member) -> Version:
    """Return the version that a package goes to, or stays at."""
    bump = bump_of(member)
    return bump.target.version if bump else member.package.version


def reasons_waiting(members: Iterable[Found], causes: Reasons, detail: str = "") -> Reasons:
    """Return each package's reason: its own where it is the cause, else that it waits for those."""
    detail = detail or listed(f"{name}: {reason}" for name, reason in sorted(causes.items()))
    waits = Reason(ReasonCode.WAITS_FOR_GROUP, detail)
    return {member.name: causes.get(member.name, waits) for member in members}


def reasons_at_rest(view: View, members: Iterable[Member]) -> Reasons:
    """Return why each package without a bump is where it is."""
    return {
        m.package.name: _stuck(m.row, view) or _at_rest(m.row, m.package, view.history)
        for m in members
    }


def reasons_lagging(
    view: View, members: Sequence[Member], late: Sequence[Member], wanted: Version
) -> Reasons:
    """Return which packages a group waits for; those with nothing newer keep their own reason."""
    own = reasons_at_rest(view, [member for member in members if bump_of(member) is None])
    detail = listed(
        f"{member.package.name} has no {wanted} yet, only {next_version(member)}" for member in late
    )
    return reasons_waiting(view.members, own, detail)


def same_reason(view: View, reason: Reason) -> Reasons:
    """Return one reason for all members."""
    return {member.name: reason for member in view.members}


def listed(words: Iterable[str]) -> str:
    """Return the first few in a list, and how many more there are."""
    first, more = (all_ := list(words))[:_NAMED], len(all_) - _NAMED
    return "; ".join(first) + (f"; and {more} more" if more > 0 else "")


_LEFT_OUT = frozenset({ReasonCode.LEAVES_STREAM, ReasonCode.NOT_GREATER, ReasonCode.PIN_UNRESOLVED})
"""What a check finds of versions that are newer and cannot be proposed: news after a merge, too."""


def _stuck(row: Row, view: View) -> Reason | None:
    """Return what keeps a package, also after a merge or a reason that a step left."""
    if row.reason.code in STUCK:
        return row.reason
    known = view.stuck.get(row.key.package)
    passing = row.reason.code in _STALE | {ReasonCode.MERGED, ReasonCode.UP_TO_DATE}
    return known.reason if known and not known.over and passing else None


def _at_rest(row: Row, package: Package, history: Sequence[Proposed]) -> Reason:
    if row.target is None and row.reason.code in _LEFT_OUT:
        return row.reason
    merged = next((p for p in history if p.state == "merged"), None)
    if merged and merged.version == package.version:
        return Reason(ReasonCode.MERGED, f"{merged.version} in #{merged.number}")
    if row.reason.code in _STALE and not is_of_a_check(row.reason):
        return Reason(ReasonCode.UP_TO_DATE)
    return row.reason
