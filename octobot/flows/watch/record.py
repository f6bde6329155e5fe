"""From what upstreams showed to what is remembered of each package, many at a time.

A target or own tag that was ever seen at two commits freezes its package.
"""

import hashlib
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import datetime

from octobot.flows.context import RepoContext
from octobot.flows.lookup.contain import is_of_a_check
from octobot.flows.lookup.fetch import host_of, place
from octobot.flows.lookup.plausible import Evidence, own_releases
from octobot.flows.lookup.select import Lookup
from octobot.flows.orders import apply_to_versions, orders_for
from octobot.flows.view import Member
from octobot.flows.watch.choose import choose
from octobot.flows.watch.outcome import NOTHING_SEEN, PassState, Pause, Work, outcome
from octobot.flows.watch.schedule import (
    GITHUB,
    USUAL,
    WITHOUT_UPSTREAM,
    rhythm_of,
    spread,
    vulnerable_now,
)
from octobot.model.ids import Key
from octobot.model.memory import Checked, PinFacts, Sighting
from octobot.model.package import Package, Upstream
from octobot.model.reasons import STUCK, Reason, ReasonCode
from octobot.model.release import Release

_SAYS_NOTHING = frozenset(
    {
        *NOTHING_SEEN,
        ReasonCode.BAD_SPEC,
        ReasonCode.BAD_UPDATE_BLOCK,
        ReasonCode.INVALID_REGEX,
        ReasonCode.UPSTREAM_MISSING,
        ReasonCode.UPSTREAM_REPLACED,
        ReasonCode.TAG_MOVED,
    }
)
"""Reasons that do not end it that a package is stuck."""


Moments = Mapping[Upstream, Sequence[datetime]]
Moved = Mapping[tuple[Upstream, str], Sighting]
"""Each name that was ever seen at two commits."""


async def record(ctx: RepoContext, work: Sequence[Work], state: PassState) -> int:
    """Select, remember, and hint the lanes of packages with news; return their number."""
    orders = await orders_for(ctx, *(one.row.key.package for one in work))
    work = [replace(one, orders=apply_to_versions(one.row.key.package, orders)) for one in work]
    selected = await _selected(ctx, work, now=state.now)
    seen = _to_observe(selected)
    sightings = await ctx.store.sightings.observe(seen, now=state.now) if seen else {}
    moments = await ctx.store.sightings.first_seen(tuple(seen)) if seen else {}
    moved = _moved(sightings)
    looked = [
        outcome(one, _freeze(one, found, moved), state, _pause(ctx, one, state, moments))
        for one, found in selected
    ]
    await _note_stuck(ctx, selected, now=state.now)
    news = await ctx.store.schedule.record(ctx.watched.id, looked)
    for key in sorted(news):
        await ctx.lanes.hint(key)
    # A slow answer to this delays nobody: all of them are in the queue already.
    for key in sorted(await vulnerable_now(ctx, _with_target(looked, work, news))):
        await ctx.lanes.hint(key, urgent=True)
    return len(news)


def digest_of(releases: Sequence[Release]) -> str:
    """Digest all that a selection can rest on."""
    lines = sorted(
        f"{one.name}\0{one.commit}\0{one.tag_object}\0{one.prerelease}{one.draft}{one.yanked}"
        f"\0{one.published}\0{one.committed}{chr(0) * one.unreleased}"
        for one in releases
    )
    whole = "\n".join(lines).encode("utf-8", "surrogatepass")
    return hashlib.sha256(whole).hexdigest()[:32]


def _with_target(
    looked: Sequence[Checked], work: Sequence[Work], news: AbstractSet[Key]
) -> Sequence[Member]:
    """Return the packages whose news are a version to go to."""
    targets = {one.key for one in looked if one.target} & news
    return [
        Member(one.row, one.package)
        for one in work
        if one.row.key in targets and isinstance(one.package, Package)
    ]


