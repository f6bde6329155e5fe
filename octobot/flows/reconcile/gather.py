"""Gather what a change's decision rests on: the store first, then GitHub, people's orders last."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from octobot.flows.orders import counted, lockstep, sighted, steered, with_target
from octobot.flows.ownership import STANDING, is_of, is_over
from octobot.flows.reconcile.pr_limits import opened_lately
from octobot.flows.seams.seams import World
from octobot.flows.settings import configured
from octobot.flows.view import Change, Found, View
from octobot.model.bump import Proposed
from octobot.model.config import Config, Group
from octobot.model.ids import Key
from octobot.model.memory import Row
from octobot.model.package import Package
from octobot.model.pull_request import PullRequest
from octobot.model.reasons import Reason
from octobot.model.steering import UNSTEERED, Steering
from octobot.policy.config.groups import is_member


async def begin(world: World, key: Key, config: Config | None, *, now: datetime) -> Change:
    """Begin work on every package that may be a member; `config` is needed of a group only."""
    group = _group(config, key)
    names = await _names(world, group) if key.group else [key.package]
    begun = [await world.store.begin(Key(key.repository, name), now=now) for name in names]
    ledger = await world.store.proposed(world.watched.id, key.package)
    former = _former(ledger, names) if key.group else ()
    steered_by = await world.store.steered(world.watched.id, list({key.package, *names}))
    orders = lockstep(steered_by, names)
    rows = tuple(row for row in begun if row)
    members = [await _member(world, key, row, orders) for row in rows]
    return Change(
        key=key,
        group=group,
        rows=rows,
        members=tuple(member for member in members if member),
        former=await world.store.some_rows(world.watched.id, former) if former else (),
        ledger=ledger,
        orders=orders,
    )


async def rows_of(world: World, key: Key) -> tuple[Row, ...]:
    """Return the rows that a lane is about: of one package, or of all that a group has."""
    if key.group is None:
        row = await world.store.row(key)
        return (row,) if row else ()
    config = (await configured(world)).config
    group = _group(config if isinstance(config, Config) else None, key)
    return await world.store.some_rows(world.watched.id, await _names(world, group))


async def gather(world: World, change: Change, config: Config | Reason) -> View:
    """Look at what there is of a change on GitHub; what people ordered is laid over all of it."""
    everyone = await world.github.pulls.list_open()
    name, orders = change.key.package, tuple(change.orders.values())
    history = tuple(proposed for proposed in change.ledger if proposed.package == name)
    others = (proposed for proposed in change.ledger if proposed.package != name)
    ours = (pull for pull in everyone if is_of(world, name, pull))
    return View(
        key=change.key,
        group=change.group,
        members=change.members,
        config=steered(config, change.orders, world.clock()),
        history=counted(history, orders),
        pulls=tuple(pull for pull in ours if not is_over(history, pull)),
        open_pulls=sum(pull.author == world.bot for pull in everyone),
        new_pulls=await opened_lately(world, config),
        singles=await _singles(world, change, everyone),
        left=tuple(proposed for proposed in others if proposed.state in STANDING),
    )


def _group(config: Config | None, key: Key) -> Group | None:
    groups = config.groups if config else ()
    return next((group for group in groups if group.lane == key.package), None)


async def _names(world: World, group: Group | None) -> Sequence[str]:
    if group is None:
        return ()
    known = await world.store.blobs(world.watched.id)
    packages = (path.removesuffix(".yaml") for path in known)
    return sorted(name for name in packages if is_member(group, name))


def _former(ledger: Iterable[Proposed], names: Sequence[str]) -> Sequence[str]:
    standing = (p for p in ledger if p.state in STANDING)
    paths = {path for proposed in standing for path in proposed.expected}
    return sorted({path.removesuffix(".yaml") for path in paths}.difference(names))


async def _member(world: World, key: Key, row: Row, orders: Mapping[str, Steering]) -> Found | None:
    """Read a package; None for one of a group that is not kept current at all."""
    package, seen = world.reader.read(row.path, row.blob, row.text), None
    own = orders.get(row.key.package, UNSTEERED)
    if key.group and isinstance(package, Package) and not package.update.enabled:
        return None
    wanted = with_target(row, package, own)
    if wanted.upstream and wanted.target:
        seen = await world.store.sighting(wanted.upstream, wanted.target.release.name)
    return Found(wanted, package, sighted(seen, own))


async def _singles(
    world: World, change: Change, everyone: Sequence[PullRequest]
) -> tuple[PullRequest, ...]:
    """Find the pull requests that octobot made for one package, before it was in the group."""
    found = []
    for name in (row.key.package for row in change.rows if change.key.group):
        for pull in (pull for pull in everyone if is_of(world, name, pull)):
            history = await world.store.proposed(world.watched.id, name)
            heads = await world.store.heads(world.watched.id, pull.branch)
            if pull.head in heads and not is_over(history, pull):
                found.append(pull)
    return tuple(found)
