"""What is the next right thing for a change?  One pure decision over what was gathered.

It is asked anew each time, of what GitHub and the store show now, so that a lost hint, a crash
between two effects or a person's own act changes nothing but the answer.  Every question is asked
of all members: what stops one of them stops the change, and it moves only when each has the same
version to go to.  A lone package is a change with one member.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from octobot.flows.lookup.contain import is_of_a_look
from octobot.flows.outcome import FREEZING
from octobot.flows.ownership import is_recreating, replaced, standing, version_of
from octobot.flows.reconcile.pr_limits import too_many
from octobot.flows.view import (
    Abandon,
    Alarm,
    Announce,
    Close,
    Found,
    Land,
    Leave,
    Member,
    Part,
    Propose,
    Reasons,
    Rest,
    Settle,
    Step,
    Supersede,
    View,
)
from octobot.model.bump import Bump, Proposed
from octobot.model.config import Config
from octobot.model.ids import Version
from octobot.model.memory import Row, Sighting
from octobot.model.package import Package
from octobot.model.pull_request import PullRequest
from octobot.model.reasons import Reason, ReasonCode
from octobot.model.version import is_greater, order_key
from octobot.policy.config.groups import group_of
from octobot.policy.config.read import for_package

_NAMED = 5
"""Packages named in a reason; the others are counted."""


def decide(view: View) -> Step:
    """Return the one next step; a pause comes before everything that would be written."""
    config = view.config
    if isinstance(config, Config) and config.paused:
        fault = f"the file is broken: {config.fault}" if config.fault else ""
        paused = {member.name: Reason(ReasonCode.PAUSED, fault) for member in view.members}
        return Rest({**paused, **_stopped(view)}, _unjudged(view), again=True)
    step = _decide(view)
    return replace(step, unmerge=_unjudged(view)) if isinstance(step, Rest) else step


def waiting(members: Iterable[Found], causes: Reasons, detail: str = "") -> Reasons:
    """Return each package's reason: its own where it is the cause, else for whom it waits."""
    told = detail or _listed(f"{name}: {reason}" for name, reason in sorted(causes.items()))
    waits = Reason(ReasonCode.WAITS_FOR_GROUP, told)
    return {member.name: causes.get(member.name, waits) for member in members}


def unlisted(history: Sequence[Proposed], pulls: Sequence[PullRequest]) -> Proposed | None:
    """Return a proposal that should be among the open pull requests and is not."""
    listed = {pull.number for pull in pulls}
    return next((p for p in history if p.state == "open" and p.number not in listed), None)


def files_of(view: View, pull: PullRequest) -> frozenset[str]:
    """Return the paths that a pull request of ours sets; empty when the ledger does not know."""
    row = next((p for p in view.history if p.branch == pull.branch), None)
    return frozenset(row.expected) if row else frozenset()


def _unjudged(view: View) -> tuple[PullRequest, ...]:
    """Return what may be left to GitHub and must not be: nothing is judged while a change rests."""
    config = view.config
    return () if isinstance(config, Config) and config.merge_by == "api" else view.pulls


def _decide(view: View) -> Step:
    """Decide for a change that nothing pauses; the order of the questions is their weight's."""
    lost = unlisted(view.history, view.pulls)
    if lost:
        return Settle(lost)
    if view.key.group and (view.group is None or not view.members):
        return _given_up(view)
    unread = {one.name: one.package for one in view.members if isinstance(one.package, Reason)}
    if unread:
        return Rest(waiting(view.members, unread))
    stopped = _stopped(view)
    if stopped:
        return _quarantine(view, stopped)
    if isinstance(view.config, Reason):
        return Rest(_all(view, view.config))
    return _kept_apart(view, view.config) or _go_on(view, view.config)


def _listed(words: Iterable[str]) -> str:
    first, more = (all_ := list(words))[:_NAMED], len(all_) - _NAMED
    return "; ".join(first) + (f"; and {more} more" if more > 0 else "")


def _given_up(view: View) -> Step:
    """Take back what is open: the file has no such group, or nothing is in it any more."""
    reason = Reason(ReasonCode.WAITS_FOR_GROUP, "its packages do not move together any more")
    if view.pulls:
        return Close(view.pulls, reason, {})
    left = standing(view.history)
    return Abandon(left, reason) if left else Rest({})


def _stopped(view: View) -> Reasons:
    found = {member.name: _frozen(member.row, member.sighting) for member in view.members}
    return {name: reason for name, reason in found.items() if reason}


def _frozen(row: Row, seen: Sighting | None) -> Reason | None:
    """Say why a package is stopped until a person says otherwise: a name seen at two commits."""
    if row.reason.code in FREEZING:
        return row.reason
    upstream = row.upstream
    if seen and seen.moved_to and upstream and upstream.kind != "branch":
        detail = f"{seen.first.name} was {seen.first.commit}, then {seen.moved_to}"
        return Reason(ReasonCode.TAG_MOVED, detail)
    return None


