"""Gather what a verdict on an open pull request rests on, and touch nothing."""

from collections.abc import Sequence

from octobot.flows.land.judge import judged_by
from octobot.flows.seams.seams import World
from octobot.flows.settings import configured
from octobot.flows.view import Member
from octobot.model.bump import Proposed
from octobot.model.errors import UserError
from octobot.model.ids import PullNumber
from octobot.model.package import Package
from octobot.model.verdict import Snapshot


async def snapshots_of(world: World, name: str) -> Sequence[Snapshot]:
    """Give the snapshot of each package in the open pull request that bumps this one."""
    history = await world.store.proposed(world.watched.id, name)
    standing = (each for each in history if each.state == "open" and each.number)
    proposed = next(standing, None)
    if proposed is None or proposed.number is None:
        raise UserError(f"octobot has no open pull request for {name}")
    members = await _members(world, name, proposed)
    pull = await world.github.pull(PullNumber(proposed.number))
    settings = await configured(world, fresh=True)
    snapshots, _ = await judged_by(world, members, pull, settings.config)
    return snapshots


async def _members(world: World, name: str, proposed: Proposed) -> tuple[Member, ...]:
    names = [path.removesuffix(".yaml") for path, _ in proposed.files] or [name]
    rows = await world.store.some_rows(world.watched.id, names)
    read = [(row, world.reader.read(row.path, row.blob, row.text)) for row in rows]
    members = tuple(Member(row, spec) for row, spec in read if isinstance(spec, Package))
    if len(members) != len(names):
        raise UserError(f"a spec of #{proposed.number} cannot be read: {', '.join(names)}")
    return members
