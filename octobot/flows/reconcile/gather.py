"""Gather what a change's decision rests on: the store first, then GitHub, people's orders last."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from octobot.flows.context import RepoContext
from octobot.flows.orders import counted, lockstep, sighted, steered, with_target
from octobot.flows.ownership import is_of, is_over, made_head, standing
from octobot.flows.reconcile.pr_limits import opened_lately
from octobot.flows.settings import configured
from octobot.flows.view import Change, Found, View
from octobot.model.bump import Proposed
from octobot.model.config import Config, Group
from octobot.model.ids import Key
from octobot.model.memory import Row
from octobot.model.orders import NO_ORDERS, PackageOrders
from octobot.model.package import Package
from octobot.model.pull_request import PullRequest
from octobot.model.reasons import Reason
from octobot.policy.config.groups import is_member


async def begin(ctx: RepoContext, key: Key, config: Config | None, *, now: datetime) -> Change:
    """Begin work on every package that may be a member; `config` is needed of a group only."""
    group = _group(config, key)
    names = await _names(ctx, group) if key.group else [key.package]
    begun = [await ctx.store.packages.begin(Key(key.repository, name), now=now) for name in names]
    ledger = await ctx.store.ledger.proposed(ctx.watched.id, key.package)
    former = _former(ledger, names) if key.group else ()
    steered_by = await ctx.store.orders.by_package(ctx.watched.id, list({key.package, *names}))
    orders = lockstep(steered_by, names)
    rows = tuple(row for row in begun if row)
    members = [await _member(ctx, key, row, orders) for row in rows]
    return Change(
        key=key,
        group=group,
        rows=rows,
        members=tuple(member for member in members if member),
        former=await ctx.store.packages.some_rows(ctx.watched.id, former) if former else (),
        ledger=ledger,
        orders=orders,
    )


async def rows_of(ctx: RepoContext, key: Key) -> tuple[Row, ...]:
    """Return the rows that a lane is about: of one package, or of all that a group has."""
    if key.group is None:
        row = await ctx.store.packages.row(key)
        return (row,) if row else ()
    config = (await configured(ctx)).config
    group = _group(config if isinstance(config, Config) else None, key)
    return await ctx.store.packages.some_rows(ctx.watched.id, await _names(ctx, group))


async def gather(ctx: RepoContext, change: Change, config: Config | Reason) -> View:
    """Look at what there is of a change on GitHub; what people ordered is laid over all of it."""
    everyone = await ctx.github.pulls.list_open()
    name, orders = change.key.package, tuple(change.orders.values())
    history = tuple(proposed for proposed in change.ledger if proposed.package == name)
    others = (proposed for proposed in change.ledger if proposed.package != name)
    ours = (pull for pull in everyone if is_of(ctx, name, pull))
    singles, alone = await _alone(ctx, change, everyone)
    return View(
        key=change.key,
        group=change.group,
        members=change.members,
        config=steered(config, change.orders, ctx.clock()),
        history=counted(history, orders),
        pulls=tuple(pull for pull in ours if not is_over(history, pull)),
        open_pulls=sum(pull.author == ctx.bot for pull in everyone),
        new_pulls=await opened_lately(ctx, config),
        singles=singles,
        alone=alone,
        left=standing(others),
    )


def _group(config: Config | None, key: Key) -> Group | None:
    groups = config.groups if config else ()
    return next((group for group in groups if group.lane == key.package), None)


async def _names(ctx: RepoContext, group: Group | None) -> Sequence[str]:
    if group is None:
        return ()
    known = await ctx.store.specs.blobs(ctx.watched.id)
    packages = (path.removesuffix(".yaml") for path in known)
    return sorted(name for name in packages if is_member(group, name))


def _former(ledger: Iterable[Proposed], names: Sequence[str]) -> Sequence[str]:
    paths = {path for proposed in standing(ledger) for path in proposed.expected}
    return sorted({path.removesuffix(".yaml") for path in paths}.difference(names))


async def _member(
    ctx: RepoContext, key: Key, row: Row, orders: Mapping[str, PackageOrders]
) -> Found | None:
    """Read a package; None for one of a group that is not kept current at all."""
    package, seen = ctx.reader.read(row.path, row.blob, row.text), None
    own = orders.get(row.key.package, NO_ORDERS)
    if key.group and isinstance(package, Package) and not package.update.enabled:
        return None
    wanted = with_target(row, package, own)
    if wanted.upstream and wanted.target:
        seen = await ctx.store.sightings.find(wanted.upstream, wanted.target.release.name)
    return Found(wanted, package, sighted(seen, own))


async def _alone(
    ctx: RepoContext, change: Change, everyone: Sequence[PullRequest]
) -> tuple[tuple[PullRequest, ...], tuple[Proposed, ...]]:
    """Find what octobot made for one package, before it was in the group.

    Returns the open pull requests, and what the ledger has standing beyond them.
    """
    pulls: list[PullRequest] = []
    ledger: list[Proposed] = []
    for name in (row.key.package for row in change.rows if change.key.group):
        known = await ctx.store.ledger.proposed(ctx.watched.id, name)
        history = [past for past in known if past.package == name]
        shown = [pull for pull in everyone if is_of(ctx, name, pull)]
        mine = [pull for pull in shown if not is_over(history, pull)]
        pulls += [pull for pull in mine if await made_head(ctx, pull)]
        branches = {pull.branch for pull in shown}
        ledger += [past for past in standing(history) if past.branch not in branches]
    return tuple(pulls), tuple(ledger)
