"""What is the next right thing for a change?  One pure decision over what was gathered.

It is made again at each step, of what GitHub and the store show now, so that a lost hint, a crash
between two effects or a person's own act changes nothing but the answer.  Every question is asked
of all members: what stops one of them stops the change, and it moves only when each has the same
version to go to.  A lone package is a change with one member.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, timedelta

from octobot.flows.ownership import unfinished
from octobot.flows.reconcile.members import (
    bump_of,
    bumps_of,
    listed,
    next_version,
    reasons_at_rest,
    reasons_lagging,
    reasons_waiting,
    same_reason,
)
from octobot.flows.reconcile.open_pulls import (
    close_or_judge,
    close_outdated,
    continue_kept,
    continue_open,
    unlisted,
)
from octobot.flows.steps import (
    Abandon,
    Alarm,
    Announce,
    Close,
    Leave,
    Propose,
    RecordEnd,
    ReportReverts,
    Rest,
    Step,
)
from octobot.flows.view import FREEZING, Found, Member, Reasons, Revert, View
from octobot.model.bump import Proposed
from octobot.model.config import Config
from octobot.model.ids import Version
from octobot.model.memory import Row, Sighting
from octobot.model.package import Package
from octobot.model.pull_request import PullRequest
from octobot.model.reasons import Reason, ReasonCode
from octobot.model.version import is_greater, order_key
from octobot.policy.config.groups import group_of
from octobot.policy.config.read import for_package

DAY = timedelta(days=1)
"""How far back the pull requests of one package are counted."""


def decide(view: View) -> Step:
    """Return the one next step; a pause comes before everything that would be written."""
    config = view.config
    if isinstance(config, Config) and config.paused:
        fault = f"the file is broken: {config.fault}" if config.fault else ""
        paused = same_reason(view, Reason(ReasonCode.PAUSED, fault))
        return Rest({**paused, **_frozen(view)}, _unjudged(view), again=True)
    step = _decide(view)
    if not isinstance(step, Rest):
        return step
    again = step.again or any(member.may_lag for member in view.members)
    return replace(step, unmerge=_unjudged(view), again=again)


def _decide(view: View) -> Step:
    """Decide for a change that is not paused, by the most important question first."""
    if lost := unlisted(view.history, view.pulls):
        return RecordEnd(lost)
    if view.key.group and (view.group is None or not view.members):
        return _without_group(view)
    if unread := {one.name: one.package for one in view.members if isinstance(one.package, Reason)}:
        return Rest(reasons_waiting(view.members, unread))
    if frozen := _frozen(view):
        return _quarantine(view, frozen)
    if isinstance(view.config, Reason):
        return Rest(same_reason(view, view.config))
    return _elsewhere(view, view.config) or _reverted(view) or _move(view, view.config)


def _move(view: View, config: Config) -> Step:
    """Return the step towards the version that all members have in common."""
    members = _readable(view)
    wanted = max((next_version(member) for member in members), key=order_key)
    needed = tuple(m for m in members if is_greater(wanted, m.package.version))
    if step := close_outdated(view, members) or close_or_judge(view, members, needed):
        return step
    if not needed:
        return Rest(reasons_at_rest(view, members))
    if kept := continue_kept(view, config, needed, wanted):
        return kept
    if late := [member for member in needed if next_version(member) != wanted]:
        return Rest(reasons_lagging(view, members, late, wanted))
    return _pursue(view, config, needed, wanted)


def _readable(view: View) -> Sequence[Member]:
    read = ((one.row, one.package) for one in view.members)
    return [Member(row, package) for row, package in read if isinstance(package, Package)]


def _pursue(view: View, config: Config, needed: tuple[Member, ...], wanted: Version) -> Step:
    """Begin the bumps to a version, or take them one step further."""
    by_hand = any(member.package.update.manual for member in needed)
    if by_hand and view.group is None:
        return _by_hand(view, config, needed)
    if step := continue_open(view, config, needed, wanted):
        return step
    if past := _past(view, wanted, {member.package.path for member in needed}):
        return Rest(same_reason(view, past))
    return _by_hand(view, config, needed) if by_hand else _begin(view, config, needed)


def _unjudged(view: View) -> tuple[PullRequest, ...]:
    """Return what may be left to GitHub and must not be: nothing is judged while a change rests."""
    config = view.config
    return () if isinstance(config, Config) and config.merge_by == "api" else view.pulls


def _without_group(view: View) -> Step:
    """Close what is open: the file has no such group, or nothing is in it any more."""
    reason = Reason(ReasonCode.WAITS_FOR_GROUP, "its packages do not move together any more")
    if view.pulls:
        return Close(view.pulls, reason, {})
    left = unfinished(view.history)
    return Abandon(left, reason) if left else Rest({})


def _frozen(view: View) -> Reasons:
    found = {member.name: _why_frozen_of(member) for member in view.members}
    return {name: reason for name, reason in found.items() if reason}


def _why_frozen_of(member: Found) -> Reason | None:
    opened = member.opened.sighting if member.opened else None
    return _why_frozen(member.row, member.sighting) or _why_frozen(member.row, opened)


def _why_frozen(row: Row, seen: Sighting | None) -> Reason | None:
    """Return why a package is frozen until a person acts: a name was seen at two commits."""
    if row.reason.code in FREEZING:
        return row.reason
    upstream = row.upstream
    if seen and seen.moved_to and upstream and upstream.kind != "branch":
        detail = f"{seen.first.name} was {seen.first.commit}, then {seen.moved_to}"
        return Reason(ReasonCode.TAG_MOVED, detail)
    return None


def _quarantine(view: View, frozen: Reasons) -> Step:
    """Freeze the whole change for one of its members."""
    name, reason = min(frozen.items())
    reasons = reasons_waiting(view.members, frozen)
    if view.group:
        reason = replace(reason, detail=f"{name}: {reason.detail}")
    if view.pulls:
        return Close(view.pulls, reason, reasons)
    known = all(one.row.issue is not None for one in view.members if one.name in frozen)
    return Rest(reasons) if known else Alarm(reason, reasons, tuple(frozen))


def _elsewhere(view: View, config: Config) -> Step | None:
    """Return what to do about packages that are in two groups, or open in another change."""
    if view.group is None:
        return Leave(view.of_former_groups) if view.of_former_groups else None
    shared = {p.name: r for p in view.members if isinstance(r := group_of(config, p.name), Reason)}
    if shared:
        return Rest(reasons_waiting(view.members, shared))
    detail = f"it moves with the group {view.group.name} now"
    if view.lone_pulls:
        reasons = {one.name: one.row.reason for one in view.members}
        return Close(view.lone_pulls, Reason(ReasonCode.WAITS_FOR_GROUP, detail), reasons)
    if view.lone_proposals:
        return Abandon(view.lone_proposals, Reason(ReasonCode.WAITS_FOR_GROUP, detail))
    return None


def _reverted(view: View) -> Step | None:
    """Rest where people reverted what octobot merged; close what is open meanwhile."""
    reverted = {one.name: _why_reverted(one.revert) for one in view.members if one.revert}
    if not reverted:
        return None
    reasons = _reasons_beside(view, reverted)
    if news := tuple(one for one in view.members if one.revert and not one.revert.reported):
        return ReportReverts(news, reasons)
    if view.pulls:
        return Close(view.pulls, next(iter(reverted.values())), reasons)
    return Rest(reasons)


def _reasons_beside(view: View, reverted: Reasons) -> Reasons:
    """Return the reason of each member: reverted, with nothing to do, or waiting for those."""
    members = [member for member in _readable(view) if member.package.name not in reverted]
    resting = reasons_at_rest(view, [member for member in members if bump_of(member) is None])
    detail = listed(f"{name}: {reason}" for name, reason in sorted(reverted.items()))
    return reasons_waiting(view.members, {**resting, **reverted}, detail)


def _why_reverted(revert: Revert) -> Reason:
    past = revert.proposed
    detail = f"{past.version} was merged in #{past.number} and reverted in {revert.commit}"
    return Reason(ReasonCode.REVERTED_BY_USER, detail)


def _past(view: View, wanted: Version, paths: set[str]) -> Reason | None:
    """Return how this version ended before; a merge counts for the packages that it had."""
    past = next((p for p in view.history if p.version == wanted), None)
    if past and past.state == "closed-by-person":
        return Reason(ReasonCode.CLOSED_BY_USER, f"#{past.number}")
    if past and past.state == "merged" and paths <= _still_merged(past):
        return Reason(ReasonCode.MERGED, f"{past.version} in #{past.number}")
    return None


def _still_merged(past: Proposed) -> set[str]:
    """Return the specs of a merge, without those that were removed since."""
    return {path for path in past.expected if not past.is_removed(path)}


def _begin(view: View, config: Config, needed: Sequence[Member]) -> Step:
    """Propose what was never proposed, unless a member is on hold or a limit is reached."""
    policies = {m.package.name: for_package(config, m.package.name) for m in needed}
    held = {
        name: Reason(ReasonCode.ON_HOLD, policy.hold)
        for name, policy in policies.items()
        if policy.hold is not None
    }
    if held:
        return Rest(reasons_waiting(view.members, held))
    if full := limit_reached(view, config) or _daily_limit_reached(view, config):
        return Rest(same_reason(view, full))
    return Propose(view.group, bumps_of(needed, config), view.pulls)


def limit_reached(view: View, config: Config) -> Reason | None:
    """Return why no new pull request may be opened now; None when one may."""
    most, others = config.new_pull_requests_per_hour, view.open_pulls - len(view.pulls)
    if others >= config.open_pull_requests:
        return Reason(ReasonCode.PR_LIMIT_REACHED, f"{others} others are open")
    if most is not None and view.new_pulls >= most:
        detail = f"{view.new_pulls} were opened within the last hour"
        return Reason(ReasonCode.PR_LIMIT_REACHED, detail)
    return None


def _daily_limit_reached(view: View, config: Config) -> Reason | None:
    """Return why a package, or a group, gets no further pull request today; orders are exempt."""
    most, opened = config.package_pull_requests_per_day, view.opened_today
    if view.ordered.newest or view.urgent or len(opened) < most:
        return None
    detail = f"{len(opened)} were opened for it within 24 hours"
    if most:
        free = opened[most - 1] + DAY
        detail += f"; the next one may be opened at {free.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    return Reason(ReasonCode.PR_LIMIT_REACHED, detail)


def _by_hand(view: View, config: Config, needed: Sequence[Member]) -> Step:
    """Have a person make the bumps, and say so once."""
    known = all(m.row.reason.code is ReasonCode.MANUAL and m.row.issue is not None for m in needed)
    bumps = [one.bump for one in bumps_of(needed, config)]
    if not known:
        return Announce(tuple(bumps))
    reasons = {member.name: member.row.reason for member in view.members}
    for bump in bumps:
        detail = f"{bump.current} → {bump.target.version}"
        reasons[bump.package] = Reason(ReasonCode.MANUAL, detail)
    return Rest(reasons)
