"""What is the next right thing for a group?  One pure decision for packages that move together.

The questions are those of `deciding`, in the same order, asked of all packages at once: what stops
one of them stops the group, and it moves only when each of them has the same version to go to.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from octobot.flows.ownership import is_renewing, replaced, version_of
from octobot.flows.reconcile.decide import (
    at_rest,
    bump_of,
    frozen,
    is_paused,
    paused_by,
    unjudged,
    unlisted,
)
from octobot.flows.reconcile.pr_limits import too_many
from octobot.flows.view import (
    AlarmTogether,
    AnnounceTogether,
    GroupStep,
    GroupView,
    LandTogether,
    Member,
    Part,
    Peer,
    ProposeTogether,
    Reasons,
    RestTogether,
    Settle,
    Supersede,
    WithdrawTogether,
)
from octobot.model.bump import Bump
from octobot.model.config import Config, Group
from octobot.model.ids import Version
from octobot.model.package import Package
from octobot.model.pull_request import PullRequest
from octobot.model.reasons import Reason, ReasonCode
from octobot.model.version import is_greater, order_key
from octobot.policy.config.groups import group_of
from octobot.policy.config.read import for_package

_NAMED = 5
"""Packages named in a reason; the others are counted."""


def decide_together(view: GroupView) -> GroupStep:
    """Give the one next step; a pause comes before everything that would be written."""
    if is_paused(view.config):
        paused = {peer.name: paused_by(view.config) for peer in view.peers}
        left = unjudged(view.config, view.pulls)
        return RestTogether({**paused, **_stopped(view)}, left, again=True)
    step = _decide(view)
    if isinstance(step, RestTogether):
        return replace(step, unmerge=unjudged(view.config, view.pulls))
    return step


def _decide(view: GroupView) -> GroupStep:
    """Decide for a group that nothing pauses; the order of the questions is their weight's."""
    lost = unlisted(view.history, view.pulls)
    if lost:
        return Settle(lost)
    if view.group is None or not view.peers:
        return _given_up(view)
    unread = {peer.name: peer.package for peer in view.peers if isinstance(peer.package, Reason)}
    if unread:
        return RestTogether(waiting(view.peers, unread))
    stopped = _stopped(view)
    if stopped:
        return _quarantine(view, stopped)
    config = view.config
    if isinstance(config, Reason):
        return RestTogether({peer.name: config for peer in view.peers})
    return _together(view, view.group, config)


def waiting(peers: Sequence[Peer], causes: Reasons, detail: str = "") -> Reasons:
    """Give each package its reason: its own where it is the cause, else for whom it waits."""
    told = detail or _listed(f"{name}: {reason}" for name, reason in sorted(causes.items()))
    waits = Reason(ReasonCode.WAITS_FOR_GROUP, told)
    return {peer.name: causes.get(peer.name, waits) for peer in peers}


def _listed(words: Iterable[str]) -> str:
    first, more = (all_ := list(words))[:_NAMED], len(all_) - _NAMED
    return "; ".join(first) + (f"; and {more} more" if more > 0 else "")


def _given_up(view: GroupView) -> GroupStep:
    """Take back what is open: the file has no such group, or nothing is in it any more."""
    if not view.pulls:
        return RestTogether({})
    reason = Reason(ReasonCode.WAITS_FOR_GROUP, "its packages do not move together any more")
    return WithdrawTogether(view.pulls, reason, {})


def _stopped(view: GroupView) -> Reasons:
    found = {peer.name: frozen(peer.row, peer.sighting) for peer in view.peers}
    return {name: reason for name, reason in found.items() if reason}


def _quarantine(view: GroupView, stopped: Reasons) -> GroupStep:
    """Freeze the whole group for one of its packages."""
    name, reason = min(stopped.items())
    reasons = waiting(view.peers, stopped)
    told = Reason(reason.code, f"{name}: {reason.detail}", reason.where)
    if view.pulls:
        return WithdrawTogether(view.pulls, told, reasons)
    known = all(peer.row.issue is not None for peer in view.peers if peer.name in stopped)
    return RestTogether(reasons) if known else AlarmTogether(told, reasons, tuple(stopped))


def _together(view: GroupView, group: Group, config: Config) -> GroupStep:
    """Go on with a group that nothing forbids to touch."""
    shared = {p.name: r for p in view.peers if isinstance(r := group_of(config, p.name), Reason)}
    if shared:
        return RestTogether(waiting(view.peers, shared))
    if view.singles:
        reason = Reason(ReasonCode.WAITS_FOR_GROUP, f"it moves with the group {group.name} now")
        reasons = {peer.name: peer.row.reason for peer in view.peers}
        return WithdrawTogether(view.singles, reason, reasons)
    members = tuple(
        Member(peer.row, peer.package) for peer in view.peers if isinstance(peer.package, Package)
    )
    spent = _spent(view, members)
    if spent:
        return spent
    return _go_on(view, group, config, members)


def _spent(view: GroupView, members: Sequence[Member]) -> WithdrawTogether | None:
    """Find a pull request of which the default branch has a package's version already."""
    for pull in view.pulls:
        version, files = version_of(pull), _files(view, pull)
        there = [
            member.package.name
            for member in members
            if (not files or member.package.path in files)
            and not is_greater(version, member.package.version)
        ]
        if there:
            told = f"{_listed(there)}: {version} is on the default branch already"
            reason = Reason(ReasonCode.CONFLICT, told)
            return WithdrawTogether((pull,), reason, _resting(view, members))
    return None


