"""Select the version that a package should go to, from what its upstream showed.

Shared by `watch`, which remembers, and by `octobot check`, which only prints.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile

from octobot.flows.lookup.contain import Caught
from octobot.flows.view import ANY_VERSION, VersionOrders
from octobot.model.package import Package, Upstream
from octobot.model.reasons import Reason, ReasonCode, Where
from octobot.model.release import Candidate, Release, Selection
from octobot.model.version import order_key
from octobot.specs.select.newest import newest

REMEMBERED = 100
"""Greater releases observed in one check, besides the spec's own; more only shows neglect."""

# What a line of git's protocol can carry.
_PLAIN = re.compile("[!-~]{1,100}")


@dataclass(frozen=True, slots=True)
class Lookup:
    """What a package's upstream was found to have."""

    reason: Reason
    """UPDATE_FOUND when there is a `target`."""
    target: Candidate | None = None
    selection: Selection | None = None
    seen: tuple[Release, ...] = ()
    """The releases to remember: of the spec's own version and of the newest greater ones."""


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
        return upstream, _common_prefix(package)
    return caught.reason("finding the upstream", package=package.name)


def _common_prefix(package: Package) -> str:
    """Return what every name begins with that can matter to this package; often nothing."""
    prefix, upstream = package.update.filters.prefix, package.upstream
    if upstream is None or upstream.kind == "branch" or not _PLAIN.fullmatch(prefix):
        return ""
    own = [pin.ref for pin in package.pins if _is_of(upstream, pin.repository)]
    return prefix if all(ref.startswith(f"refs/tags/{prefix}") for ref in own) else ""


def select(
    package: Package, found: Sequence[Release] | Reason, orders: VersionOrders = ANY_VERSION
) -> Lookup:
    """Select the version to go to from what the upstream showed, and by what people ordered."""
    if isinstance(found, Reason):
        return Lookup(found)
    selection = newest(package, found)
    if isinstance(selection, Reason):
        return Lookup(selection)
    if selection.newest is None:
        detail = f"{len(found)} names seen, none passed the filters"
        return Lookup(Reason(ReasonCode.NO_CANDIDATE, detail), selection=selection)
    candidates = (selection.newest, *selection.unchosen)
    here = order_key(package.version)
    # They come newest first, and on a first check most are far older than the spec.
    seen = tuple(c.release for c in takewhile(lambda c: order_key(c.version) >= here, candidates))
    moved = _moved_pin(package, found, orders)
    wanted = [one for one in candidates if not orders.ignored_by(one.version)]
    target = None if moved else _target(package, wanted)
    reason = moved or _reason(package, selection.newest, target, orders)
    return Lookup(reason, target, selection, (*seen[:REMEMBERED], *seen[REMEMBERED:][-1:]))


def select_contained(
    package: Package, found: Sequence[Release] | Reason, orders: VersionOrders = ANY_VERSION
) -> Lookup:
    """Select as `select` does; where that raises, the reason is `internal-error`."""
    with Caught() as caught:
        return select(package, found, orders)
    return Lookup(caught.reason("choosing a version", package=package.name))


def _target(package: Package, candidates: Sequence[Candidate]) -> Candidate | None:
    """The newest greater version, or with `require-sequential` the next one."""
    here = order_key(package.version)
    greater = list(takewhile(lambda c: order_key(c.version) > here, candidates))
    if not greater:
        return None
    return greater[-1] if package.update.require_sequential else greater[0]


def _reason(
    package: Package, best: Candidate, target: Candidate | None, orders: VersionOrders
) -> Reason:
    if target is not None:
        return Reason(ReasonCode.UPDATE_FOUND, f"{package.version} → {target.version}")
    ignored = orders.ignored_by(best.version)
    if ignored and order_key(best.version) > order_key(package.version):
        return Reason(ReasonCode.IGNORED, f"{best.version}, by {ignored}")
    detail = ""
    if order_key(best.version) < order_key(package.version):
        detail = f"upstream's newest is the older {best.version}"
    elif _moved_within_the_day(package, best):
        detail = "the branch moved on within the version's day; a commit of a later day is taken"
    return Reason(ReasonCode.UP_TO_DATE, detail)


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
        if release is None or not _is_of(package.upstream, pin.repository):
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


def _is_of(upstream: Upstream | None, url: str) -> bool:
    own = repository_url(upstream) if upstream else None
    return own is not None and _bare(url) == _bare(own)


def repository_url(upstream: Upstream) -> str | None:
    """Return the git repository behind an upstream; None when it is not one."""
    match upstream.datasource:
        case "github":
            return f"https://github.com/{upstream.identifier}"
        case "git":
            return upstream.identifier
        case _:
            return None


def _bare(url: str) -> str:
    return url.rstrip("/").removesuffix(".git").lower()
