"""Which settings hold in a repository: read, joined with the organisation's, and remembered."""

from dataclasses import replace

from octobot.flows.context import RepoContext
from octobot.model.config import Config
from octobot.policy.config.join import Joined, joined


async def configured(ctx: RepoContext, *, fresh: bool = False) -> Joined:
    """Read the settings that hold now; what can be read is remembered for when it cannot.

    `fresh` reads the files in full: what a merge rests on.
    """
    files = await ctx.github.config_files.read(fresh=fresh)
    kept = await ctx.store.config_files.good(ctx.watched.id)
    found = joined(files, kept)
    if found.good != kept:
        await ctx.store.config_files.keep(ctx.watched.id, found.good)
    if ctx.paused:
        known = found.config if isinstance(found.config, Config) else Config()
        return replace(found, config=replace(known, paused=True))
    return found
