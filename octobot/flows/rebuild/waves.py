"""Waves of rebuilds: a trigger that landed on the default branch, and all that is built with it.

The repository's state decides, not what octobot remembers: a version on the default branch that is
greater than the one seen before is a trigger, whoever merged it; a spec whose version or epoch
is another than when its wave began is rebuilt, whoever raised it.  A wave orders each spec
once, level by level; everything else is the work of its lane.
"""

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import structlog

from octobot.flows.context import RepoContext
from octobot.flows.graphs import DistroAt
from octobot.flows.orders import end_rebuild, order_rebuild
from octobot.flows.plan.graph import known_for, plan_at, read_distro_at_head
from octobot.flows.plan.index import built_packages
from octobot.flows.say import raise_issue
from octobot.flows.settings import configured, group_lane
from octobot.messages import waves as words
from octobot.messages.waves import Step
from octobot.model.config import Config
from octobot.model.ids import Key
from octobot.model.reasons import ReasonCode
from octobot.model.rebuild import Plan, Trigger, TriggerKind, UnknownTriggerError
from octobot.model.version import is_greater
from octobot.model.wave import NewWave, Wave, WavePull, WaveState
from octobot.specs.graph.graph import Graph
from octobot.specs.rebuild.plan import ready
from octobot.specs.rebuild.triggers.package import counts_epochs, rebuilds_users
from octobot.specs.rebuild.triggers.selection import Known

log = structlog.get_logger()

LABEL = "octobot-wave"
FAILING = 0.3
"""Of a level's rebuilds: so many failures have one cause, which further builds do not cure."""
FEW = 3
"""Failures that never stop a wave: in a small level they prove nothing."""
EVERY = timedelta(minutes=10)
"""The least pause between two edits of a tracking issue, but for the last one."""


@dataclass(frozen=True, slots=True)
class _Scene:
    """What a step of a wave looks at."""

    ctx: RepoContext
    config: Config
    at: DistroAt
    known: Known
    wave: Wave
    pulls: Mapping[str, WavePull]
    failed: frozenset[str]
    problem: str
    """Why nobody knows what is published; empty: it is known, or the file names no index."""

    @property
    def graph(self) -> Graph:
        """The distro as it is now."""
        return self.at.distro.graph

    @property
    def raised(self) -> Mapping[str, str]:
        """The specs whose version or epoch changed since the wave took them up."""
        specs = self.graph.specs
        return {
            name: f"it is {specs[name].full_version} now"
            for name, one in self.wave.specs.items()
            if name in specs and specs[name].full_version != one.of
        }

    def is_closed(self, spec: str) -> bool:
        """Return whether a person closed its pull request."""
        pull = self.pulls.get(spec)
        return pull is not None and pull.is_rebuild and pull.state == "closed-by-person"


async def advance_waves(ctx: RepoContext) -> None:
    """Begin the waves of triggers that landed, and take each wave one step further."""
    config = (await configured(ctx)).config
    if not isinstance(config, Config) or not config.rebuild.enabled or config.paused:
        return
    at = await read_distro_at_head(ctx)
    built = await built_packages(ctx, config.rebuild.index)
    known = await known_for(ctx, config, at, index=built.index)
    await _begin(ctx, config, at, known)
    for wave in await ctx.store.waves.recent(ctx.watched.id, since=ctx.clock()):
        await _step(await _scene(ctx, config, at, known, wave, built.problem))


async def _begin(ctx: RepoContext, config: Config, at: DistroAt, known: Known) -> None:
    """Begin a wave for each trigger that has a greater version than before.

    At the first sight of a trigger nothing begins: what was built before octobot came is not known.
    """
    toolchains = {each.name for each in config.rebuild.toolchains}
    specs = at.distro.graph.specs.values()
    versions = {
        each.name: each.full_version if counts_epochs(each) else each.version
        for each in specs
        if rebuilds_users(each, toolchains)
    }
    seen = await ctx.store.waves.seen(ctx.watched.id)
    changed = {name: version for name, version in versions.items() if seen.get(name) != version}
    for name, version in changed.items():
        if name in seen and is_greater(version, seen[name]):
            trigger = Trigger(TriggerKind.PACKAGE, name, seen[name], version, at.commit)
            await _open(ctx, at, known, trigger)
    if changed:
        await ctx.store.waves.see(ctx.watched.id, changed)


async def _open(ctx: RepoContext, at: DistroAt, known: Known, trigger: Trigger) -> None:
    made = (await asyncio.to_thread(plan_at, at, trigger, known)).plan
    versions = {name: at.distro.graph.specs[name].full_version for name in made.specs}
    if versions and await ctx.store.waves.open(
        ctx.watched.id, NewWave(trigger, versions), now=ctx.clock()
    ):
        log.info("wave begun", trigger=str(trigger), rebuilds=len(versions))


async def _scene(
    ctx: RepoContext, config: Config, at: DistroAt, known: Known, wave: Wave, problem: str
) -> _Scene:
    names, here = list(wave.specs), ctx.watched.id
    pulls = await ctx.store.waves.pulls(here, names, since=wave.since)
    rows = await ctx.store.packages.some_rows(here, names)
    failed = {row.key.package for row in rows if row.reason.code is ReasonCode.CHECKS_FAILED}
    ordered = {name for name, one in wave.specs.items() if one.ordered}
    return _Scene(ctx, config, at, known, wave, pulls, frozenset(failed & ordered), problem)


