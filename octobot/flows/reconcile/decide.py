"""What is the next right thing for this package?  One pure decision over what was gathered.

It is asked anew each time, of what GitHub and the store show now, so that a lost hint, a crash
between two effects or a person's own act changes nothing but the answer.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeGuard

from octobot.flows.lookup.contain import is_of_a_look
from octobot.flows.outcome import FREEZING
from octobot.flows.ownership import is_renewing, replaced, version_of
from octobot.flows.reconcile.pr_limits import too_many
from octobot.flows.view import (
    Alarm,
    Announce,
    Land,
    Leave,
    Propose,
    Rest,
    Settle,
    Step,
    Supersede,
    View,
    Withdraw,
)
from octobot.model.bump import Bump, Proposed
from octobot.model.config import Config
from octobot.model.memory import Row, Sighting
from octobot.model.package import Package
from octobot.model.pull_request import PullRequest
from octobot.model.reasons import Reason, ReasonCode
from octobot.model.version import is_greater
from octobot.policy.config.read import for_package


def decide(view: View) -> Step:
    """Give the one next step; a pause comes before everything that would be written."""
    if is_paused(view.config):
        reason = frozen(view.row, view.sighting) or paused_by(view.config)
        return Rest(reason, unjudged(view.config, view.pulls), again=True)
    step = _decide(view)
    if isinstance(step, Rest):
        return replace(step, unmerge=unjudged(view.config, view.pulls))
    return step


def unjudged(config: Config | Reason, pulls: tuple[PullRequest, ...]) -> tuple[PullRequest, ...]:
    """Give what may be left to GitHub and must not be: nothing is judged while a package rests."""
    return () if isinstance(config, Config) and config.merge_by == "api" else pulls


def _decide(view: View) -> Step:
    """Decide for a package that nothing pauses; the order of the questions is their weight's."""
    reason = frozen(view.row, view.sighting)
    lost = unlisted(view.history, view.pulls)
    if lost:
        return Settle(lost)
    if isinstance(view.package, Reason):
        return Rest(view.package)
    if reason:
        return _quarantine(view, reason)
    config = view.config
    if isinstance(config, Reason):
        return Rest(config)
    if view.left:
        return Leave(view.left)
    return _go_on(view, view.package, config)


def is_paused(config: Config | Reason) -> TypeGuard[Config]:
    """Tell whether nothing at all may be written: not even what a freeze or a merge calls for."""
    return isinstance(config, Config) and config.paused


def paused_by(config: Config) -> Reason:
    """Give the reason of a pause; a broken file says so."""
    fault = config.fault
    return Reason(ReasonCode.PAUSED, f"the file is broken: {fault}" if fault else "")


def _quarantine(view: View, reason: Reason) -> Step:
    if view.pulls:
        return Withdraw(view.pulls, reason)
    return Alarm(reason) if view.row.issue is None else Rest(reason)


def _go_on(view: View, package: Package, config: Config) -> Step:
    """Go on with a package that nothing forbids to touch."""
    spent = tuple(p for p in view.pulls if not is_greater(version_of(p), package.version))
    bump = bump_of(view.row, package)
    if spent:
        return Withdraw(spent, at_rest(view.row, package, view.history))
    if bump is None and view.pulls and view.row.missed:
        detail = "the version is not published any more"
        return Withdraw(view.pulls, Reason(ReasonCode.WITHDRAWN_UPSTREAM, detail))
    if bump is None:
        return _land_any(view, package) or Rest(at_rest(view.row, package, view.history))
    if package.update.manual:
        known = view.row.reason.code is ReasonCode.MANUAL and view.row.issue is not None
        return Rest(_found(ReasonCode.MANUAL, bump)) if known else Announce(bump)
    return _pursue(view, package, config, bump)


