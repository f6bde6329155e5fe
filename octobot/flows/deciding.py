"""What is the next right thing for this package?  One pure decision over what was gathered.

It is asked anew each time, of what GitHub and the store show now, so that a lost hint, a crash
between two effects or a person's own act changes nothing but the answer.
"""

from dataclasses import dataclass
from datetime import datetime

from octobot.model.bump import Bump, Proposed
from octobot.model.config import Config, PackagePolicy
from octobot.model.memory import Row, Sighting
from octobot.model.package import Package
from octobot.model.pull_request import PullRequest
from octobot.model.reasons import Reason, ReasonCode
from octobot.policy.config import for_package
from octobot.specs.version import order_key


@dataclass(frozen=True, slots=True)
class View:
    """All that the decision rests on."""

    row: Row
    package: Package | Reason
    config: Config | Reason
    history: tuple[Proposed, ...]
    """The package's ledger rows, newest first."""
    pulls: tuple[PullRequest, ...]
    """The open pull requests from branches of this package in this repository."""
    open_pulls: int
    """How many pull requests of octobot's are open in the whole repository."""
    sighting: Sighting | None
    """What was ever seen of the target's name."""
    now: datetime


@dataclass(frozen=True, slots=True)
class Rest:
    """Nothing to do, for this reason."""

    reason: Reason


@dataclass(frozen=True, slots=True)
class Settle:
    """A proposal that was open is not listed any more: find out what became of it."""

    proposed: Proposed


@dataclass(frozen=True, slots=True)
class Withdraw:
    """Close pull requests that must not or need not be merged."""

    pulls: tuple[PullRequest, ...]
    reason: Reason


@dataclass(frozen=True, slots=True)
class Announce:
    """Open an issue: a person makes this bump."""

    bump: Bump


@dataclass(frozen=True, slots=True)
class Alarm:
    """Open an issue: something is wrong upstream and a person must look."""

    reason: Reason


@dataclass(frozen=True, slots=True)
class Propose:
    """Open a pull request, and close the older ones that it replaces."""

    bump: Bump
    replaces: tuple[PullRequest, ...]
    policy: PackagePolicy
    package: Package


@dataclass(frozen=True, slots=True)
class Land:
    """Judge this pull request and do what the verdict says."""

    pull: PullRequest
    package: Package


Step = Rest | Settle | Withdraw | Announce | Alarm | Propose | Land


def decide(view: View) -> Step:
    """Give the one next step; the order of the questions is the order of their weight."""
    lost = _unlisted(view)
    if lost:
        return Settle(lost)
    if isinstance(view.package, Reason):
        return Rest(view.package)
    frozen = _frozen(view)
    if frozen:
        return _quarantine(view, frozen)
    if isinstance(view.config, Reason):
        return Rest(view.config)
    if view.config.paused:
        return Rest(Reason(ReasonCode.PAUSED))
    return _go_on(view, view.package, view.config)


def _quarantine(view: View, frozen: Reason) -> Step:
    if view.pulls:
        return Withdraw(view.pulls, frozen)
    return Alarm(frozen) if view.row.issue is None else Rest(frozen)


def _go_on(view: View, package: Package, config: Config) -> Step:
    """Go on with a package that nothing forbids to touch."""
    spent = tuple(p for p in view.pulls if not _greater(_version(p), package.version))
    bump = _bump(view, package)
    if spent:
        return Withdraw(spent, _at_rest(view, package))
    if bump is None and view.pulls and view.row.missed:
        detail = "the version is not published any more"
        return Withdraw(view.pulls, Reason(ReasonCode.WITHDRAWN_UPSTREAM, detail))
    if bump is None:
        return _land_any(view, package) or Rest(_at_rest(view, package))
    if package.update.manual:
        known = view.row.reason.code is ReasonCode.MANUAL and view.row.issue is not None
        return Rest(_found(ReasonCode.MANUAL, bump)) if known else Announce(bump)
    return _pursue(view, package, config, bump)


def _pursue(view: View, package: Package, config: Config, bump: Bump) -> Step:
    """Bring a bump on its way, or one step further."""
    own = next((pull for pull in view.pulls if pull.branch == bump.branch), None)
    if own:
        return Land(own, package)
    past = next((p for p in view.history if p.version == bump.target.version), None)
    if past and past.state == "closed-by-person":
        return Rest(Reason(ReasonCode.CLOSED_BY_PERSON, f"#{past.number}"))
    if past and past.state == "merged":
        return Rest(Reason(ReasonCode.MERGED, f"{past.version} in #{past.number}"))
    policy = for_package(config, package.name)
    if policy.hold is not None:
        return Rest(Reason(ReasonCode.HELD, policy.hold))
    if view.open_pulls - len(view.pulls) >= config.open_pull_requests:
        return Rest(Reason(ReasonCode.QUEUE_FULL, f"{view.open_pulls} are open"))
    return Propose(bump, view.pulls, policy, package)


def _unlisted(view: View) -> Proposed | None:
    listed = {pull.number for pull in view.pulls}
    return next((p for p in view.history if p.state == "open" and p.number not in listed), None)


def _frozen(view: View) -> Reason | None:
    """A name seen at two commits stops this package until a person says otherwise."""
    if view.row.reason.code is ReasonCode.TAG_MOVED:
        return view.row.reason
    seen, upstream = view.sighting, view.row.upstream
    if seen and seen.moved_to and upstream and upstream.kind != "branch":
        detail = f"{seen.first.name} was {seen.first.commit}, then {seen.moved_to}"
        return Reason(ReasonCode.TAG_MOVED, detail)
    return None


def _bump(view: View, package: Package) -> Bump | None:
    target = view.row.target
    if target is None or not _greater(target.version, package.version):
        return None
    return Bump(package.name, package.path, package.version, target)


def _land_any(view: View, package: Package) -> Land | None:
    """Without a target an open pull request is still judged, so that its check run stays true."""
    return Land(view.pulls[0], package) if view.pulls else None


def _at_rest(view: View, package: Package) -> Reason:
    merged = next((p for p in view.history if p.state == "merged"), None)
    if merged and merged.version == package.version:
        return Reason(ReasonCode.MERGED, f"{merged.version} in #{merged.number}")
    if view.row.reason.code in _STALE:
        return Reason(ReasonCode.UP_TO_DATE)
    return view.row.reason


_STALE = frozenset(
    {
        ReasonCode.UPDATE_FOUND,
        ReasonCode.CHECKS_PENDING,
        ReasonCode.CHECKS_FAILED,
        ReasonCode.TOO_YOUNG,
        ReasonCode.UNCONFIRMED,
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


def _version(pull: PullRequest) -> str:
    return pull.branch.rpartition("/")[2]


def _greater(left: str, right: str) -> bool:
    return order_key(left) > order_key(right)
