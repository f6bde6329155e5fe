"""From what upstreams showed to what is remembered of each package, many at a time.

A name that was ever seen at two commits freezes its package.  A target that its upstream does not
show any more is given up only when a second look misses it too: a list can be cut short in ways
that nobody notices.
"""

import hashlib
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from octobot.flows.context import RepoContext
from octobot.flows.lookup.contain import is_of_a_look
from octobot.flows.lookup.select import Look, contained
from octobot.flows.view import Member
from octobot.flows.watch.priority import vulnerable_now
from octobot.flows.watch.schedule import HOPELESS, pause, spread
from octobot.model.ids import Key
from octobot.model.memory import Looked, Row, Sighting
from octobot.model.orders import NO_ORDERS, PackageOrders
from octobot.model.package import Package, Upstream
from octobot.model.reasons import Reason, ReasonCode
from octobot.model.release import Candidate, Release
from octobot.model.version import order_key

GONE = 2
"""Looks in a row that must miss a target before it counts as withdrawn."""

OF_A_LOOK = frozenset(
    {
        ReasonCode.NOT_LOOKED_YET,
        ReasonCode.NOT_ENABLED,
        ReasonCode.UNSUPPORTED_SOURCE,
        ReasonCode.BAD_SPEC,
        ReasonCode.BAD_UPDATE_BLOCK,
        ReasonCode.INVALID_REGEX,
        ReasonCode.UP_TO_DATE,
        ReasonCode.NO_CANDIDATE,
        ReasonCode.WITHDRAWN_UPSTREAM,
        ReasonCode.UPSTREAM_MISSING,
        ReasonCode.UPSTREAM_UNREACHABLE,
        ReasonCode.IGNORED,
    }
)
"""Reasons that a look gives and a later look may replace without news."""


_NOTHING_SEEN = (ReasonCode.UPSTREAM_UNREACHABLE, ReasonCode.INTERNAL_ERROR)
"""Nothing was learned of the upstream, so nothing follows: no news is never "all gone"."""


@dataclass(frozen=True, slots=True)
class Work:
    """One package to conclude anew."""

    row: Row
    package: Package | Reason
    found: Sequence[Release] | Reason
    upstream: Upstream | None = None
    """Whom was asked; None when the package has nobody."""
    digest: str = ""
    """Of what was found."""
    prefix: str = ""
    polite: bool = False
    """Another host than GitHub's API was asked."""


@dataclass(frozen=True, slots=True)
class Looks:
    """What all looks of one part of a pass share."""

    now: datetime
    far: bool
    at_least: timedelta
    """The shortest pause that GitHub's points allow."""


Moments = Mapping[Upstream, Sequence[datetime]]


async def conclude_all(ctx: RepoContext, work: Sequence[Work], looks: Looks) -> int:
    """Conclude, remember, and hint the lanes of those that have news; gives their number."""
    names = [one.row.key.package for one in work]
    orders = await ctx.store.orders.by_package(ctx.watched.id, names)
    concluded = [(one, _conclude(one, _ordered(one, orders))) for one in work]
    seen = _to_observe(concluded)
    sightings = await ctx.store.sightings.observe(seen, now=looks.now) if seen else {}
    moments = await ctx.store.sightings.first_seen(tuple(seen)) if seen else {}
    frozen = _moved(sightings)
    looked = [
        _looked(ctx, one, _freeze(one, look, frozen, _ordered(one, orders)), looks, moments)
        for one, look in concluded
    ]
    news = await ctx.store.schedule.record(ctx.watched.id, looked)
    for key in sorted(news):
        await ctx.lanes.hint(key)
    # Whoever is slow to answer this delays nobody: all of them are in the queue already.
    for key in sorted(await vulnerable_now(ctx, _with_target(looked, work, news))):
        await ctx.lanes.hint(key, urgent=True)
    return len(news)


def _with_target(
    looked: Sequence[Looked], work: Sequence[Work], news: AbstractSet[Key]
) -> Sequence[Member]:
    """Give the packages whose news are a version to go to."""
    targets = {look.key for look in looked if look.target} & news
    return [
        Member(one.row, one.package)
        for one in work
        if one.row.key in targets and isinstance(one.package, Package)
    ]


def digest_of(releases: Sequence[Release]) -> str:
    """Digest all that a conclusion can rest on."""
    lines = sorted(
        f"{one.name}\0{one.commit}\0{one.tag_object}\0{one.prerelease}{one.draft}{one.yanked}"
        f"\0{one.published}\0{one.committed}"
        for one in releases
    )
    whole = "\n".join(lines).encode("utf-8", "surrogatepass")
    return hashlib.sha256(whole).hexdigest()[:32]


def _ordered(one: Work, orders: Mapping[str, PackageOrders]) -> PackageOrders:
    return orders.get(one.row.key.package, NO_ORDERS)


def _conclude(one: Work, steering: PackageOrders) -> Look:
    if isinstance(one.package, Reason):
        return Look(one.package)
    return contained(one.package, one.found, steering)


