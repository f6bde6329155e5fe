"""The distro's graph at the default branch's newest commit, and the plan of a trigger there.

Texts come from the store, where the pass puts them; only what it has not yet is fetched.  A spec is
parsed again when its text or a pipeline changes, in a thread: a whole distro takes seconds.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace

from octobot.flows.context import RepoContext
from octobot.flows.graphs import DistroAt
from octobot.flows.orders import apply_to_config, orders_in_force
from octobot.model.config import Config
from octobot.model.ids import Sha
from octobot.model.reasons import Reason
from octobot.model.rebuild import Plan, Trigger, TriggerKind, UnknownTriggerError
from octobot.policy.config.read import for_package
from octobot.specs.graph.distro import OwnPipelines, join, read_pipelines
from octobot.specs.graph.index import Index
from octobot.specs.graph.needs import Needs, read_needs
from octobot.specs.graph.pipelines import FOLDER
from octobot.specs.rebuild.plan import may_be_missing, plan
from octobot.specs.rebuild.triggers.selection import Known


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan, and what nobody can say of it."""

    commit: Sha
    """The default branch's, at which it was made."""
    plan: Plan
    missing: tuple[str, ...]
    """Paths of specs that cannot be read, and may belong on it."""


async def read_distro_at_head(ctx: RepoContext) -> DistroAt:
    """Return the distro at the default branch's newest commit; one that is known costs nothing."""
    async with ctx.graphs.reading[ctx.watched.id]:
        outline = await ctx.github.trees.outline()
        tree = (await ctx.github.trees.commit(outline.commit)).tree
        last = ctx.graphs.last.get(ctx.watched.id)
        if last and last.tree == tree:
            found = replace(last, commit=outline.commit)
        else:
            found = await _read(ctx, outline.commit, tree, dict(outline.specs), last)
        ctx.graphs.last[ctx.watched.id] = found
        return found


async def known_for(
    ctx: RepoContext, config: Config, at: DistroAt, *, index: Index | None = None
) -> Known:
    """Gather what a plan must respect: toolchains of the file, holds of the file and of people."""
    ordered = apply_to_config(config, await orders_in_force(ctx), ctx.clock())
    holds = ordered if isinstance(ordered, Config) else config
    held = ((name, for_package(holds, name).hold) for name in at.distro.graph.specs)
    return Known(
        index=index,
        toolchains={each.name: each.packages for each in config.rebuild.toolchains},
        held={name: hold for name, hold in held if hold is not None},
    )


def plan_at(at: DistroAt, trigger: Trigger, known: Known) -> Planned:
    """Return the plan of a trigger; one that cannot be read is an `UnknownTriggerError`."""
    if trigger.kind is TriggerKind.PACKAGE and trigger.name not in at.distro.graph.specs:
        raise UnknownTriggerError(f"{trigger.name}.yaml is not there, or cannot be read")
    made = plan(at.distro.graph, trigger, known)
    return Planned(at.commit, made, may_be_missing(at.distro.graph, made, at.unreadable))


async def _read(
    ctx: RepoContext, commit: Sha, tree: Sha, blobs: Mapping[str, Sha], last: DistroAt | None
) -> DistroAt:
    folder = await _folder(ctx, tree)
    if last is None or last.folder != folder:
        pipelines = await _pipelines(ctx, folder)
        own = await asyncio.to_thread(read_pipelines, {p: t or "" for p, t in pipelines.items()})
        left_out = {path: pipelines[path] for path in own.unreadable}
        last = DistroAt(commit, tree, join(own, {}), {}, left_out, folder, own, {})
    unknown = {path: blob for path, blob in blobs.items() if (path, blob) not in last.needs}
    bad = {path for path in last.distro.unreadable if path in blobs}
    texts = await _texts(ctx, {**unknown, **{path: blobs[path] for path in bad}})
    return await asyncio.to_thread(_joined, commit, tree, blobs, last, texts)


def _joined(
    commit: Sha,
    tree: Sha,
    blobs: Mapping[str, Sha],
    last: DistroAt,
    texts: Mapping[str, str | None],
) -> DistroAt:
    """Parse what is not known yet, and make the graph; nothing here touches the event loop."""
    needs = {key: last.needs.get(key) or _parse(key[0], texts, last.own) for key in blobs.items()}
    distro = join(last.own, {path: each for (path, _), each in needs.items()})
    # All that the graph computes late is computed here, where nobody waits for it.
    _ = distro.graph.providers, distro.graph.build
    return DistroAt(
        commit=commit,
        tree=tree,
        distro=distro,
        blobs=blobs,
        unreadable={
            path: texts[path] if path in blobs else last.unreadable[path]
            for path in distro.unreadable
        },
        folder=last.folder,
        own=last.own,
        # What could not be fetched may be there the next time.
        needs={key: each for key, each in needs.items() if texts.get(key[0], "") is not None},
    )


def _parse(path: str, texts: Mapping[str, str | None], own: OwnPipelines) -> Needs | Reason:
    return read_needs(path, texts[path] or "", own.pipelines)


async def _folder(ctx: RepoContext, tree: Sha) -> Sha | None:
    """Return the tree of the repository's own pipelines; None without any."""
    entry = (await ctx.github.trees.root(tree)).get(FOLDER.rstrip("/"))
    return entry.id if entry and entry.is_folder else None


async def _pipelines(ctx: RepoContext, folder: Sha | None) -> Mapping[str, str | None]:
    files = await ctx.github.trees.folder(folder) if folder else {}
    wanted = {
        f"{FOLDER}{path}": entry.id
        for path, entry in files.items()
        if path.endswith(".yaml") and entry.is_regular
    }
    texts = await ctx.github.trees.blobs(sorted(set(wanted.values())))
    return {path: texts.get(blob) for path, blob in wanted.items()}


async def _texts(ctx: RepoContext, wanted: Mapping[str, Sha]) -> Mapping[str, str | None]:
    """Return the texts of specs, from the store or from GitHub; None: it is no readable text."""
    ids = sorted(set(wanted.values()))
    stored = await ctx.store.specs.texts(ids)
    fetched = await ctx.github.trees.blobs([blob for blob in ids if blob not in stored])
    return {path: stored.get(blob) or fetched.get(blob) for path, blob in wanted.items()}
