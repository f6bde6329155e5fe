"""Gather what a change's decision rests on: the store first, then GitHub, people's orders last."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from octobot.flows.context import RepoContext
from octobot.flows.land.urgency import overtakes
from octobot.flows.lookup.published import published
from octobot.flows.ordered_steps import Orders
from octobot.flows.orders import apply_orders, apply_to_versions, orders_for, possible_targets
from octobot.flows.ownership import is_of, is_over, made_head, unfinished, version_of
from octobot.flows.reconcile.decide import DAY
from octobot.flows.reconcile.members import next_version
from octobot.flows.reconcile.open_pulls import kept_open, newest_open
from octobot.flows.reconcile.reverts import with_revert
from octobot.flows.settings import configured
from octobot.flows.view import Change, Found, Member, Opened, View
from octobot.model.bump import Proposed
from octobot.model.config import Config, Group
from octobot.model.ids import Key
from octobot.model.memory import Row, Sighting
from octobot.model.package import Package
from octobot.model.pull_request import PullRequest
from octobot.model.reasons import Reason
from octobot.model.release import Candidate
from octobot.model.version import order_key
from octobot.policy.config.groups import is_member
from octobot.policy.config.read import for_package


async def begin(ctx: RepoContext, key: Key, config: Config | None, *, now: datetime) -> Change:
    """Begin work on every package that may be a member; `config` is needed of a group only."""
    group = _group(config, key)
    names = await _names(ctx, group) if key.group else [key.package]
    begun = [await ctx.store.packages.begin(Key(key.repository, name), now=now) for name in names]
    ledger = await ctx.store.ledger.proposed(ctx.watched.id, key.package)
    former = _former(ledger, names) if key.group else ()
    return Change(
        key=key,
        group=group,
        packages=tuple(
            Found(row, ctx.reader.read(row.path, row.blob, row.text)) for row in begun if row
        ),
        former=await ctx.store.packages.some_rows(ctx.watched.id, former) if former else (),
        ledger=ledger,
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
    """Gather what there is of a change on GitHub, and apply people's orders to all of it."""
    name = change.key.package
    history = tuple(proposed for proposed in change.ledger if proposed.package == name)
    others = (proposed for proposed in change.ledger if proposed.package != name)
    orders = await orders_for(ctx, name, group=[row.key.package for row in change.rows])
    everyone = await _everyone(ctx, change, history, orders)
    lone = await _proposed_alone(ctx, change, everyone)
    pulls, now = _open_pulls(ctx, name, history, everyone), ctx.clock()
    opened = newest_open(history, pulls)
    stuck = await ctx.store.stuck.of(ctx.watched.id, [one.name for one in change.members])
    view = View(
        key=change.key,
        group=change.group,
        members=tuple([await _known(ctx, change, one, orders, opened) for one in change.members]),
        config=config,
        history=history,
        pulls=pulls,
        open_pulls=sum(pull.author == ctx.bot for pull in everyone),
        new_pulls=await _opened_lately(ctx, config),
        opened_today=_opened_today(history, now),
        lone_pulls=lone[0],
        lone_proposals=lone[1],
        of_former_groups=unfinished(others),
        stuck=stuck,
        versions={one: apply_to_versions(one, orders) for one in stuck},
    )
    view = apply_orders(view, orders, change.packages, now=now)
    return replace(view, urgent=await _is_urgent(ctx, view))


async def _everyone(
    ctx: RepoContext, change: Change, history: Sequence[Proposed], orders: Orders
) -> Sequence[PullRequest]:
    """Return all open pull requests: as remembered, where the ledger has the same of this change.

    A person may reopen what was closed, and what was ordered is about a certain head: both are
    looked for on GitHub, and so is all that a group may have.
    """
    known = ctx.github.pulls.recall_open()
    name = change.key.package
    plain = change.key.group is None and not change.former and not orders.get(name)
    if known is None or not plain or not _is_same(history, _open_pulls(ctx, name, (), known)):
        return await ctx.github.pulls.list_open()
    return known


def _is_same(history: Sequence[Proposed], pulls: Sequence[PullRequest]) -> bool:
    """Return whether exactly these are open by the ledger, too, and nothing else ever ended."""
    opened = [past for past in history if past.state == "open"]
    settled = all(past.state in ("open", "merged") and not past.renews for past in history)
    listed = {(pull.number, pull.head) for pull in pulls}
    return settled and {(past.number, past.head) for past in opened} == listed