def _quarantine(view: View, stopped: Reasons) -> Step:
    """Freeze the whole change for one of its members."""
    name, told = min(stopped.items())
    reasons = waiting(view.members, stopped)
    if view.group:
        told = replace(told, detail=f"{name}: {told.detail}")
    if view.pulls:
        return Close(view.pulls, told, reasons)
    known = all(one.row.issue is not None for one in view.members if one.name in stopped)
    return Rest(reasons) if known else Alarm(told, reasons, tuple(stopped))


def _kept_apart(view: View, config: Config) -> Step | None:
    """Find what keeps packages from moving as they are to: another group, or what is open yet."""
    if view.group is None:
        return Leave(view.left) if view.left else None
    shared = {p.name: r for p in view.members if isinstance(r := group_of(config, p.name), Reason)}
    if shared:
        return Rest(waiting(view.members, shared))
    detail = f"it moves with the group {view.group.name} now"
    if view.singles:
        reasons = {one.name: one.row.reason for one in view.members}
        return Close(view.singles, Reason(ReasonCode.WAITS_FOR_GROUP, detail), reasons)
    if view.alone:
        return Abandon(view.alone, Reason(ReasonCode.WAITS_FOR_GROUP, detail))
    return None


def _go_on(view: View, config: Config) -> Step:
    """Go on with a change that nothing forbids to touch."""
    members = tuple(
        Member(one.row, one.package) for one in view.members if isinstance(one.package, Package)
    )
    wanted = max((_reach(member) for member in members), key=order_key)
    needed = tuple(m for m in members if is_greater(wanted, m.package.version))
    late = tuple(member for member in needed if _reach(member) != wanted)
    open_ = _spent(view, members) or _standing(view, members, needed)
    if open_:
        return open_
    if not needed:
        return Rest(_resting(view, members))
    if late:
        return Rest(_lagging(view, members, late, wanted))
    return _pursue(view, config, needed)


def _spent(view: View, members: Sequence[Member]) -> Close | None:
    """Find pull requests of which the default branch has a member's version already."""
    spent = [(pull, there) for pull in view.pulls if (there := _there(view, pull, members))]
    if not spent:
        return None
    resting = _resting(view, members)
    if view.group is None:
        return Close(tuple(pull for pull, _ in spent), next(iter(resting.values())), resting)
    pull, there = spent[0]
    told = f"{_listed(there)}: {version_of(pull)} is on the default branch already"
    return Close((pull,), Reason(ReasonCode.CONFLICT, told), resting)


def _there(view: View, pull: PullRequest, members: Sequence[Member]) -> list[str]:
    files = files_of(view, pull)
    return [
        member.package.name
        for member in members
        if (not files or member.package.path in files)
        and not is_greater(version_of(pull), member.package.version)
    ]


def _standing(view: View, members: Sequence[Member], needed: Sequence[Member]) -> Step | None:
    """Find a pull request whose version is gone upstream, or that nothing else is wanted beside.

    The latter is judged all the same, so that its check run stays true.
    """
    if not view.pulls:
        return None
    files = files_of(view, view.pulls[0])
    inside = tuple(m for m in members if m.package.path in files) or tuple(members)
    if any(m.row.missed for m in inside if bump_of(m.row, m.package) is None):
        reason = Reason(ReasonCode.WITHDRAWN_UPSTREAM, "the version is not published any more")
        return Close(view.pulls, reason, _all(view, reason))
    return None if needed else Land(view.pulls[0], inside)


def _all(view: View, reason: Reason) -> Reasons:
    return {member.name: reason for member in view.members}


def bump_of(row: Row, package: Package) -> Bump | None:
    """Return the bump that the last look asks for; None while there is nothing newer."""
    target = row.target
    if target is None or not is_greater(target.version, package.version):
        return None
    return Bump(package.name, package.path, package.version, target)


def _reach(member: Member) -> Version:
    """Return the version that a package goes to, or stays at."""
    bump = bump_of(member.row, member.package)
    return bump.target.version if bump else member.package.version


def _resting(view: View, members: Sequence[Member]) -> Reasons:
    return {m.package.name: _at_rest(m.row, m.package, view.history) for m in members}


def _at_rest(row: Row, package: Package, history: Sequence[Proposed]) -> Reason:
    """Say why a package without a bump is where it is."""
    if row.target is None and row.reason.code in _LEFT_OUT:
        return row.reason
    merged = next((p for p in history if p.state == "merged"), None)
    if merged and merged.version == package.version:
        return Reason(ReasonCode.MERGED, f"{merged.version} in #{merged.number}")
    if row.reason.code in _STALE and not is_of_a_look(row.reason):
        return Reason(ReasonCode.UP_TO_DATE)
    return row.reason


_LEFT_OUT = frozenset({ReasonCode.LEAVES_STREAM, ReasonCode.NOT_GREATER, ReasonCode.PIN_UNRESOLVED})
"""What a look says of versions that are newer and cannot be proposed: news after a merge, too."""


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
    }
)
"""Reasons that were about a bump which is no longer wanted."""


