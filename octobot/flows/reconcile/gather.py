"""Gather what a group's decision rests on."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from octobot.flows.orders import counted, lockstep, sighted, steered, with_target
from octobot.flows.ownership import STANDING, is_of, is_over
from octobot.flows.reconcile.pr_limits import opened_lately
from octobot.flows.seams.seams import World
from octobot.flows.settings import configured
from octobot.flows.view import GroupView, Peer
from octobot.model.bump import Proposed
from octobot.model.config import LANE, Config, Group
from octobot.model.ids import Key
from octobot.model.memory import Row
from octobot.model.package import Package
from octobot.model.pull_request import PullRequest
from octobot.model.steering import UNSTEERED, Steering
from octobot.policy.config.groups import is_member


@dataclass(frozen=True, slots=True)
class Company:
    """A group with the rows of its packages, as the store has them."""

    group: Group | None
    """None: the repository's file does not have it any more."""
    rows: tuple[Row, ...]
    """Of all packages whose names match, begun; by name."""
    former: tuple[Row, ...]
    """Of packages that an open proposal has, and the group no more: their own lanes' business."""
    peers: tuple[Peer, ...]
    history: tuple[Proposed, ...]
    orders: Mapping[str, Steering]
    """Package, or the group's lane → what people ordered about it."""


async def begin_all(world: World, key: Key, config: Config, *, now: datetime) -> Company:
    """Begin work on every package of a group."""
    group = next((group for group in config.groups if group.lane == key.package), None)
    names = await _names(world, group)
    begun = [await world.store.begin(Key(key.repository, name), now=now) for name in names]
    rows = tuple(row for row in begun if row)
    history = await world.store.proposed(world.watched.id, key.package)
    former = _former(history, names)
    orders = lockstep(await world.store.steered(world.watched.id, [key.package, *names]), names)
    peers = [await _peer(world, row, orders.get(row.key.package, UNSTEERED)) for row in rows]
    return Company(
        group=group,
        rows=rows,
        former=await world.store.some_rows(world.watched.id, former) if former else (),
        peers=tuple(peer for peer in peers if peer),
        history=history,
        orders=orders,
    )


async def rows_of(world: World, key: Key) -> tuple[Row, ...]:
    """Give the rows that a lane is about: of one package, or of all that a group has."""
    if not key.package.startswith(LANE):
        row = await world.store.row(key)
        return (row,) if row else ()
    config = (await configured(world)).config
    groups = config.groups if isinstance(config, Config) else ()
    group = next((group for group in groups if group.lane == key.package), None)
    return await world.store.some_rows(world.watched.id, await _names(world, group))


async def look_at(world: World, key: Key, config: Config, company: Company) -> GroupView:
    """Look at what there is of a group on GitHub."""
    everyone = await world.github.open_pulls()
    ours = (pull for pull in everyone if is_of(world, key.package, pull))
    names = [row.key.package for row in company.rows]
    return GroupView(
        group=company.group,
        peers=company.peers,
        config=steered(config, company.orders, world.clock()),
        history=counted(company.history, tuple(company.orders.values())),
        pulls=tuple(pull for pull in ours if not is_over(company.history, pull)),
        singles=await _singles(world, names, everyone),
        open_pulls=sum(pull.author == world.bot for pull in everyone),
        new_pulls=await opened_lately(world, config),
    )


async def _names(world: World, group: Group | None) -> Sequence[str]:
    if group is None:
        return ()
    known = await world.store.blobs(world.watched.id)
    packages = (path.removesuffix(".yaml") for path in known)
    return sorted(name for name in packages if is_member(group, name))


def _former(history: Iterable[Proposed], names: Sequence[str]) -> Sequence[str]:
    standing = (p for p in history if p.state in STANDING)
    paths = {path for proposed in standing for path in proposed.expected}
    return sorted({path.removesuffix(".yaml") for path in paths}.difference(names))


async def _peer(world: World, row: Row, steering: Steering) -> Peer | None:
    """Read a package; None when it is not kept current at all."""
    package, seen = world.reader.read(row.path, row.blob, row.text), None
    if isinstance(package, Package) and not package.update.enabled:
        return None
    wanted = with_target(row, package, steering)
    if wanted.upstream and wanted.target:
        seen = await world.store.sighting(wanted.upstream, wanted.target.release.name)
    return Peer(wanted, package, sighted(seen, steering))


async def _singles(
    world: World, names: Sequence[str], everyone: Sequence[PullRequest]
) -> tuple[PullRequest, ...]:
    """Find the pull requests that octobot made for one package, before it was in the group."""
    found = []
    for name in names:
        for pull in (pull for pull in everyone if is_of(world, name, pull)):
            history = await world.store.proposed(world.watched.id, name)
            heads = await world.store.heads(world.watched.id, pull.branch)
            if pull.head in heads and not is_over(history, pull):
                found.append(pull)
    return tuple(found)
