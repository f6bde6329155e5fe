"""Select the version that a package should go to, from what its upstream showed.

Shared by `watch`, which remembers, and by `octobot check`, which only prints.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

from octobot.flows.lookup.contain import Caught
from octobot.flows.lookup.plausible import (
    NO_EVIDENCE,
    Evidence,
    doubts_of,
    left_out,
    own_releases,
)
from octobot.flows.lookup.source import is_of, prefix_of_interest
from octobot.flows.lookup.stuck import stuck_of
from octobot.flows.view import ANY_VERSION, VersionOrders
from octobot.model.package import Package, Upstream
from octobot.model.reasons import Reason, ReasonCode, Where
from octobot.model.release import Candidate, Release, Selection
from octobot.model.version import order_key
from octobot.specs.select.evidence import Stuck
from octobot.specs.select.newest import newest
from octobot.specs.select.sift import sift

REMEMBERED = 100
"""Greater releases observed in one check, besides the spec's own; more only shows neglect."""


@dataclass(frozen=True, slots=True)
class Lookup:
    """What a package's upstream was found to have."""

    reason: Reason
    """UPDATE_FOUND when there is a `target`."""
    target: Candidate | None = None
    selection: Selection | None = None
    seen: tuple[Release, ...] = ()
    """The releases to remember: of the spec's own version and of the newest greater ones."""
    provisional: bool = False
    """It rests on what time alone ends, so the next check selects again."""
    stuck: Stuck | None = None
    """What keeps the package; where that is unproven, the reason does not say it yet."""


def upstream_of(package: Package) -> Upstream | Reason:
    """Return the upstream to ask for this package, or why none is asked."""
    if not package.update.enabled:
        return Reason(ReasonCode.NOT_ENABLED, package.update.exclude_reason)
    if package.upstream is None:
        return Reason(ReasonCode.UNSUPPORTED_SOURCE, "the update block names no source")
    return package.upstream


def upstream_and_prefix(package: Package) -> tuple[Upstream, str] | Reason:
    """Return the upstream, and what every name of interest begins with; or why none is asked."""
    with Caught() as caught:
        upstream = upstream_of(package)
        if isinstance(upstream, Reason):
            return upstream
        return upstream, prefix_of_interest(package)
    return caught.reason("finding the upstream", package=package.name)


def select(
    package: Package,
    found: Sequence[Release] | Reason,
    orders: VersionOrders = ANY_VERSION,
    evidence: Evidence = NO_EVIDENCE,
) -> Lookup:
    """Select the version to go to from what the upstream showed, and by what people ordered."""
    if isinstance(found, Reason):
        return Lookup(found)
    filtered = newest(package, found)
    if isinstance(filtered, Reason):
        return Lookup(filtered)
    selection = sift(package, filtered, doubts_of(package, found, orders, evidence))
    candidates = (selection.newest, *selection.unchosen) if selection.newest else ()
    moved = _moved_pin(package, found, orders)
    target = None if moved else _target(package, candidates, orders)
    reason = moved or _reason(package, selection, target, orders)
    lookup = Lookup(reason, target, selection, _to_remember(package, found, candidates))
    stuck = None if moved else stuck_of(package, found, selection, target, orders, evidence)
    return lookup if stuck is None else with_stuck(lookup, stuck)


def _to_remember(
    package: Package, found: Sequence[Release], candidates: Sequence[Candidate]
) -> tuple[Release, ...]:
    here = order_key(package.version)
    # They come newest first, and on a first check most are far older than the spec.
    seen = tuple(c.release for c in takewhile(lambda c: order_key(c.version) >= here, candidates))
    seen = (*seen[:REMEMBERED], *seen[REMEMBERED:][-1:])
    return (*seen, *(one for one in own_releases(package, found) if one not in seen))


def with_stuck(found: Lookup, stuck: Stuck, *, proven: bool = False) -> Lookup:
    """Return a lookup whose reason is what keeps the package, unless that is unproven."""
    if stuck.unproven and not proven:
        return replace(found, stuck=stuck)
    return replace(found, stuck=stuck, reason=stuck.reason, target=None)


def select_contained(
    package: Package,
    found: Sequence[Release] | Reason,
    orders: VersionOrders = ANY_VERSION,
    evidence: Evidence = NO_EVIDENCE,
) -> Lookup:
    """Select as `select` does; where that raises, the reason is `internal-error`."""
    with Caught() as caught:
        return select(package, found, orders, evidence)
    return Lookup(caught.reason("choosing a version", package=package.name))


def _target(
    package: Package, candidates: Sequence[Candidate], orders: VersionOrders
) -> Candidate | None:
    """The newest greater version, or with `require-sequential` the next one."""
    here = order_key(package.version)
    above = takewhile(lambda c: order_key(c.version) > here, candidates)
    greater = [one for one in above if not orders.ignored_by(one.version)]
    if not greater:
        return None
    return greater[-1] if package.update.require_sequential else greater[0]


def _reason(
    package: Package, selection: Selection, target: Candidate | None, orders: VersionOrders
) -> Reason:
    code, notes = left_out(package, selection.dropped)
    if target is not None:
        step = f"{package.version} → {target.version}"
        return Reason(ReasonCode.UPDATE_FOUND, "; ".join(filter(None, (step, notes))))
    best = selection.newest
    ignored = orders.ignored_by(best.version) if best else None
    if best and ignored and order_key(best.version) > order_key(package.version):
        return Reason(ReasonCode.IGNORED, f"{best.version}, by {ignored}")
    if code:
        return Reason(code, notes)
    if best is None:
        seen = len(selection.dropped)
        return Reason(ReasonCode.NO_CANDIDATE, f"{seen} names seen, none passed the filters")
    return Reason(ReasonCode.UP_TO_DATE, notes or _at_rest(package, best))


def _at_rest(package: Package, best: Candidate) -> str:
    """Say why a package that is up to date does not move, where that is worth a word."""
    if order_key(best.version) < order_key(package.version):
        return f"upstream's newest is the older {best.version}"
    if _moved_within_the_day(package, best):
        return "the branch moved on within the version's day; a commit of a later day is taken"
    return ""


def _moved_within_the_day(package: Package, best: Candidate) -> bool:
    """Return whether a followed branch has another commit that makes the very same version.

    Branch, pull request and ledger are named by the version, so such a commit has no name of its
    own; it is left to the next day's.  A person may raise the epoch.
    """
    followed = package.upstream is not None and package.upstream.kind == "branch"
    return followed and best.release.commit not in [pin.commit for pin in package.pins]


def _moved_pin(package: Package, found: Sequence[Release], orders: VersionOrders) -> Reason | None:
    """Compare the spec's own pins with where the same tags point now, or may point by an order.

    A pin may hold the tag object's id instead of the commit's; both are the same tag unmoved.
    """
    tags = {f"refs/tags/{release.name}": release for release in found if release.commit}
    for pin in package.pins:
        release = tags.get(pin.ref)
        if release is None or not is_of(package.upstream, pin.repository):
            continue
        if orders.accepts(release.name, release.commit):
            continue
        if pin.commit not in (release.commit, release.tag_object):
            return Reason(
                ReasonCode.TAG_MOVED,
                f"{release.name} was {pin.commit} and is now {release.commit}",
                Where(package.path, pin.line),
            )
    return None