def _lagging(
    view: View, members: Sequence[Member], late: Sequence[Member], wanted: Version
) -> Reasons:
    """Say for whom the group waits; who has nothing newer at all keeps its own reason."""
    own = _resting(view, [m for m in members if bump_of(m.row, m.package) is None])
    told = _listed(
        f"{member.package.name} has no {wanted} yet, only {_reach(member)}" for member in late
    )
    return waiting(view.members, own, told)


def _pursue(view: View, config: Config, needed: tuple[Member, ...]) -> Step:
    """Bring the bumps on their way, or one step further."""
    by_hand = any(member.package.update.manual for member in needed)
    if by_hand and view.group is None:
        return _by_hand(view, needed)
    wanted, paths = _reach(needed[0]), {member.package.path for member in needed}
    branch = f"octobot/{view.key.package}/{wanted}"
    own = next((pull for pull in view.pulls if pull.branch == branch), None)
    kept = own or _let_be(view)
    if kept:
        return _carry_on(view, config, needed, kept, newer=own is None)
    past = _past(view, wanted, paths)
    if past:
        return Rest(_all(view, past))
    return _by_hand(view, needed) if by_hand else _begin(view, config, needed)


def _carry_on(
    view: View, config: Config, needed: tuple[Member, ...], own: PullRequest, *, newer: bool
) -> Step:
    """Bring an open pull request one step further."""
    files = files_of(view, own)
    if files and files != {member.package.path for member in needed}:
        reason = Reason(ReasonCode.WAITS_FOR_GROUP, "other packages move together now")
        return Close((own,), reason, _all(view, reason))
    if is_recreating(view.history, own):
        return _proposed(view, config, needed, tuple(p for p in view.pulls if p is not own))
    old = replaced(view.history, view.pulls, own)
    return Supersede(old, own) if old else Land(own, needed, newer=newer)


WAITING = frozenset(
    {
        ReasonCode.UPDATE_FOUND,
        ReasonCode.RETRY_LATER,
        ReasonCode.CHECKS_PENDING,
        ReasonCode.MINIMUM_RELEASE_AGE,
        ReasonCode.NEEDS_APPROVAL,
        ReasonCode.CHANGES_REQUESTED,  # a newer commit must not shake a person's no off
        ReasonCode.READY,
        ReasonCode.LEFT_TO_GITHUB,
        ReasonCode.UPSTREAM_UNREACHABLE,
        ReasonCode.MERGING_HALTED,
    }
)
"""What only takes time: a newer commit would make it take longer."""


def _let_be(view: View) -> PullRequest | None:
    """Return the open PR to keep: a branch that moves daily must not reset its PR's age."""
    row = view.members[0].row
    if view.group or row.upstream is None or row.upstream.kind != "branch":
        return None
    if row.reason.code not in WAITING or len(view.pulls) != 1:
        return None
    (pull,) = view.pulls
    return None if is_recreating(view.history, pull) else pull


def _past(view: View, wanted: Version, paths: set[str]) -> Reason | None:
    """Say what became of the version before; a merge counts for the packages that it had."""
    past = next((p for p in view.history if p.version == wanted), None)
    if past and past.state == "closed-by-person":
        return Reason(ReasonCode.CLOSED_BY_USER, f"#{past.number}")
    if past and past.state == "merged" and paths <= set(past.expected):
        return Reason(ReasonCode.MERGED, f"{past.version} in #{past.number}")
    return None


def _begin(view: View, config: Config, needed: tuple[Member, ...]) -> Step:
    """Propose what was never proposed, unless a member's settings or a limit stand in the way."""
    policies = {m.package.name: for_package(config, m.package.name) for m in needed}
    held = {
        name: Reason(ReasonCode.ON_HOLD, policy.hold)
        for name, policy in policies.items()
        if policy.hold is not None
    }
    if held:
        return Rest(waiting(view.members, held))
    others = view.open_pulls - len(view.pulls)
    full = too_many(config, open_pulls=others, new_pulls=view.new_pulls)
    return Rest(_all(view, full)) if full else _proposed(view, config, needed, view.pulls)


def _proposed(
    view: View, config: Config, needed: Sequence[Member], replaces: tuple[PullRequest, ...]
) -> Propose:
    parts = tuple(
        Part(member, bump, for_package(config, bump.package)) for member, bump in _bumps(needed)
    )
    return Propose(view.group, parts, replaces)


def _by_hand(view: View, needed: Sequence[Member]) -> Step:
    """Have a person make the bumps, and say so once."""
    known = all(m.row.reason.code is ReasonCode.MANUAL and m.row.issue is not None for m in needed)
    if not known:
        return Announce(tuple(bump for _, bump in _bumps(needed)))
    reasons = {member.name: member.row.reason for member in view.members}
    for _, bump in _bumps(needed):
        told = f"{bump.current} → {bump.target.version}"
        reasons[bump.package] = Reason(ReasonCode.MANUAL, told)
    return Rest(reasons)


def _bumps(needed: Iterable[Member]) -> Iterable[tuple[Member, Bump]]:
    for member in needed:
        bump = bump_of(member.row, member.package)
        if bump:
            yield member, bump