async def _step(scene: _Scene) -> None:
    """Order what can begin now, and say how far the wave is."""
    ctx, wave, specs = scene.ctx, scene.wave, scene.graph.specs
    try:
        whole = (await asyncio.to_thread(plan_at, scene.at, wave.trigger, scene.known)).plan
    except UnknownTriggerError as error:
        await _end(scene, Plan(wave.trigger, ()), "stopped", str(error))
        return
    if added := {name: specs[name].full_version for name in whole.specs.keys() - wave.specs}:
        await ctx.store.waves.add(wave.id, added)
    if why := _why_stopped(scene, whole):
        await _end(scene, whole, "stopped", why)
    elif all(name in scene.raised or scene.is_closed(name) for name in whole.specs):
        await _end(scene, whole, "done", wave.because)
    else:
        if wave.state == "open" and not scene.problem:
            await _order(scene, whole)
        await _report(scene, whole)


def _why_stopped(scene: _Scene, whole: Plan) -> str:
    """Return why a wave must stop; empty: it need not."""
    trigger = scene.wave.trigger
    spec = scene.graph.specs.get(trigger.name)
    if trigger.kind is TriggerKind.PACKAGE and trigger.new and spec:
        now = spec.full_version if counts_epochs(spec) else spec.version
        if is_greater(trigger.new, now):
            return f"{trigger.name} went back to {now}"
    for number, level in enumerate(whole.levels, 1):
        failed = sum(each.spec in scene.failed for each in level)
        if failed > FEW and failed >= FAILING * len(level):
            return f"{failed} of {len(level)} rebuilds of level {number} failed"
    return ""


async def _order(scene: _Scene, whole: Plan) -> None:
    """Order what can begin in the next level; what waits for a failed one stays behind.

    An open pull request for a newer version is a rebuild as well.
    """
    ctx, wave = scene.ctx, scene.wave
    behind = _behind(scene, whole)
    closed = {name: "" for name in whole.specs if scene.is_closed(name)}
    held = {**scene.known.held, **closed, **dict.fromkeys(behind, "")}
    known = replace(scene.known, held=held, raised=scene.raised)
    rest = (await asyncio.to_thread(plan_at, scene.at, wave.trigger, known)).plan
    for each in ready(scene.graph, rest, known):
        intended, pull = wave.specs.get(each.spec), scene.pulls.get(each.spec)
        bumped = pull is not None and not pull.is_rebuild and pull.state in ("intended", "open")
        if intended is None or intended.ordered or bumped:
            continue
        await order_rebuild(ctx, each.spec, intended.of, words.because(wave))
        await ctx.store.waves.mark_ordered(wave.id, each.spec)
        lane = group_lane(scene.config, each.spec) or each.spec
        await ctx.lanes.hint(Key(ctx.watched.id, lane))


def _behind(scene: _Scene, whole: Plan) -> frozenset[str]:
    """Return the failed rebuilds, and all on the plan that are built with one of them."""
    behind = set(scene.failed)
    for level in whole.levels:
        behind |= {
            each.spec for each in level if not scene.graph.build[each.spec].isdisjoint(behind)
        }
    return frozenset(behind)


async def _end(scene: _Scene, whole: Plan, state: WaveState, because: str) -> None:
    """End a wave; what a stopped one left open is closed."""
    ctx, wave = scene.ctx, scene.wave
    if state == "stopped":
        for spec, pull in scene.pulls.items():
            if pull.is_rebuild and pull.state in ("intended", "open"):
                await end_rebuild(ctx, spec, pull.number)
                lane = group_lane(scene.config, spec) or spec
                await ctx.lanes.hint(Key(ctx.watched.id, lane))
    ended = replace(wave, state=state, because=because)
    number = await _report(replace(scene, wave=ended), whole)
    await ctx.store.waves.set_state(ctx.watched.id, wave.id, state, because)
    if number is not None and state == "done":
        await ctx.github.issues.close(number)
    log.info("wave ended", trigger=str(wave.trigger), state=state, because=because)


async def _report(scene: _Scene, whole: Plan) -> int | None:
    """Open or edit the tracking issue, when it has something new to say; return its number."""
    ctx, wave = scene.ctx, scene.wave
    title, body = words.title(wave), words.body(wave, whole, _steps(scene, whole), scene.problem)
    digest = hashlib.sha256(f"{title}\n{body}".encode("utf-8", "surrogatepass")).hexdigest()[:32]
    now = ctx.clock()
    soon = wave.said is not None and now < wave.said + EVERY and wave.is_running
    if digest == wave.digest or soon:
        return wave.issue
    number = await raise_issue(ctx, tag=f"wave {wave.id}", title=title, body=body, labels=(LABEL,))
    await ctx.store.waves.enter_issue(wave.id, number, digest, now=now)
    return number


def _steps(scene: _Scene, whole: Plan) -> Sequence[Step]:
    return [
        Step(number, each, *_state(scene, each.spec))
        for number, level in enumerate(whole.levels, 1)
        for each in level
    ]


def _state(scene: _Scene, spec: str) -> tuple[str, int | None]:
    """Return how far a rebuild is, and its pull request."""
    pull = scene.pulls.get(spec)
    number = pull.number if pull else None
    if spec in scene.raised:
        return words.REBUILT, number
    if scene.is_closed(spec):
        return words.CLOSED, number
    if spec in scene.failed:
        return words.FAILED, number
    if pull and pull.state in ("intended", "open"):
        return ("open" if pull.is_rebuild else words.REPLACED), number
    intended = scene.wave.specs.get(spec)
    return ("ordered" if intended and intended.ordered else "waits"), None
