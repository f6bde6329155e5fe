"""What is read once more right before a merge, past every cache: all but the texts and the pins.

The final check may have taken minutes, and a base that moved may have brought anything.
"""

from collections.abc import Sequence
from dataclasses import replace

from octobot.flows.context import RepoContext
from octobot.flows.land.predecessors import replaced_by
from octobot.flows.orders import apply_to_config, orders_for
from octobot.flows.ownership import package_of
from octobot.flows.settings import configured
from octobot.flows.view import Member
from octobot.github.repository.default_branch import Tip
from octobot.model.config import Config
from octobot.model.ids import PullNumber, Sha
from octobot.model.pull_request import Outline, PullState
from octobot.model.reasons import Reason
from octobot.model.verdict import Outcome, Snapshot
from octobot.policy.checks import names_a_status
from octobot.policy.judge import judge_change
from octobot.policy.rules import blob_id


async def still_merges(
    ctx: RepoContext,
    members: Sequence[Member],
    snapshots: Sequence[Snapshot],
    config: Config | Reason,
) -> bool:
    """Return whether the verdict is to merge on the base of this moment, too."""
    tip = await ctx.github.default_branch.read()
    if (await configured(ctx, files=tip.config_files)).config != config:
        return False
    snapshots = await _on(ctx, tip, members, snapshots)
    return judge_change(snapshots).outcome is Outcome.MERGE


async def confirmed(
    ctx: RepoContext, members: Sequence[Member], snapshots: Sequence[Snapshot]
) -> list[Snapshot]:
    """Read the settings, the base's rules and text, the checks and objections right before a merge.

    The pull request and its people are read last.
    """
    return await _on(ctx, await ctx.github.default_branch.read(), members, snapshots)


async def _on(
    ctx: RepoContext, tip: Tip, members: Sequence[Member], snapshots: Sequence[Snapshot]
) -> list[Snapshot]:
    pull = snapshots[0].state.pull
    config = (await configured(ctx, files=tip.config_files)).config
    names = (member.package.name for member in members)
    orders = await orders_for(ctx, package_of(pull), *names)
    config = apply_to_config(config, orders, ctx.clock())
    state = await ctx.github.snapshots.confirmed(
        snapshots[0].state,
        await replaced_by(ctx, members, pull),
        guard=tip.guard,
        statuses=names_a_status(config),
        left=await may_be_left(ctx, pull.number, config),
    )
    now = [replace(snapshot, config=config, state=state) for snapshot in snapshots]
    return on_outline(tip.outline, members, now)


async def may_be_left(ctx: RepoContext, pull: PullNumber, config: Config | Reason) -> bool:
    """Return whether octobot may have left this merge to GitHub, or may want to."""
    if isinstance(config, Reason) or config.merge_by != "api":
        return True
    tries = await ctx.store.merge_tries.of_pull(ctx.watched.id, pull)
    return any(one.way != "api" for one in tries)


def on_outline(
    outline: Outline, members: Sequence[Member], snapshots: Sequence[Snapshot]
) -> list[Snapshot]:
    """Compare with the default branch of this moment: what is known of it may be older."""
    now = dict(outline.specs)
    return [
        replace(
            snapshot,
            memory=replace(
                snapshot.memory,
                base_unchanged=is_base(member.row.path, snapshot.state, now.get(member.row.path)),
            ),
        )
        for member, snapshot in zip(members, snapshots, strict=True)
    ]


def is_base(path: str, state: PullState, now: Sha | None) -> bool | None:
    """Return whether a file's blob is the one that was changed; None when that is not known."""
    before = [change.before for change in state.changes if change.path == path]
    if len(before) != 1 or before[0] is None:
        return None
    return blob_id(before[0]) == now
