"""Keep the store's specs equal to those on the default branch, and mind the settings there."""

from collections.abc import Mapping

import structlog

from octobot.flows.context import RepoContext
from octobot.flows.watch.config_issue import mind_config
from octobot.model.ids import Sha
from octobot.model.pull_request import Outline

log = structlog.get_logger()


async def follow(ctx: RepoContext) -> Outline:
    """Read what changed on the default branch into the store; a no-op when nothing did."""
    outline = await ctx.github.trees.outline()
    listed = dict(outline.specs)
    known = await ctx.store.specs.blobs(ctx.watched.id)
    changed = {path: blob for path, blob in listed.items() if known.get(path) != blob}
    gone = [path for path in known if path not in listed]
    if changed or gone:
        specs = await _texts(ctx, changed)
        await ctx.store.specs.put(ctx.watched.id, specs, gone)
        log.info("specs followed", changed=len(specs), gone=len(gone), at=outline.commit)
    await mind_config(ctx)
    return outline


async def _texts(ctx: RepoContext, changed: Mapping[str, Sha]) -> dict[str, tuple[Sha, str]]:
    """Fetch the texts; an unreadable blob becomes an empty text, which reads as a bad spec."""
    texts = await ctx.github.trees.blobs(sorted(set(changed.values())))
    return {path: (blob, texts.get(blob) or "") for path, blob in changed.items()}
