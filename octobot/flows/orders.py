"""People's orders, applied in one place: the last act of gathering, so that others see values only.

An order changes what was gathered and never how that is decided: a hold is one more rule of the
settings, a wished version is the target, an ignored version is no target.  Orders end by
themselves: when their time is over, their head commit moved, or the spec has what they asked for.
What is bound to a pull request (a closing, a recreation, a waiver) is ordered for the change; what
is about a package is ordered for each member.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from octobot.flows.context import RepoContext
from octobot.flows.ordered_steps import Orders, accepted_pins, ordered_steps
from octobot.flows.ownership import package_of
from octobot.flows.view import (
    Found,
    Member,
    Opened,
    Revert,
    VersionOrders,
    View,
)
from octobot.model.bump import Proposed
from octobot.model.config import Config, PackageRule
from octobot.model.ids import PullNumber, group_named
from octobot.model.memory import Row, Sighting
from octobot.model.orders import NO_ORDERS, Closing, Issued, PackageOrders, Rebuild
from octobot.model.package import Package
from octobot.model.reasons import Reason, ReasonCode
from octobot.model.release import Candidate, Observation
from octobot.model.verdict import Snapshot
from octobot.model.version import is_greater

OWN_NAME = "octobot"
"""Who ordered what no person did."""


async def orders_for(ctx: RepoContext, *names: str, group: Sequence[str] = ()) -> Orders:
    """Read the orders about `names`; the packages of a `group` ignore what one of them ignores."""
    orders = await ctx.store.orders.by_package(ctx.watched.id, sorted({*names, *group}))
    own = [orders.get(package, NO_ORDERS) for package in group]
    ignored = tuple(dict.fromkeys(ignore for one in own for ignore in one.ignored))
    together = {
        package: replace(one, ignored=ignored)
        for package, one in zip(group, own, strict=True)
        if ignored or one is not NO_ORDERS
    }
    return {**orders, **together}


async def orders_in_force(ctx: RepoContext) -> Orders:
    """Read every order of the repository, to list them."""
    return await ctx.store.orders.by_package(ctx.watched.id)


async def end_closing(ctx: RepoContext, package: str) -> None:
    """End an order to close: the person reopened the pull request."""
    await ctx.store.orders.revoke(ctx.watched.id, package, Closing)


async def order_rebuild(ctx: RepoContext, package: str, of: str, reason: str) -> None:
    """Order a rebuild in octobot's own name: of this full version, whatever was closed before."""
    history = await ctx.store.ledger.proposed(ctx.watched.id, package)
    despite = tuple(past.number for past in history if past.number and past.state != "open")
    issued = Issued(ctx.bot, OWN_NAME, ctx.clock())
    await ctx.store.orders.order(ctx.watched.id, package, Rebuild(of, reason, despite, issued))


async def end_rebuild(ctx: RepoContext, package: str, pull: int | None) -> None:
    """Take the order back, and close the pull request that it opened."""
    await ctx.store.orders.revoke(ctx.watched.id, package, Rebuild)
    if pull is not None:
        issued = Issued(ctx.bot, OWN_NAME, ctx.clock())
        closing = Closing(PullNumber(pull), issued)
        await ctx.store.orders.order(ctx.watched.id, package, closing)


async def ordered_members(ctx: RepoContext, rows: Sequence[Row]) -> tuple[Member, ...]:
    """Read the specs of these rows, and apply orders to them; without those that cannot be read."""
    orders = await orders_for(ctx, group=[row.key.package for row in rows])
    found = [Found(row, ctx.reader.read(row.path, row.blob, row.text)) for row in rows]
    ordered = [apply_to_package(one, orders) for one in found]
    return tuple(Member(o.row, o.package) for o in ordered if isinstance(o.package, Package))


def possible_targets(row: Row, orders: Orders) -> Sequence[Candidate]:
    """Return the releases of which one may be the target once orders are applied."""
    wish = orders.get(row.key.package, NO_ORDERS).wish
    return [target for target in (row.target, wish and wish.target) if target]


def apply_orders(view: View, orders: Orders, everyone: Sequence[Found], *, now: datetime) -> View:
    """Apply all orders to what was gathered about a change; `everyone`: not only its members."""
    before = view.history
    view = replace(view, members=tuple(apply_to_package(one, orders) for one in view.members))
    if not orders:
        return view
    view = replace(
        view,
        config=apply_to_config(view.config, orders, now),
        history=_without_spent(view.history, orders.values()),
    )
    return replace(view, ordered=ordered_steps(view, orders, everyone, before))


def apply_to_package(found: Found, orders: Orders) -> Found:
    """Apply the orders about one package: the version that is wanted, a tag that may have moved."""
    own = orders.get(found.name, NO_ORDERS)
    if orders and isinstance(found.package, Package):
        found = replace(
            found,
            row=_with_target(found.row, found.package, own),
            opened=_accepted_opened(found.opened, own),
            revert=_revert_in_force(found.revert, found.package, own),
        )
    target = found.row.target
    seen = found.sightings.get(target.release.name) if target else None
    return replace(found, sighting=_accepted_sighting(seen, own) if orders else seen)