async def _selected(
    ctx: RepoContext, work: Sequence[Work], *, now: datetime
) -> Sequence[tuple[Work, Lookup]]:
    names = [one.row.key.package for one in work]
    missing = await ctx.store.missing_versions.current(ctx.watched.id, names, now=now)
    pins = await ctx.store.checked_pins.facts(ctx.watched.id, names)
    done: list[tuple[Work, Lookup]] = []
    for one in work:
        if isinstance(one.package, Reason):
            done.append((one, Lookup(one.package)))
            continue
        facts = pins.get(one.row.key.package, PinFacts())
        if facts.replaced and not isinstance(one.found, Reason):
            replaced = Reason(ReasonCode.UPSTREAM_REPLACED, "; ".join(facts.replaced))
            done.append((one, Lookup(replaced)))
            continue
        lacking = missing.get(one.row.key.package, {})
        evidence = Evidence(one.row.text, lacking, gone=facts.gone)
        done.append((one, await choose(ctx, one.package, one.found, one.orders, evidence)))
    return done


async def _note_stuck(
    ctx: RepoContext, selected: Sequence[tuple[Work, Lookup]], *, now: datetime
) -> None:
    """Note which packages are stuck, and since when; what says nothing about that changes none."""
    reasons = {one.row.key.package: found.reason for one, found in selected}
    stuck = {name: reason for name, reason in reasons.items() if reason.code in STUCK}
    over = {name for name, reason in reasons.items() if reason.code not in _SAYS_NOTHING}
    await ctx.store.stuck.record(ctx.watched.id, stuck, over - stuck.keys(), now=now)


def _to_observe(selected: Sequence[tuple[Work, Lookup]]) -> Mapping[Upstream, Sequence[Release]]:
    """Gather the names to remember, each once for all packages of an upstream."""
    seen: dict[Upstream, dict[str, Release]] = {}
    for one, found in selected:
        if one.upstream is not None and found.seen:
            names = seen.setdefault(one.upstream, {})
            names.update((release.name, release) for release in found.seen)
    return {upstream: tuple(names.values()) for upstream, names in seen.items()}


def _moved(sightings: Mapping[Upstream, Sequence[Sighting]]) -> Moved:
    return {
        (upstream, sighting.first.name): sighting
        for upstream, all_ in sightings.items()
        for sighting in all_
        if sighting.moved_to and upstream.kind != "branch"  # whose head moves by nature
    }


def _freeze(one: Work, found: Lookup, moved: Moved) -> Lookup:
    """Freeze a package whose target or own tag was ever seen at two commits.

    Any other name that moves, such as a `v2` that moves with each `v2.x.y`, is nobody's pin.
    """
    for release in _relied_on(one, found):
        sighting = moved.get((one.upstream, release.name)) if one.upstream else None
        if sighting and not one.orders.accepts(release.name, release.commit):
            detail = f"{release.name} was {sighting.first.commit}, then {sighting.moved_to}"
            return replace(found, reason=Reason(ReasonCode.TAG_MOVED, detail))
    return found


def _relied_on(one: Work, found: Lookup) -> Sequence[Release]:
    """Return the releases that the package has, or is to have."""
    if isinstance(one.package, Reason) or isinstance(one.found, Reason):
        return ()
    target = [found.target.release] if found.target else []
    newest = [found.selection.newest] if found.selection and found.selection.newest else []
    older = found.selection.unchosen if found.selection else ()
    version = one.package.version
    same = [each.release for each in (*newest, *older) if each.version == version]
    return (*target, *own_releases(one.package, one.found), *same)


def _pause(ctx: RepoContext, one: Work, state: PassState, moments: Moments) -> Pause:
    shortest = (one.polite and ctx.check_interval_other_hosts) or ctx.check_interval
    unreadable = isinstance(one.package, Reason) and is_of_a_check(one.package)
    if one.upstream is None or isinstance(one.package, Reason):
        rhythm = shortest * USUAL if unreadable else WITHOUT_UPSTREAM
    else:
        rhythm = rhythm_of(one.package, shortest, moments.get(one.upstream, ()), state.now)
        rhythm = spread(rhythm, one.upstream) if one.polite else rhythm
    host = host_of(place(one.upstream)) if one.upstream else GITHUB
    return Pause(rhythm, state.budget.wait(rhythm, shortest, host))