def _pursue(view: View, package: Package, config: Config, bump: Bump) -> Step:
    """Bring a bump on its way, or one step further."""
    own = next((pull for pull in view.pulls if pull.branch == bump.branch), None)
    newer = own is None
    own = own or _let_be(view)
    policy = for_package(config, package.name)
    if own and is_renewing(view.history, own):
        return Propose(bump, tuple(p for p in view.pulls if p is not own), policy, package)
    if own:
        old = replaced(view.history, view.pulls, own)
        return Supersede(old, own) if old else Land(own, package, newer=newer)
    past = next((p for p in view.history if p.version == bump.target.version), None)
    if past and past.state == "closed-by-person":
        return Rest(Reason(ReasonCode.CLOSED_BY_PERSON, f"#{past.number}"))
    if past and past.state == "merged":
        return Rest(Reason(ReasonCode.MERGED, f"{past.version} in #{past.number}"))
    if policy.hold is not None:
        return Rest(Reason(ReasonCode.HELD, policy.hold))
    others = view.open_pulls - len(view.pulls)
    full = too_many(config, open_pulls=others, new_pulls=view.new_pulls)
    return Rest(full) if full else Propose(bump, view.pulls, policy, package)


WAITING = frozenset(
    {
        ReasonCode.UPDATE_FOUND,
        ReasonCode.TRY_LATER,
        ReasonCode.CHECKS_PENDING,
        ReasonCode.TOO_YOUNG,
        ReasonCode.NEEDS_APPROVAL,
        ReasonCode.CHANGES_REQUESTED,  # a newer commit must not shake a person's no off
        ReasonCode.READY,
        ReasonCode.HANDED_OVER,
        ReasonCode.UPSTREAM_UNREACHABLE,
        ReasonCode.LINE_STOPPED,
    }
)
"""What only takes time: a newer commit would make it take longer."""


def _let_be(view: View) -> PullRequest | None:
    """Give an open proposal of a followed branch that the branch's newest commit must not replace.

    A branch that moves every day would keep its package from ever getting old enough.
    """
    upstream = view.row.upstream
    if upstream is None or upstream.kind != "branch" or view.row.reason.code not in WAITING:
        return None
    if len(view.pulls) != 1 or is_renewing(view.history, view.pulls[0]):
        return None
    return view.pulls[0]


def unlisted(history: Sequence[Proposed], pulls: Sequence[PullRequest]) -> Proposed | None:
    """Give a proposal that should be among the open pull requests and is not."""
    listed = {pull.number for pull in pulls}
    return next((p for p in history if p.state == "open" and p.number not in listed), None)


def frozen(row: Row, seen: Sighting | None) -> Reason | None:
    """Say why a package is stopped until a person says otherwise: a name seen at two commits."""
    if row.reason.code in FREEZING:
        return row.reason
    upstream = row.upstream
    if seen and seen.moved_to and upstream and upstream.kind != "branch":
        detail = f"{seen.first.name} was {seen.first.commit}, then {seen.moved_to}"
        return Reason(ReasonCode.TAG_MOVED, detail)
    return None


def bump_of(row: Row, package: Package) -> Bump | None:
    """Give the bump that the last look asks for; None while there is nothing newer."""
    target = row.target
    if target is None or not is_greater(target.version, package.version):
        return None
    return Bump(package.name, package.path, package.version, target)


def _land_any(view: View, package: Package) -> Land | None:
    """Without a target an open pull request is still judged, so that its check run stays true."""
    return Land(view.pulls[0], package) if view.pulls else None


def at_rest(row: Row, package: Package, history: Sequence[Proposed]) -> Reason:
    """Say why a package without a bump is where it is."""
    merged = next((p for p in history if p.state == "merged"), None)
    if merged and merged.version == package.version:
        return Reason(ReasonCode.MERGED, f"{merged.version} in #{merged.number}")
    if row.reason.code in _STALE and not is_of_a_look(row.reason):
        return Reason(ReasonCode.UP_TO_DATE)
    return row.reason


_STALE = frozenset(
    {
        ReasonCode.UPDATE_FOUND,
        ReasonCode.CHECKS_PENDING,
        ReasonCode.CHECKS_FAILED,
        ReasonCode.TOO_YOUNG,
        ReasonCode.UNCONFIRMED,
        ReasonCode.REGISTRY_AHEAD,
        ReasonCode.WAITS_FOR_GROUP,
        ReasonCode.READY,
        ReasonCode.TRY_LATER,
        ReasonCode.PAUSED,
        ReasonCode.HELD,
        ReasonCode.MANUAL,
        ReasonCode.OUR_BUG,
        ReasonCode.OSCILLATING,
    }
)
"""Reasons that were about a bump which is no longer wanted."""


def _found(code: ReasonCode, bump: Bump) -> Reason:
    return Reason(code, f"{bump.current} → {bump.target.version}")
