"""Which settings hold in a repository: read, joined with the organisation's, and remembered."""

from octobot.flows.seams import World
from octobot.policy.config_joined import Joined, joined


async def configured(world: World, *, fresh: bool = False) -> Joined:
    """Read the settings that hold now; what can be read is remembered for when it cannot.

    `fresh` reads the files in full: what a merge rests on.
    """
    files = await world.github.config_files(fresh=fresh)
    kept = await world.store.good_config(world.watched.id)
    found = joined(files, kept)
    if found.good != kept:
        await world.store.keep_config(world.watched.id, found.good)
    return found
