"""What is known against the versions that an upstream shows, and what is said of those left out."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from octobot.flows.lookup.source import is_of, prefix_of_interest
from octobot.flows.view import VersionOrders
from octobot.model.ids import Version
from octobot.model.package import Package
from octobot.model.reasons import ReasonCode
from octobot.model.release import Candidate, Dropped, Release
from octobot.model.version import order_key
from octobot.specs.select.checkout_tags import CheckoutTags
from octobot.specs.select.sift import Doubts

_NAMED = 3
"""Versions named in a reason."""
_WEIGHT = (ReasonCode.PIN_UNRESOLVED, ReasonCode.NOT_GREATER, ReasonCode.LEAVES_STREAM)
"""What a package rests with when nothing is proposed, the one a person can do most about first."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a selection may rest on beside the upstream's names."""

    text: str = ""
    """The spec's; without it nobody knows what it would check out."""
    missing: Mapping[Version, str] = field(default_factory=dict)
    """Versions whose pins could not be found a while ago → what was missing."""
    largest_jump: int = 1
    gone: Sequence[str] = ()
    """Tags that the spec checks out and that GitHub, asked for them, does not have."""


NO_EVIDENCE = Evidence()


def doubts_of(
    package: Package, found: Sequence[Release], orders: VersionOrders, evidence: Evidence
) -> Doubts:
    """Gather what is known against candidates."""
    return Doubts(
        untagged=_Tags(package, found, evidence.text).lacks,
        missing=lambda one: evidence.missing.get(one.version, ""),
        ignored=lambda one: orders.ignored_by(one.version) is not None,
        own=next(iter(own_releases(package, found)), None),
        largest_jump=evidence.largest_jump,
    )


def own_releases(package: Package, found: Iterable[Release]) -> list[Release]:
    """Return the releases whose tags the spec's own pins name."""
    if package.upstream is None or package.upstream.kind == "branch":
        return []
    pins = [pin.ref for pin in package.pins if is_of(package.upstream, pin.repository)]
    names = {ref.removeprefix("refs/tags/") for ref in pins if ref.startswith("refs/tags/")}
    return [release for release in found if release.name in names]


def left_out(package: Package, dropped: Iterable[Dropped]) -> tuple[ReasonCode | None, str]:
    """Return the reason of a package with nothing to propose, and what to say of newer versions."""
    # The greatest of each kind: a thousand tags of a later stream hide nothing else.
    newer = sorted(_newer(package, dropped), key=lambda each: order_key(each[1]), reverse=True)
    first = {one.code: one for one, _ in reversed(newer)}
    code = next((code for code in _WEIGHT if code in first), None)
    shown = [first[each] for each in (*_WEIGHT, ReasonCode.UNUSUAL_JUMP) if each in first]
    return code, "; ".join(_note(one) for one in shown[:_NAMED])


def _newer(package: Package, dropped: Iterable[Dropped]) -> Iterator[tuple[Dropped, Version]]:
    """Yield what was dropped for a reason of octobot's own and concerns the package, by version."""
    here = order_key(package.version)
    for one in dropped:
        if one.code and one.version:
            newer = order_key(one.version) > here
            if newer or one.code is ReasonCode.NOT_GREATER:
                yield one, one.version


def _note(one: Dropped) -> str:
    if one.code is ReasonCode.LEAVES_STREAM:
        return f"{one.version} is {one.because} of the package's name"
    return one.because


class _Tags:
    """Finds out why upstream lacks the tag that the spec would check out at a version.

    Only a list of all tags shows that one is missing: of the watched repository, and beginning with
    what was asked for.  The spec's own tag must be in it, or its tags are not what is listed.
    """

    def __init__(self, package: Package, found: Sequence[Release], text: str) -> None:
        self._package, self._found, self._text = package, found, text

    def lacks(self, one: Candidate) -> str:
        """Say what is listed and what is missing; empty: nothing, or nobody knows."""
        upstream = self._package.upstream
        if not self._text or upstream is None or upstream.kind != "tags" or not self._is_whole:
            return ""
        lacking = self._missing(one.version)
        name = one.release.name
        return f"{name} is listed, but the spec asks for the tag {lacking[0]}" if lacking else ""

    @cached_property
    def _is_whole(self) -> bool:
        return not self._missing(self._package.version)

    @cached_property
    def _names(self) -> frozenset[str]:
        return frozenset(release.name for release in self._found)

    @cached_property
    def _checkouts(self) -> CheckoutTags:
        return CheckoutTags(self._package.path, self._text)

    def _missing(self, version: Version) -> list[str]:
        upstream, prefix = self._package.upstream, prefix_of_interest(self._package)
        wanted = [one for one in self._checkouts.at(version) if is_of(upstream, one.repository)]
        tags = [one.ref.removeprefix("refs/tags/") for one in wanted]
        return [tag for tag in tags if tag.startswith(prefix) and tag not in self._names]
