"""Which settings hold in a repository: read, joined with the organisation's, and remembered.

Commands ask here, too: they know no policy.
"""

from collections.abc import Sequence
from dataclasses import replace

from octobot.flows.context import RepoContext
from octobot.model.config import Config, ConfigFile, Group
from octobot.model.ids import group_named
from octobot.model.reasons import Reason
from octobot.policy.config.command_levels import level_for, waived_rules
from octobot.policy.config.groups import group_of
from octobot.policy.config.join import Joined, joined
from octobot.policy.config.read import for_package

needed = level_for
"""The least level that a command needs."""

waived = waived_rules
"""The rules that `merge` waives for a person."""


async def configured(
    ctx: RepoContext, *, fresh: bool = False, files: Sequence[ConfigFile] | None = None
) -> Joined:
    """Read the settings that hold now; what can be read is remembered for when it cannot.

    `fresh` reads the files in full; `files`: they were read already, as what a merge rests on is.
    """
    if files is None:
        files = await ctx.github.config_files.read(fresh=fresh)
    kept = await ctx.store.config_files.good(ctx.watched.id)
    found = joined(files, kept)
    if found.good != kept:
        await ctx.store.config_files.keep(ctx.watched.id, found.good)
    if ctx.paused:
        known = found.config if isinstance(found.config, Config) else Config()
        return replace(found, config=replace(known, paused=True))
    return found


def group_lane(config: Config | Reason, package: str) -> str | None:
    """Return the lane of the group that a package moves in; None: it moves alone."""
    if isinstance(config, Reason) or group_named(package):
        return None
    group = group_of(config, package)
    return group.lane if isinstance(group, Group) else None


def lane_named(config: Config | Reason, name: str) -> str | None:
    """Return the lane of the group of this name, which may be the lane's own."""
    groups = () if isinstance(config, Reason) else config.groups
    return next((group.lane for group in groups if name in (group.name, group.lane)), None)


def is_former(config: Config | Reason, name: str) -> bool:
    """Return whether this is a group's lane and the repository's file has no such group."""
    known = isinstance(config, Config)
    return known and group_named(name) is not None and lane_named(config, name) is None


def held_by_file(config: Config | Reason, package: str) -> str | None:
    """Return why the repository's file holds a package; None: it does not."""
    return None if isinstance(config, Reason) else for_package(config, package).hold


def paused_by_file(config: Config | Reason) -> bool:
    """Return whether the repository's file pauses octobot."""
    return isinstance(config, Config) and config.paused
