"""Gather all that a verdict rests on, and judge: first what is cheap, then what upstreams say.

Every package of a pull request has a snapshot of its own.  The upstreams are asked only when
nothing else keeps it from being merged.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import timedelta

from octobot.datasources.gomod_strict import agreed
from octobot.flows.context import RepoContext
from octobot.flows.diagnose.apply import without_fixes
from octobot.flows.land.confirm import confirmed, is_base, may_be_left, on_outline
from octobot.flows.land.predecessors import is_reopened, replaced_by
from octobot.flows.land.urgency import urgency_of
from octobot.flows.lookup.drive import answer, commit_of
from octobot.flows.lookup.published import as_proposed
from octobot.flows.lookup.second_source import unconfirmed
from octobot.flows.lookup.source import repository_url
from octobot.flows.orders import (
    apply_to_snapshots,
    ordered_members,
    orders_for,
)
from octobot.flows.ownership import package_of, version_of
from octobot.flows.settings import configured
from octobot.flows.view import Member
from octobot.model.config import Config
from octobot.model.errors import UserError
from octobot.model.ids import PullNumber, Sha
from octobot.model.memory import Row
from octobot.model.package import Package
from octobot.model.pull_request import PullRequest, PullState
from octobot.model.reasons import Reason, ReasonCode
from octobot.model.release import Observation
from octobot.model.verdict import FinalCheck, Jump, Memory, Outcome, Snapshot, Verdict
from octobot.policy.checks import names_a_status
from octobot.policy.config.read import for_package
from octobot.policy.final_check import (
    base_is_doubted,
    final_check_is_next,
    mergeable_is_next,
    urgency_is_next,
)
from octobot.policy.judge import judge_change
from octobot.specs.bump.changes import unexpected_changes
from octobot.specs.bump.dropped_overrides import dropped
from octobot.specs.bump.pins import verify
from octobot.specs.select.jump import jump

SECOND = timedelta(seconds=1)
"""What GitHub's `Date` leaves out: it may be that much later there than it says."""

Adding = Callable[[RepoContext, Package, Snapshot], Awaitable[Snapshot]]


async def judge(
    ctx: RepoContext,
    members: Sequence[Member],
    pull: PullRequest,
    config: Config | Reason,
    *,
    statuses: bool = False,
) -> tuple[Sequence[Snapshot], Verdict]:
    """Judge every package of a pull request; return each one's snapshot, and the one verdict.

    Each is judged as it is proposed: an upstream may have published a newer version since.
    `statuses` are read where the repository's file names one, or always.
    """
    statuses = statuses or names_a_status(config)
    members = [await as_proposed(ctx, member, version_of(pull)) for member in members]
    snapshots = await _gather(ctx, members, pull, config, statuses=statuses)
    verdict = judge_change(snapshots)
    if any(mergeable_is_next(snapshot, verdict) for snapshot in snapshots):
        snapshots = await _with_mergeable(ctx, snapshots)
        verdict = judge_change(snapshots)
    if any(urgency_is_next(snapshot, verdict) for snapshot in snapshots):
        snapshots = await _each(ctx, members, snapshots, _with_urgency)
        verdict = judge_change(snapshots)
    if final_check_is_next(verdict) or base_is_doubted(verdict):
        snapshots = on_outline(await ctx.github.trees.outline(), members, snapshots)
        verdict = judge_change(snapshots)
    if final_check_is_next(verdict):
        snapshots = await _each(ctx, members, snapshots, _with_final_check)
        verdict = judge_change(snapshots)
    if verdict.outcome is Outcome.MERGE:
        snapshots = await confirmed(ctx, members, snapshots)
        verdict = judge_change(snapshots)
    return snapshots, verdict


async def _gather(
    ctx: RepoContext,
    members: Sequence[Member],
    pull: PullRequest,
    config: Config | Reason,
    *,
    statuses: bool,
) -> list[Snapshot]:
    """Gather the snapshot of each package; people's orders are applied last."""
    ctx.github.trees.know_texts(member.row.text for member in members)
    older = await replaced_by(ctx, members, pull)
    left = await may_be_left(ctx, pull.number, config)
    state = await ctx.github.snapshots.state(
        pull.number, older, statuses=statuses, rules_fresh=False, left=left
    )
    snapshots = [await _snapshot(ctx, member.row, state, config) for member in members]
    names = (member.package.name for member in members)
    orders = await orders_for(ctx, package_of(pull), *names)
    return apply_to_snapshots(snapshots, members, orders, now=ctx.clock())


async def _with_mergeable(ctx: RepoContext, snapshots: Sequence[Snapshot]) -> list[Snapshot]:
    """Give GitHub the time to compute whether it can merge."""
    pull = await ctx.github.pulls.computed(snapshots[0].state.pull)
    states = [replace(s.state, pull=pull, behind=s.state.behind or pull.behind) for s in snapshots]
    return [replace(one, state=state) for one, state in zip(snapshots, states, strict=True)]


async def _each(
    ctx: RepoContext, members: Sequence[Member], snapshots: Sequence[Snapshot], add: Adding
) -> list[Snapshot]:
    pairs = zip(members, snapshots, strict=True)
    return [await add(ctx, member.package, snapshot) for member, snapshot in pairs]