def _to_observe(concluded: Sequence[tuple[Work, Look]]) -> Mapping[Upstream, Sequence[Release]]:
    """Gather the names to remember, each once for all packages of an upstream."""
    seen: dict[Upstream, dict[str, Release]] = {}
    for one, look in concluded:
        if one.upstream is not None and look.seen:
            names = seen.setdefault(one.upstream, {})
            names.update((release.name, release) for release in look.seen)
    return {upstream: tuple(names.values()) for upstream, names in seen.items()}


def _moved(
    sightings: Mapping[Upstream, Sequence[Sighting]],
) -> Mapping[tuple[Upstream, str], Sighting]:
    # The head of a branch moves by nature, so nothing is concluded from that.
    return {
        (upstream, sighting.first.name): sighting
        for upstream, all_ in sightings.items()
        for sighting in all_
        if sighting.moved_to and upstream.kind != "branch"
    }


def _freeze(
    one: Work, look: Look, moved: Mapping[tuple[Upstream, str], Sighting], steering: PackageOrders
) -> Look:
    """Freeze a package of which any name was ever seen at two commits, whichever came first."""
    for release in look.seen if one.upstream else ():
        sighting = moved.get((one.upstream, release.name)) if one.upstream else None
        if sighting and not steering.accepts(release.name, release.commit):
            detail = f"{release.name} was {sighting.first.commit}, then {sighting.moved_to}"
            return replace(look, reason=Reason(ReasonCode.TAG_MOVED, detail))
    return look


def _looked(ctx: RepoContext, one: Work, look: Look, looks: Looks, moments: Moments) -> Looked:
    """Say what to remember of a look."""
    row, length = one.row, _pause(ctx, one, looks, moments)
    unreachable = look.reason.code in _NOTHING_SEEN
    missed = 0 if look.target else row.missed
    target, reason, digest = look.target, look.reason, one.digest
    if unreachable:
        target, digest, missed = row.target, "", row.missed
    elif row.target and _misses(one, look, row.target):
        missed = row.missed + 1
        if missed < GONE:  # look once more before anything follows from it
            target, reason, digest = row.target, row.reason, ""
        elif isinstance(one.found, Reason):
            missed = 0  # the repository is gone or renamed: not the publisher's word on a version
        elif look.target is None:
            reason = Reason(ReasonCode.WITHDRAWN_UPSTREAM, _gone(row.target))
    return Looked(
        row.key,
        target,
        one.upstream,
        _told(row, target, reason),
        again=looks.now + length,
        pause=length,
        digest=digest,
        prefix=one.prefix,
        far=looks.far,
        missed=missed,
    )


def _misses(one: Work, look: Look, target: Candidate) -> bool:
    """Tell whether the upstream stopped showing a target, and nothing newer replaces it."""
    if isinstance(one.package, Reason):
        return False
    wanted = order_key(target.version)
    if wanted <= order_key(one.package.version):
        return False
    if look.target and order_key(look.target.version) >= wanted:
        return False
    if isinstance(one.found, Reason):
        return one.found.code is ReasonCode.UPSTREAM_MISSING
    if one.upstream and one.upstream.kind == "branch":
        head = look.selection.newest if look.selection else None
        return head is not None and order_key(head.version) < wanted  # it was reset
    return not any(_is_still(release, target.release) for release in one.found)


def _is_still(release: Release, before: Release) -> bool:
    """Tell whether a name is published as it was: not drafted again, yanked or demoted since."""
    taken_back = release.draft or release.yanked or release.prerelease > before.prerelease
    return release.name == before.name and not taken_back


def _gone(target: Candidate) -> str:
    return f"{target.release.name} is not published any more"


def _told(row: Row, target: Candidate | None, reason: Reason) -> Reason:
    """Keep what the lane found out, unless this look found something new.

    The lane's reasons (`checks-pending`, `merged`, …) say more than a repeated look can.  A tag
    that moved is not forgotten because it is gone or back where it was: a person must look.
    """
    if row.reason.code is ReasonCode.TAG_MOVED and reason.code is not ReasonCode.UPSTREAM_REPLACED:
        return row.reason
    if row.reason.code in OF_A_LOOK or is_of_a_look(row.reason) or target != row.target:
        return reason
    if reason.code in (ReasonCode.UPDATE_FOUND, *_NOTHING_SEEN):
        return row.reason
    told_by_the_lane = row.reason.code in (ReasonCode.MERGED, ReasonCode.SECOND_SOURCE_AHEAD)
    if told_by_the_lane and reason.code is ReasonCode.UP_TO_DATE:
        return row.reason
    return reason


def _pause(ctx: RepoContext, one: Work, looks: Looks, moments: Moments) -> timedelta:
    shortest = (one.polite and ctx.check_interval_other_hosts) or ctx.check_interval
    if isinstance(one.package, Reason) and is_of_a_look(one.package):
        return max(shortest, looks.at_least)
    if one.upstream is None or isinstance(one.package, Reason):
        return HOPELESS
    seen = moments.get(one.upstream, ())
    length = max(pause(one.package, shortest, seen, looks.now), looks.at_least)
    return spread(length, one.upstream) if one.polite else length
