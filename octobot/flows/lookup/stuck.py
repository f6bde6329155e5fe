"""What is known of a package that finds nothing newer: the evidence that it is stuck."""

from collections.abc import Callable, Sequence
from functools import cache

from octobot.flows.lookup.plausible import Evidence
from octobot.flows.lookup.source import is_of, prefix_of_interest
from octobot.flows.view import VersionOrders
from octobot.model.ids import Version
from octobot.model.package import Package
from octobot.model.release import Candidate, Release, Selection
from octobot.specs.select.checkout_tags import CheckoutTags
from octobot.specs.select.evidence import Facts, Stuck
from octobot.specs.select.stuck import find_stuck

_TAG = "refs/tags/"


def stuck_of(
    package: Package,
    found: Sequence[Release],
    selection: Selection,
    target: Candidate | None,
    orders: VersionOrders,
    evidence: Evidence,
) -> Stuck | None:
    """Return what keeps a package from moving; None: nothing does, or it has a version to go to.

    A target whose tag is missing while the spec's own one is missing too is nothing to go to.
    """
    facts = facts_of(package, found, orders, evidence)
    if target is not None:
        names = {release.name for release in found}
        wanted = facts.tags_at(target.version)
        if not facts.gone or not wanted or not names.isdisjoint(wanted) or not _is_all(package):
            return None
    return find_stuck(package, found, selection, facts)


def facts_of(
    package: Package, found: Sequence[Release], orders: VersionOrders, evidence: Evidence
) -> Facts:
    """Gather what is known beside the names."""
    commits = own_tags(package)
    names = {release.name for release in found}
    prefix = prefix_of_interest(package)
    gone = [
        tag for tag in commits if _is_all(package) and tag.startswith(prefix) and tag not in names
    ]
    return Facts(
        tags_at=tags_at(package, evidence.text),
        own=tuple(commits),
        gone=tuple(dict.fromkeys((*gone, *evidence.gone))),
        commits=commits,
        ignored=lambda version: orders.ignored_by(version) is not None,
        largest_jump=evidence.largest_jump,
    )


def own_tags(package: Package) -> dict[str, str]:
    """Return the tags of the watched repository that the spec checks out, with their commits."""
    return {
        pin.ref.removeprefix(_TAG): pin.commit
        for pin in package.pins
        if pin.ref.startswith(_TAG) and is_of(package.upstream, pin.repository)
    }


def tags_at(package: Package, text: str) -> Callable[[Version], Sequence[str]]:
    """Return a function from a version to the watched repository's tags that the spec asks for."""

    @cache
    def checkouts() -> CheckoutTags:  # read for the few packages of which it is asked
        return CheckoutTags(package.path, text)

    def at(version: Version) -> Sequence[str]:
        targets = checkouts().at(version) if text else ()
        watched = (one for one in targets if is_of(package.upstream, one.repository))
        return [one.ref.removeprefix(_TAG) for one in watched]

    return at


def _is_all(package: Package) -> bool:
    """Return whether the names that were found are all tags of the watched repository."""
    return package.upstream is not None and package.upstream.kind == "tags"