def apply_to_versions(package: str, orders: Orders) -> VersionOrders:
    """Return what people ordered about the choice of this package's next version."""
    own = orders.get(package, NO_ORDERS)
    return VersionOrders(
        ignored=tuple((each.what, each.issued.login) for each in own.ignored),
        accepted=frozenset((each.name, each.commit) for each in own.accepted),
    )


def apply_to_snapshots(
    snapshots: Sequence[Snapshot], members: Sequence[Member], orders: Orders, *, now: datetime
) -> list[Snapshot]:
    """Apply pauses, holds, a waiver and accepted moves of tags to what a verdict rests on."""
    if not orders:
        return list(snapshots)
    pairs = zip(members, snapshots, strict=True)
    return [
        _with_memory(
            replace(snapshot, config=apply_to_config(snapshot.config, orders, now)),
            member.package,
            orders,
        )
        for member, snapshot in pairs
    ]


def _with_memory(snapshot: Snapshot, package: Package, orders: Orders) -> Snapshot:
    pull, memory = snapshot.state.pull, snapshot.memory
    own = orders.get(package.name, NO_ORDERS)
    waiver = orders.get(package_of(pull), NO_ORDERS).waiver
    memory = replace(memory, waiver=waiver if waiver and waiver.head == pull.head else None)
    if memory.observation:
        memory = replace(memory, observation=_accepted_observation(memory.observation, own))
    elif accepted := accepted_pins(package, own):
        # Where it points now is asked when all pins are looked up again.
        seen = Observation(accepted[0].name, accepted[0].commit, None, accepted[0].issued.at)
        memory = replace(memory, observation=seen, tag_now=seen.commit)
    return replace(snapshot, memory=memory)


def apply_to_config(config: Config | Reason, orders: Orders, now: datetime) -> Config | Reason:
    """Add people's pauses and holds to the settings."""
    if isinstance(config, Reason):
        return config
    holds = tuple(
        PackageRule(match=pattern, hold=f"{hold.issued.login}: {hold.reason}")
        for name, one in sorted(orders.items())
        if name and (hold := one.hold) and hold.is_active(now)
        for pattern in _patterns(config, name)
    )
    paused = config.paused or any(one.paused for one in orders.values())
    return replace(config, paused=paused, packages=(*config.packages, *holds))


def _patterns(config: Config, name: str) -> tuple[str, ...]:
    """Return the patterns of the packages that an order is about; of a removed group none."""
    if group_named(name) is None:
        return (name,)
    return next((group.match for group in config.groups if group.lane == name), ())


def _with_target(row: Row, package: Package, own: PackageOrders) -> Row:
    """Return the row with the version that is wanted: wished, accepted, or none if ignored."""
    wished = own.wish.target if own.wish else None
    if wished and is_greater(wished.version, package.version):
        return replace(row, target=_accepted_target(wished, own))
    if row.target is None:
        return row
    ignore = own.ignores(row.target.version)
    if ignore is None:
        return replace(row, target=_accepted_target(row.target, own))
    reason = Reason(ReasonCode.IGNORED, f"{row.target.version}, by {ignore.issued.login}")
    return replace(row, target=None, reason=reason)


def _revert_in_force(revert: Revert | None, package: Package, own: PackageOrders) -> Revert | None:
    """Return the merge that people reverted, unless somebody asked for a bump since.

    Who asked for an older version than was merged wants that one, and no newer one after it.
    """
    wish = own.wish
    if revert is None or wish is None or revert.proposed.number not in wish.despite:
        return revert
    if wish.target is None or not is_greater(revert.proposed.version, wish.target.version):
        return None
    return None if is_greater(wish.target.version, package.version) else revert


def _accepted_opened(opened: Opened | None, own: PackageOrders) -> Opened | None:
    if opened is None:
        return None
    seen = _accepted_sighting(opened.sighting, own)
    return Opened(_accepted_target(opened.target, own), seen)


def _accepted_target(target: Candidate, own: PackageOrders) -> Candidate:
    """Return the target at the commit that a person accepted for its name."""
    accepted = next((a for a in own.accepted if a.name == target.release.name), None)
    if accepted is None:
        return target
    return replace(target, release=replace(target.release, commit=accepted.commit))


def _accepted_sighting(seen: Sighting | None, own: PackageOrders) -> Sighting | None:
    """Return an accepted move as the first sighting of the name."""
    if seen is None or seen.moved_to is None or not own.accepts(seen.first.name, seen.moved_to):
        return seen
    return Sighting(_accepted_observation(seen.first, own), None)


def _accepted_observation(first: Observation, own: PackageOrders) -> Observation:
    """Return the observation that counts: where a move was accepted, its age counts from then."""
    accepted = next((a for a in own.accepted if a.name == first.name), None)
    if accepted is None:
        return first
    return Observation(first.name, accepted.commit, None, max(accepted.issued.at, first.first_seen))


def _without_spent(
    history: Sequence[Proposed], orders: Iterable[PackageOrders]
) -> tuple[Proposed, ...]:
    """Drop closed pull requests that ended before a wish; what a person had closed, they closed."""
    despite, closed = set[int](), set[int]()
    for one in orders:
        despite.update(one.wish.despite if one.wish else ())
        closed.update([one.closing.number] if one.closing else ())
    kept = [past for past in history if past.state == "open" or past.number not in despite]
    return tuple(
        replace(past, state="closed-by-person")
        if past.number in closed and past.state == "withdrawn"
        else past
        for past in kept
    )
