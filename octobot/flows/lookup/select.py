"""What is newest?  One look at one package, told by what its upstream showed.

Shared by `watch`, which remembers, and by `octobot check`, which only prints.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile

from octobot.flows.lookup.contain import Caught
from octobot.model.orders import NO_ORDERS, PackageOrders
from octobot.model.package import Package, Upstream
from octobot.model.reasons import Reason, ReasonCode, Where
from octobot.model.release import Candidate, Release, Selection
from octobot.model.version import order_key
from octobot.specs.select.newest import newest

REMEMBERED = 100
"""Greater releases observed in one look, besides the spec's own; more only shows neglect."""

# What a line of git's protocol can carry.
_PLAIN = re.compile("[!-~]{1,100}")


@dataclass(frozen=True, slots=True)
class Look:
    """What one look at a package's upstream concluded."""

    reason: Reason
    """UPDATE_FOUND when there is a `target`."""
    target: Candidate | None = None
    selection: Selection | None = None
    seen: tuple[Release, ...] = ()
    """The releases to remember: of the spec's own version and of the newest greater ones."""


def whom_to_ask(package: Package) -> Upstream | Reason:
    """Give the upstream to ask for this package, or why nobody is asked."""
    if not package.update.enabled:
        return Reason(ReasonCode.NOT_ENABLED, package.update.exclude_reason)
    if package.upstream is None:
        return Reason(ReasonCode.UNSUPPORTED_SOURCE, "the update block names no source")
    return package.upstream


def contained_whom(package: Package) -> tuple[Upstream, str] | Reason:
    """Give whom to ask, and what every name of interest begins with; or why nobody is asked."""
    with Caught() as caught:
        whom = whom_to_ask(package)
        return whom if isinstance(whom, Reason) else (whom, prefix_of_interest(package))
    return caught.reason("finding the upstream", package=package.name)


def prefix_of_interest(package: Package) -> str:
    """Give what every name begins with that can matter to this package; often nothing."""
    prefix, upstream = package.update.filters.prefix, package.upstream
    if upstream is None or upstream.kind == "branch" or not _PLAIN.fullmatch(prefix):
        return ""
    own = [pin.ref for pin in package.pins if _is_of(upstream, pin.repository)]
    return prefix if all(ref.startswith(f"refs/tags/{prefix}") for ref in own) else ""


def conclude(
    package: Package, found: Sequence[Release] | Reason, steering: PackageOrders = NO_ORDERS
) -> Look:
    """Choose the version to go to from what the upstream showed, and from what people ordered."""
    if isinstance(found, Reason):
        return Look(found)
    selection = newest(package, found)
    if isinstance(selection, Reason):
        return Look(selection)
    if selection.newest is None:
        detail = f"{len(found)} names seen, none passed the filters"
        return Look(Reason(ReasonCode.NO_CANDIDATE, detail), selection=selection)
    candidates = (selection.newest, *selection.unchosen)
    here = order_key(package.version)
    # They come newest first, and on a first look most are far older than the spec.
    seen = tuple(c.release for c in takewhile(lambda c: order_key(c.version) >= here, candidates))
    moved = _moved_pin(package, found, steering)
    wanted = [one for one in candidates if not steering.ignores(one.version)]
    target = None if moved else _target(package, wanted)
    reason = moved or _reason(package, selection.newest, target, steering)
    return Look(reason, target, selection, (*seen[:REMEMBERED], *seen[REMEMBERED:][-1:]))


def contained(
    package: Package, found: Sequence[Release] | Reason, steering: PackageOrders = NO_ORDERS
) -> Look:
    """Choose as `conclude` does; where that raises, the package has the reason of our own bug."""
    with Caught() as caught:
        return conclude(package, found, steering)
    return Look(caught.reason("choosing a version", package=package.name))


def _target(package: Package, candidates: Sequence[Candidate]) -> Candidate | None:
    """The newest greater version, or with `require-sequential` the next one."""
    here = order_key(package.version)
    greater = list(takewhile(lambda c: order_key(c.version) > here, candidates))
    if not greater:
        return None
    return greater[-1] if package.update.require_sequential else greater[0]


def _reason(
    package: Package, best: Candidate, target: Candidate | None, steering: PackageOrders
) -> Reason:
    if target is not None:
        return Reason(ReasonCode.UPDATE_FOUND, f"{package.version} → {target.version}")
    ignored = steering.ignores(best.version)
    if ignored and order_key(best.version) > order_key(package.version):
        return Reason(ReasonCode.IGNORED, f"{best.version}, by {ignored.issued.login}")
    detail = ""
    if order_key(best.version) < order_key(package.version):
        detail = f"upstream's newest is the older {best.version}"
    elif _moved_within_the_day(package, best):
        detail = "the branch moved on within the version's day; a commit of a later day is taken"
    return Reason(ReasonCode.UP_TO_DATE, detail)


def _moved_within_the_day(package: Package, best: Candidate) -> bool:
    """Tell whether a followed branch has another commit that makes the very same version.

    Branch, pull request and ledger are named by the version, so such a commit has no name of its
    own; it is left to the next day's.  A person may raise the epoch.
    """
    followed = package.upstream is not None and package.upstream.kind == "branch"
    return followed and best.release.commit not in [pin.commit for pin in package.pins]


def _moved_pin(
    package: Package, found: Sequence[Release], steering: PackageOrders
) -> Reason | None:
    """Compare the spec's own pins with where the same tags point now, or may point by an order.

    A pin may hold the tag object's id instead of the commit's; both are the same tag unmoved.
    """
    tags = {f"refs/tags/{release.name}": release for release in found if release.commit}
    for pin in package.pins:
        release = tags.get(pin.ref)
        if release is None or not _is_of(package.upstream, pin.repository):
            continue
        if steering.accepts(release.name, release.commit):
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
    """Give the git repository behind an upstream; None when it is not one."""
    match upstream.datasource:
        case "github":
            return f"https://github.com/{upstream.identifier}"
        case "git":
            return upstream.identifier
        case _:
            return None


def _bare(url: str) -> str:
    return url.rstrip("/").removesuffix(".git").lower()