def _open_pulls(
    ctx: RepoContext, name: str, history: Sequence[Proposed], everyone: Sequence[PullRequest]
) -> tuple[PullRequest, ...]:
    own = (pull for pull in everyone if is_of(ctx, name, pull))
    return tuple(pull for pull in own if not is_over(history, pull))


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
    paths = {path for proposed in unfinished(ledger) for path in proposed.expected}
    return sorted({path.removesuffix(".yaml") for path in paths}.difference(names))


async def _opened_lately(ctx: RepoContext, config: Config | Reason) -> int:
    """Count what was opened within the last hour, where the repository's file limits that.

    Other processes may open more meanwhile; who begins to open one counts again, under a lock.
    """
    if isinstance(config, Reason) or config.new_pull_requests_per_hour is None:
        return 0
    return await ctx.store.ledger.opened_since(ctx.watched.id, ctx.clock() - timedelta(hours=1))


def _opened_today(history: Sequence[Proposed], now: datetime) -> tuple[datetime, ...]:
    """Return when pull requests for newer versions were opened within the last day."""
    opened = (past.at for past in history if past.number and not past.is_rebuild)
    return tuple(sorted((at for at in opened if at > now - DAY), reverse=True))


async def _is_urgent(ctx: RepoContext, view: View) -> bool:
    """Return whether a newer version fixes what the one that is open has."""
    readable = [Member(m.row, m.package) for m in view.members if isinstance(m.package, Package)]
    wanted = max((next_version(member) for member in readable), key=order_key, default=None)
    kept = kept_open(view, wanted) if wanted else None
    config = view.config
    if kept is None or isinstance(config, Reason):
        return False
    for package, before, after in _overtaken(kept[1], readable):
        if await overtakes(ctx, package, for_package(config, package.name), before, after):
            return True
    return False


def _overtaken(
    kept: Sequence[Member], newest: Sequence[Member]
) -> Iterator[tuple[Package, Candidate, Candidate]]:
    """Yield each package with the release that is open, where a newer one is there, and that."""
    newer = {member.package.name: member.row.target for member in newest}
    for member in kept:
        before, after = member.row.target, newer[member.package.name]
        if before and after and before != after:
            yield member.package, before, after


async def _known(
    ctx: RepoContext, change: Change, found: Found, orders: Orders, pull: PullRequest | None
) -> Found:
    """Add what the store and GitHub know about a package."""
    ledger = change.ledger
    if change.key.group:  # whose own rows are not those of its packages before they were in it
        ledger = await ctx.store.ledger.proposed(ctx.watched.id, found.name)
    return await with_revert(ctx, await _sighted(ctx, found, orders, pull), ledger)


async def _sighted(
    ctx: RepoContext, found: Found, orders: Orders, pull: PullRequest | None
) -> Found:
    """Look up what was ever seen of each name that may be the package's target, or is open."""
    upstream = found.row.upstream
    if upstream is None:
        return found
    seen: dict[str, Sighting] = {}
    for target in possible_targets(found.row, orders):
        sighting = await ctx.store.sightings.find(upstream, target.release.name)
        if sighting:
            seen[target.release.name] = sighting
    return replace(found, sightings=seen, opened=await _opened(ctx, found, pull))


async def _opened(ctx: RepoContext, found: Found, pull: PullRequest | None) -> Opened | None:
    """Look up the release that is open, where that is not the target; None: it is, or is gone."""
    row, package = found.row, found.package
    if isinstance(package, Reason) or row.upstream is None or row.target is None or pull is None:
        return None
    version = version_of(pull)
    if row.upstream.kind == "branch" or row.target.version == version:
        return None
    target = await published(ctx, row, package, version)
    if target is None:
        return None
    return Opened(target, await ctx.store.sightings.find(row.upstream, target.release.name))


async def _proposed_alone(
    ctx: RepoContext, change: Change, everyone: Sequence[PullRequest]
) -> tuple[tuple[PullRequest, ...], tuple[Proposed, ...]]:
    """Return what octobot made for single members of a group, before they were in it.

    That is the open pull requests, and what the ledger has open beyond them.
    """
    pulls: list[PullRequest] = []
    proposals: list[Proposed] = []
    for row in change.rows if change.key.group else ():
        name = row.key.package
        known = await ctx.store.ledger.proposed(ctx.watched.id, name)
        history = [past for past in known if past.package == name]
        for pull in _open_pulls(ctx, name, history, everyone):
            pulls += [pull] if await made_head(ctx, pull) else []
        branches = {pull.branch for pull in everyone if is_of(ctx, name, pull)}
        proposals += [past for past in unfinished(history) if past.branch not in branches]
    return tuple(pulls), tuple(proposals)