async def _with_urgency(ctx: RepoContext, package: Package, snapshot: Snapshot) -> Snapshot:
    urgency = await urgency_of(ctx, package, snapshot)
    return replace(snapshot, memory=replace(snapshot.memory, urgency=urgency))


async def _with_final_check(ctx: RepoContext, package: Package, snapshot: Snapshot) -> Snapshot:
    check = await _final_check(ctx, package, snapshot)
    return replace(snapshot, memory=replace(snapshot.memory, final_check=check))


async def _snapshot(
    ctx: RepoContext, row: Row, state: PullState, config: Config | Reason
) -> Snapshot:
    proposals = await ctx.store.ledger.proposed(ctx.watched.id, row.key.package)
    proposed = next((p for p in proposals if p.branch == state.pull.branch), None)
    if proposed and is_reopened(proposed, state):
        proposed = replace(proposed, state="open")
    observation = await _observation(ctx, row)
    now = ctx.clock()
    bare, suggested = await without_fixes(ctx, state)
    memory = Memory(
        # A group has one row for all of its packages.
        proposed=proposed and replace(proposed, package=row.key.package),
        ledger=await ctx.store.ledger.heads(ctx.watched.id, state.pull.branch),
        observation=observation,
        tag_now=await _tag_now(ctx, row, observation),
        base_unchanged=is_base(row.path, state, row.blob),
        merging_halted=await ctx.store.repositories.merging_halted(ctx.watched.id),
        fixes=suggested,
        tries=await ctx.store.merge_tries.of_pull(ctx.watched.id, state.pull.number),
    )
    return Snapshot(
        watched=ctx.watched,
        state=state,
        memory=memory,
        config=config,
        unexpected=_unexpected(bare),
        bot=ctx.bot,
        app=ctx.app,
        now=min(now, state.at + SECOND if state.at else now),
        jump=_jump(row.path, state),
    )


def _unexpected(state: PullState) -> tuple[str, ...]:
    """Name every field that differs outside the allow-list, over all changed files."""
    return tuple(
        field
        for change in state.changes
        for field in unexpected_changes(change.path, change.before or "", change.after or "")
    )


def _jump(path: str, state: PullState) -> Jump | None:
    """Return how far the package's own file goes; None when that is not known."""
    jumps = [
        jump(path, change.before or "", change.after or "")
        for change in state.changes
        if change.path == path
    ]
    return jumps[0] if len(jumps) == 1 else None


async def _observation(ctx: RepoContext, row: Row) -> Observation | None:
    if row.upstream is None or row.target is None:
        return None
    seen = await ctx.store.sightings.find(row.upstream, row.target.release.name)
    return seen.first if seen else None


async def _tag_now(ctx: RepoContext, row: Row, observation: Observation | None) -> Sha | None:
    """Ask git where the target's tag points now: a second way beside the API that found it."""
    if row.upstream is None or observation is None:
        return None
    if row.upstream.kind == "branch":
        return observation.commit  # the head of a branch moves by nature
    url = repository_url(row.upstream)
    if url is None:
        return None
    now = await commit_of(url, f"refs/tags/{observation.name}", ctx.upstreams)
    return Sha(now) if now else None


async def _final_check(ctx: RepoContext, package: Package, snapshot: Snapshot) -> FinalCheck:
    """Look up what the proposed text pins, and ask the second source, at this moment."""
    proposed, config = snapshot.memory.proposed, snapshot.config
    texts = [
        (change.before, change.after)
        for change in snapshot.state.changes
        if change.path == package.path
    ]
    before, after = texts[0] if len(texts) == 1 else (None, None)
    if proposed is None or isinstance(config, Reason) or before is None or after is None:
        unknown = Reason(ReasonCode.PIN_UNRESOLVED, "the proposed text is not known")
        return FinalCheck(pins=unknown, second_source=unknown, overrides=unknown)
    return FinalCheck(
        pins=await answer(verify(package.path, after), ctx.upstreams),
        second_source=await unconfirmed(
            ctx, package, for_package(config, package.name), proposed.version
        ),
        # Pruning believed one reader of `go.mod`; what a merge rests on has two.
        overrides=await answer(dropped(package.path, before, after), ctx.upstreams, reading=agreed),
    )


async def gather_snapshots(ctx: RepoContext, name: str) -> Sequence[Snapshot]:
    """Return the snapshot of each package in the open pull request of this one; write nothing."""
    history = await ctx.store.ledger.proposed(ctx.watched.id, name)
    proposed = next((each for each in history if each.state == "open" and each.number), None)
    if proposed is None or proposed.number is None:
        raise UserError(f"octobot has no open pull request for {name}")
    names = [path.removesuffix(".yaml") for path, _ in proposed.files] or [name]
    members = await ordered_members(ctx, await ctx.store.packages.some_rows(ctx.watched.id, names))
    if len(members) != len(names):
        raise UserError(f"a spec of #{proposed.number} cannot be read: {', '.join(names)}")
    pull = await ctx.github.pulls.get(PullNumber(proposed.number))
    settings = await configured(ctx, fresh=True)
    # Another file, which is tried on these snapshots, may name a status.
    snapshots, _ = await judge(ctx, members, pull, settings.config, statuses=True)
    return snapshots