def _go_on(view: GroupView, group: Group, config: Config, members: tuple[Member, ...]) -> GroupStep:
    wanted = max((_reach(member) for member in members), key=order_key)
    needed = tuple(m for m in members if is_greater(wanted, m.package.version))
    late = tuple(member for member in needed if _reach(member) != wanted)
    if view.pulls:
        files = _files(view, view.pulls[0])
        inside = tuple(m for m in members if m.package.path in files) or members
        if any(m.row.missed for m in inside if bump_of(m.row, m.package) is None):
            reason = Reason(ReasonCode.WITHDRAWN_UPSTREAM, "the version is not published any more")
            return WithdrawTogether(view.pulls, reason, {p.name: reason for p in view.peers})
        if not needed:  # judged all the same, so that its check run stays true
            return LandTogether(view.pulls[0], inside)
    if not needed:
        return RestTogether(_resting(view, members))
    if late:
        return RestTogether(_lagging(view, members, late, wanted))
    return _pursue(view, group, config, needed)


def _reach(member: Member) -> Version:
    """Give the version that a package goes to, or stays at."""
    bump = bump_of(member.row, member.package)
    return bump.target.version if bump else member.package.version


def _resting(view: GroupView, members: Sequence[Member]) -> Reasons:
    return {m.package.name: at_rest(m.row, m.package, view.history) for m in members}


def _lagging(
    view: GroupView, members: Sequence[Member], late: Sequence[Member], wanted: Version
) -> Reasons:
    """Say for whom the group waits; who has nothing newer at all keeps its own reason."""
    own = _resting(view, [m for m in members if bump_of(m.row, m.package) is None])
    told = _listed(
        f"{member.package.name} has no {wanted} yet, only {_reach(member)}" for member in late
    )
    return waiting(view.peers, own, told)


def _pursue(view: GroupView, group: Group, config: Config, needed: tuple[Member, ...]) -> GroupStep:
    """Bring the bumps on their way, or one step further."""
    wanted, paths = _reach(needed[0]), {member.package.path for member in needed}
    own = next((p for p in view.pulls if p.branch == f"octobot/{group.lane}/{wanted}"), None)
    if own:
        files = _files(view, own)
        if files and files != paths:
            return _remade(view, own)
        if is_renewing(view.history, own):
            return _proposed(view, group, config, needed)
        old = replaced(view.history, view.pulls, own)
        return Supersede(old, own) if old else LandTogether(own, needed)
    past = _past(view, wanted, paths)
    if past:
        return RestTogether({peer.name: past for peer in view.peers})
    return _begin(view, group, config, needed)


def _begin(view: GroupView, group: Group, config: Config, needed: tuple[Member, ...]) -> GroupStep:
    """Propose what was never proposed, unless a member's settings or a limit stand in the way."""
    manual = [member for member in needed if member.package.update.manual]
    if manual:
        return _by_hand(view, needed)
    proposed = _proposed(view, group, config, needed)
    policies = {part.bump.package: part.policy for part in proposed.parts}
    held = {
        name: Reason(ReasonCode.HELD, policy.hold)
        for name, policy in policies.items()
        if policy.hold is not None
    }
    if held:
        return RestTogether(waiting(view.peers, held))
    others = view.open_pulls - len(view.pulls)
    full = too_many(config, open_pulls=others, new_pulls=view.new_pulls)
    if full:
        return RestTogether({peer.name: full for peer in view.peers})
    return proposed


def _proposed(
    view: GroupView, group: Group, config: Config, needed: Sequence[Member]
) -> ProposeTogether:
    """Propose the bumps together, in place of every pull request but one that is made anew."""
    parts = tuple(Part(m, bump, for_package(config, m.package.name)) for m, bump in _bumps(needed))
    others = tuple(pull for pull in view.pulls if not is_renewing(view.history, pull))
    return ProposeTogether(group, parts, others)


def _files(view: GroupView, pull: PullRequest) -> frozenset[str]:
    """Give the paths that a pull request of ours sets; empty when the ledger does not know."""
    row = next((p for p in view.history if p.branch == pull.branch), None)
    return frozenset(row.expected) if row else frozenset()


def _remade(view: GroupView, own: PullRequest) -> WithdrawTogether:
    reason = Reason(ReasonCode.WAITS_FOR_GROUP, "other packages move together now")
    return WithdrawTogether((own,), reason, {peer.name: reason for peer in view.peers})


def _past(view: GroupView, wanted: Version, paths: set[str]) -> Reason | None:
    """Say what became of the version before; a merge counts for the packages that it had."""
    past = next((p for p in view.history if p.version == wanted), None)
    if past and past.state == "closed-by-person":
        return Reason(ReasonCode.CLOSED_BY_PERSON, f"#{past.number}")
    if past and past.state == "merged" and paths <= set(past.expected):
        return Reason(ReasonCode.MERGED, f"{past.version} in #{past.number}")
    return None


def _by_hand(view: GroupView, needed: Sequence[Member]) -> GroupStep:
    known = all(m.row.reason.code is ReasonCode.MANUAL and m.row.issue is not None for m in needed)
    if known:
        return RestTogether({peer.name: peer.row.reason for peer in view.peers})
    return AnnounceTogether(tuple(bump for _, bump in _bumps(needed)))


def _bumps(needed: Iterable[Member]) -> Iterable[tuple[Member, Bump]]:
    for member in needed:
        bump = bump_of(member.row, member.package)
        if bump:
            yield member, bump
