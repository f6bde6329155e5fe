"""What people ordered, laid over what is gathered: pure, so that a decision sees values only.

An order changes what is looked at and never what is decided from it: a hold is a rule of the
settings more, a wished version is the target, an ignored one is none.  Orders end by themselves:
when their time is over, their head commit moved, or the spec has what they asked for.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from octobot.model.bump import Proposed
from octobot.model.config import Config, Group, PackageRule
from octobot.model.ids import Sha, group_named
from octobot.model.memory import Row, Sighting
from octobot.model.orders import NO_ORDERS, Acceptance, Issued, PackageOrders, Rebuild, Waiver
from octobot.model.package import Package
from octobot.model.pull_request import PullRequest
from octobot.model.reasons import Reason, ReasonCode
from octobot.model.release import Candidate, Observation
from octobot.model.version import is_greater
from octobot.policy.config.command_levels import level_for, waived_rules
from octobot.policy.config.groups import group_of
from octobot.policy.config.read import for_package

needed = level_for
"""Whom a command needs at least; handed on to the commands, which know no policy."""

waived = waived_rules
"""Which rules `merge` waives for a person; handed on, too."""


def steered(
    config: Config | Reason, orders: Mapping[str, PackageOrders], now: datetime
) -> Config | Reason:
    """Lay pauses and holds over the settings: package, or group's lane → what was ordered."""
    if isinstance(config, Reason):
        return config
    holds = tuple(
        PackageRule(match=pattern, hold=f"{by(hold.issued)}: {hold.reason}")
        for name, one in sorted(orders.items())
        if name and (hold := one.hold) and hold.is_active(now)
        for pattern in _patterns(config, name)
    )
    paused = config.paused or any(one.paused for one in orders.values())
    return replace(config, paused=paused, packages=(*config.packages, *holds))


def _patterns(config: Config, name: str) -> tuple[str, ...]:
    """Give the patterns of the packages that an order is about; none of a group that is gone."""
    if group_named(name) is None:
        return (name,)
    return next((group.match for group in config.groups if group.lane == name), ())


def lockstep(
    orders: Mapping[str, PackageOrders], packages: Sequence[str]
) -> Mapping[str, PackageOrders]:
    """Let every package of a group ignore what one of them does: they move together."""
    own = [orders.get(package, NO_ORDERS) for package in packages]
    ignored = tuple(dict.fromkeys(ignore for one in own for ignore in one.ignored))
    both = {
        package: replace(one, ignored=ignored)
        for package, one in zip(packages, own, strict=True)
        if ignored or one is not NO_ORDERS
    }
    return {**orders, **both}


def with_target(row: Row, package: Package | Reason, steering: PackageOrders) -> Row:
    """Give the row with the version that is wanted: wished, accepted, or none that is ignored."""
    if isinstance(package, Reason):
        return row
    wished = steering.wish.target if steering.wish else None
    if wished and is_greater(wished.version, package.version):
        return replace(row, target=_accepted(wished, steering))
    ignore = steering.ignores(row.target.version) if row.target else None
    if row.target is None:
        return row
    if ignore is None:
        return replace(row, target=_accepted(row.target, steering))
    reason = Reason(ReasonCode.IGNORED, f"{row.target.version}, by {by(ignore.issued)}")
    return replace(row, target=None, reason=reason)


def _accepted(target: Candidate, steering: PackageOrders) -> Candidate:
    """Let a name stand for the commit that a person accepted for it."""
    accepted = next((a for a in steering.accepted if a.name == target.release.name), None)
    if accepted is None:
        return target
    return replace(target, release=replace(target.release, commit=accepted.commit))


def counted(history: Sequence[Proposed], orders: Sequence[PackageOrders]) -> tuple[Proposed, ...]:
    """Let closed pull requests stand against nothing that was asked for after they ended."""
    despite = {number for one in orders if one.wish for number in one.wish.despite}
    closed = {one.closing.number for one in orders if one.closing}
    kept = [past for past in history if past.state == "open" or past.number not in despite]
    return tuple(
        replace(past, state="closed-by-person")
        if past.number in closed and past.state == "withdrawn"
        else past
        for past in kept
    )


def sighted(seen: Sighting | None, steering: PackageOrders) -> Sighting | None:
    """Take an accepted move for the first sight of the name."""
    if seen is None or seen.moved_to is None:
        return seen
    accepted = steering.accepts(seen.first.name, seen.moved_to)
    return Sighting(observed(seen.first, steering), None) if accepted else seen


def observed(first: Observation, steering: PackageOrders) -> Observation:
    """Give the observation that counts: a person may have accepted that the name moved.

    Its age counts from then.
    """
    accepted = next((a for a in steering.accepted if a.name == first.name), None)
    if accepted is None:
        return first
    return Observation(first.name, accepted.commit, None, max(accepted.issued.at, first.first_seen))


def waiver_for(steering: PackageOrders, head: Sha) -> Waiver | None:
    """Give the waiver for exactly this head commit."""
    waiver = steering.waiver
    return waiver if waiver and waiver.head == head else None


def wanted_rebuild(package: Package, steering: PackageOrders) -> Rebuild | None:
    """Give the rebuild that is still to be made: of exactly the spec's full version."""
    rebuild = steering.rebuild
    return rebuild if rebuild and rebuild.of == package.full_version else None


def accepted_pins(package: Package, steering: PackageOrders) -> tuple[Acceptance, ...]:
    """Give the accepted moves of tags that the spec itself still pins at another commit."""
    return tuple(
        accepted
        for accepted in steering.accepted
        for pin in package.pins
        if pin.ref == f"refs/tags/{accepted.name}" and pin.commit != accepted.commit
    )


def package_of(pull: PullRequest) -> str:
    """Read a package's name, or a group's lane, out of a branch of ours; empty for others."""
    name, _, version = pull.branch.removeprefix("octobot/").rpartition("/")
    return name if pull.branch.startswith("octobot/") and version else ""


def by(issued: Issued) -> str:
    """Return the login of the person who issued an order."""
    return issued.login


def group_lane(config: Config | Reason, package: str) -> str | None:
    """Give the lane of the group that a package moves in; None: it moves alone."""
    if isinstance(config, Reason) or group_named(package):
        return None
    group = group_of(config, package)
    return group.lane if isinstance(group, Group) else None


def lane_named(config: Config | Reason, name: str) -> str | None:
    """Give the lane of the group of this name, which may be the lane's own."""
    groups = () if isinstance(config, Reason) else config.groups
    return next((group.lane for group in groups if name in (group.name, group.lane)), None)


def is_former(config: Config | Reason, name: str) -> bool:
    """Tell whether something is a group's lane, and the repository's file has no such group."""
    known = isinstance(config, Config)
    return known and group_named(name) is not None and lane_named(config, name) is None


def held_by_file(config: Config | Reason, package: str) -> str | None:
    """Say why the repository's file holds a package; None: it does not."""
    return None if isinstance(config, Reason) else for_package(config, package).hold


def paused_by_file(config: Config | Reason) -> bool:
    """Tell whether the repository's file pauses octobot."""
    return isinstance(config, Config) and config.paused
