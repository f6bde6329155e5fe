"""Keep the store's specs equal to those on the default branch, and mind the settings there."""

from collections.abc import Mapping

import structlog

from octobot.flows.seams.seams import World
from octobot.flows.watch.config_issue import mind_config
from octobot.model.ids import Sha
from octobot.model.pull_request import Outline

log = structlog.get_logger()


async def follow(world: World) -> Outline:
    """Read what changed on the default branch into the store; a no-op when nothing did."""
    outline = await world.github.trees.outline()
    listed = dict(outline.specs)
    known = await world.store.blobs(world.watched.id)
    changed = {path: blob for path, blob in listed.items() if known.get(path) != blob}
    gone = [path for path in known if path not in listed]
    if changed or gone:
        specs = await _texts(world, changed)
        await world.store.put_specs(world.watched.id, specs, gone)
        log.info("specs followed", changed=len(specs), gone=len(gone), at=outline.commit)
    await mind_config(world)
    return outline


async def _texts(world: World, changed: Mapping[str, Sha]) -> dict[str, tuple[Sha, str]]:
    """Fetch the texts; an unreadable blob becomes an empty text, which reads as a bad spec."""
    texts = await world.github.trees.blobs(sorted(set(changed.values())))
    return {path: (blob, texts.get(blob) or "") for path, blob in changed.items()}
