"""One pass over a repository: ask the upstreams of the due packages, remember, hint lanes.

A look decides only what the newest version is.  What follows from it is `reconcile`'s, in the
package's own lane.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

import structlog

from octobot.flows.conversing import ask
from octobot.flows.follow import follow
from octobot.flows.looking import Look, conclude, whom_to_ask
from octobot.flows.seams import World
from octobot.model.ids import Key
from octobot.model.memory import Row
from octobot.model.package import Package, Upstream
from octobot.model.reasons import Reason, ReasonCode
from octobot.model.release import Release

log = structlog.get_logger()

A_PASS = 10_000
"""Packages looked at in one pass; the longest due come first, the rest next time."""

PERIODS: dict[Literal["daily", "weekly", "monthly"], timedelta] = {
    "daily": timedelta(days=1),
    "weekly": timedelta(weeks=1),
    "monthly": timedelta(days=30),
}

OF_A_LOOK = frozenset(
    {
        ReasonCode.NOT_LOOKED_YET,
        ReasonCode.NOT_ENABLED,
        ReasonCode.UNSUPPORTED_SOURCE,
        ReasonCode.BAD_SPEC,
        ReasonCode.BAD_UPDATE_BLOCK,
        ReasonCode.BAD_PATTERN,
        ReasonCode.UP_TO_DATE,
        ReasonCode.NO_CANDIDATE,
        ReasonCode.UPSTREAM_MISSING,
        ReasonCode.UPSTREAM_UNREACHABLE,
    }
)
"""Reasons that a look gives and a later look may replace without news."""


@dataclass(frozen=True, slots=True)
class Pass:
    """What one pass did."""

    looked: int
    hinted: int


async def watch(world: World) -> Pass:
    """Look at every due package of the repository once."""
    await follow(world)
    now = world.clock()
    rows = await world.store.due_looks(world.watched.id, now=now, limit=A_PASS)
    packages = await _read(world, rows)
    asked = {row.key: _whom(packages[row.key]) for row in rows}
    found = await ask(world.upstreams, (a for a in asked.values() if isinstance(a, Upstream)))
    hinted = 0
    for row in rows:
        package, upstream = packages[row.key], asked[row.key]
        if isinstance(package, Package) and isinstance(upstream, Upstream):
            look = await _remember(world, package, upstream, found[upstream], now)
        else:
            look = Look(_why_not(package, upstream))
        hinted += await _record(world, row, package, look, now)
    log.info("pass finished", looked=len(rows), hinted=hinted, upstreams=len(found))
    return Pass(len(rows), hinted)


async def _read(world: World, rows: Sequence[Row]) -> dict[Key, Package | Reason]:
    """Read the rows' specs; what takes long, a distro seen first, lets others work in between."""
    packages = {}
    for row in rows:
        if not world.reader.knows(row.path, row.blob):
            await asyncio.sleep(0)
        packages[row.key] = world.reader.read(row.path, row.blob, row.text)
    return packages


def _whom(package: Package | Reason) -> Upstream | Reason:
    return package if isinstance(package, Reason) else whom_to_ask(package)


def _why_not(package: Package | Reason, upstream: Upstream | Reason) -> Reason:
    if isinstance(package, Reason):
        return package
    return upstream if isinstance(upstream, Reason) else Reason(ReasonCode.OUR_BUG)


async def _remember(
    world: World,
    package: Package,
    upstream: Upstream,
    found: Sequence[Release] | Reason,
    now: datetime,
) -> Look:
    """Conclude, and enter what was seen: the current version's own tag and the greater ones.

    A name that was ever seen at two commits freezes the package, whichever came first.  The head
    of a branch moves by nature, so nothing is concluded from that.
    """
    look = conclude(package, found)
    for release in look.seen:
        sighting = await world.store.observe(upstream, release, now=now)
        if sighting.moved_to and upstream.kind != "branch":
            detail = f"{release.name} was {sighting.first.commit}, then {sighting.moved_to}"
            return Look(Reason(ReasonCode.TAG_MOVED, detail), look.target, look.selection)
    return look


async def _record(
    world: World, row: Row, package: Package | Reason, look: Look, now: datetime
) -> bool:
    """Store the look; hint the lane when it says anything new."""
    unreachable = look.reason.code is ReasonCode.UPSTREAM_UNREACHABLE
    target = row.target if unreachable else look.target  # no news is never "all gone"
    upstream = package.upstream if isinstance(package, Package) else None
    news = await world.store.looked(
        row.key,
        target=target,
        upstream=upstream,
        reason=_told(row, look, unreachable=unreachable),
        again=now + _pause(world, package),
    )
    if news:
        await world.lanes.hint(row.key)
    return news


def _told(row: Row, look: Look, *, unreachable: bool) -> Reason:
    """Keep what the lane found out, unless this look found something new.

    The lane's reasons (`checks-pending`, `merged`, …) say more than a repeated look can.
    """
    same_target = unreachable or look.target == row.target
    if row.reason.code in OF_A_LOOK or not same_target:
        return look.reason
    if look.reason.code is ReasonCode.UPDATE_FOUND or unreachable:
        return row.reason
    if row.reason.code is ReasonCode.MERGED and look.reason.code is ReasonCode.UP_TO_DATE:
        return row.reason
    return look.reason


def _pause(world: World, package: Package | Reason) -> timedelta:
    if isinstance(package, Package) and package.update.schedule:
        return PERIODS[package.update.schedule.period]
    return world.look_every
