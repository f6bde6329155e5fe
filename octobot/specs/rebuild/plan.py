"""A trigger to a plan: who is rebuilt, in which order, and who is not."""

import re
from collections.abc import Callable, Mapping
from fnmatch import fnmatchcase

from octobot.model.rebuild import Plan, Rebuild, Trigger, TriggerKind, UnknownTriggerError
from octobot.specs.graph.graph import Graph
from octobot.specs.graph.index import is_published
from octobot.specs.graph.levels import levels
from octobot.specs.rebuild.triggers import order, package, soname, stream
from octobot.specs.rebuild.triggers.selection import NOTHING_KNOWN, Known, Selection

TRIGGERS: Mapping[TriggerKind, Callable[[Graph, Trigger, Known], Selection]] = {
    TriggerKind.PACKAGE: package.affected,
    TriggerKind.SONAME: soname.affected,
    TriggerKind.STREAM: stream.affected,
    TriggerKind.USERS: order.users,
    TriggerKind.PIPELINE: order.pipeline,
    TriggerKind.NAMES: order.names,
}

_RANGE = re.compile(r"([^=]+)=([^=]*?)\.\.(.+)")
_GLOB = re.compile(r"[*?\[\s]")
_PREFIXED = (TriggerKind.SONAME, TriggerKind.USERS, TriggerKind.PIPELINE, TriggerKind.STREAM)


def read_trigger(text: str, graph: Graph) -> Trigger:
    """Read `NAME`, `NAME=OLD..NEW`, `soname:`, `users-of:`, `pipeline:`, `stream:` or a glob.

    What it names must exist, else it is an `UnknownTriggerError`.
    """
    text = text.strip()
    for kind in _PREFIXED:
        if text.startswith(f"{kind.value}:"):
            return _prefixed(kind, text.partition(":")[2].strip(), graph)
    if _GLOB.search(text):
        return Trigger(TriggerKind.NAMES, text)
    match = _RANGE.fullmatch(text)
    name, old, new = match.groups() if match else (text, "", "")
    return Trigger(TriggerKind.PACKAGE, _spec(name, graph), old, new)


def plan(graph: Graph, trigger: Trigger, known: Known = NOTHING_KNOWN) -> Plan:
    """Return what the trigger rebuilds in levels, and what it skips.

    The order is by the build edges among the specs on the plan: each is built after those that it
    is built with.
    """
    selection = TRIGGERS[trigger.kind](graph, trigger, known)
    for why, specs in (("is on hold", known.held), ("was raised since", known.raised)):
        for spec in selection.picked.keys() & specs.keys():
            selection.picked.pop(spec)
            detail = specs[spec]
            selection.skipped[spec] = f"{why}: {detail}" if detail else why
    picked = selection.picked
    edges = {name: graph.build[name] & picked.keys() for name in picked}
    ordered = levels(edges)
    skipped = {name: why for name, why in selection.skipped.items() if name not in picked}
    return Plan(
        trigger=trigger,
        levels=tuple(tuple(Rebuild(name, picked[name]) for name in level) for level in ordered),
        skipped=tuple(Rebuild(name, skipped[name]) for name in sorted(skipped)),
        certain=selection.certain,
    )


def ready(graph: Graph, made: Plan, known: Known) -> tuple[Rebuild, ...]:
    """Return the rebuilds of a plan, made just now, that can begin.

    Those of the lowest level, unless they are built with what was raised and is not published yet;
    the trigger itself counts as raised.  Without an index, merged is as good as published.
    """
    if known.index is None:
        return made.levels[0] if made.levels else ()
    raised = graph.specs.keys() & {*known.raised, made.trigger.name}
    waiting = {
        name
        for name in raised
        if not is_published(known.index, name, graph.specs[name].full_version)
    }
    lowest = made.levels[0] if made.levels else ()
    return tuple(each for each in lowest if graph.build[each.spec].isdisjoint(waiting))


def may_be_missing(
    graph: Graph, made: Plan, unreadable: Mapping[str, str | None]
) -> tuple[str, ...]:
    """Return the unreadable specs, path → text, that may belong on a plan.

    Those whose text has a name that put another spec there: nobody can say more of a text that is
    no spec.  None: not even the text is known, and so any plan may lack it.
    """
    trigger = made.trigger
    spec = graph.specs.get(trigger.name)
    names = {trigger.name, trigger.old} | set(spec.packages if spec else ())
    if spec:
        names |= {provided.partition("=")[0] for provided in spec.packages[spec.name].provides}
    words = "|".join(re.escape(name) for name in sorted(names - {""}))
    pattern = re.compile(rf"(?<![\w.+-])(?:{words})(?![\w.+-])")
    specs = (path for path in sorted(unreadable) if "/" not in path)
    return tuple(
        path
        for path in specs
        if (text := unreadable[path]) is None or pattern.search(text) or _is_named(path, made)
    )


def _is_named(path: str, made: Plan) -> bool:
    globs = made.trigger.name.split() if made.trigger.kind is TriggerKind.NAMES else ()
    return any(fnmatchcase(path.removesuffix(".yaml"), glob) for glob in globs)


def _prefixed(kind: TriggerKind, name: str, graph: Graph) -> Trigger:
    if not name:
        raise UnknownTriggerError(f"{kind.value}: names nothing")
    if kind is not TriggerKind.STREAM:
        return Trigger(kind, name)
    old, dots, new = name.partition("..")
    new = _spec(new if dots else old, graph)
    return Trigger(kind, new, _spec(old, graph) if dots else stream.previous_stream(graph, new))


def _spec(name: str, graph: Graph) -> str:
    """Return the spec that builds a package."""
    if name in graph.specs:
        return name
    provider = graph.provider(name)
    if provider is None:
        raise UnknownTriggerError(f"no spec is named {name}, and none builds a package {name}")
    return provider.spec
