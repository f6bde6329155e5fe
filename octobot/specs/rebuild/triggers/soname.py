"""A shared library with a new name: those that are linked with the old one.

The index of built packages knows it exactly: what provides `so:NAME`, and whose `D:` has it.
"""

import re
from collections.abc import Iterable, Mapping

from octobot.model.rebuild import Trigger, UnknownTriggerError
from octobot.specs.graph.graph import Graph
from octobot.specs.graph.index import Index
from octobot.specs.rebuild.triggers.selection import Known, Selection, builds_with

_LIBRARY = re.compile(r"(lib)?([A-Za-z0-9+_-]+?)(?:-[0-9][0-9.]*)?\.so(?:\.([0-9][0-9.]*))?")


def affected(graph: Graph, trigger: Trigger, known: Known) -> Selection:
    """Select what is linked with another soname of the same library."""
    index = known.index
    if index is None:
        return _from_specs(graph, trigger)
    stem = trigger.name.partition(".so")[0]
    others = {
        name
        for each in index.packages
        for name in (*each.sonames, *each.needs_sonames)
        if name != trigger.name and name.partition(".so")[0] == stem
    }
    if not others and trigger.name not in {n for each in index.packages for n in each.sonames}:
        detail = f"no package of the index provides or needs a library like {trigger.name}"
        raise UnknownTriggerError(detail)
    found = Selection()
    makers = {each.origin for each in index.packages if others & each.sonames}
    for name, why in linked_with(index, others).items():
        if name in makers:
            found.skip(name, "builds the library itself")
        elif name in graph.specs:
            found.pick(name, why)
    return found


def provided_by(index: Index, origin: str) -> frozenset[str]:
    """Return the sonames that the packages of a spec provide."""
    return frozenset(
        name for each in index.packages if each.origin == origin for name in each.sonames
    )


def linked_with(index: Index, sonames: Iterable[str]) -> Mapping[str, str]:
    """Return the specs with a package that depends on one of the sonames → why."""
    wanted = frozenset(sonames)
    found: dict[str, str] = {}
    for each in index.packages:
        if used := sorted(wanted & each.needs_sonames):
            found.setdefault(each.origin, f"`{each.name}` is linked with `{used[0]}`")
    return found


def lost(before: Index, after: Index, origin: str) -> frozenset[str]:
    """Return the sonames that a spec's packages provided and provide no more."""
    return provided_by(before, origin) - provided_by(after, origin)


def _from_specs(graph: Graph, trigger: Trigger) -> Selection:
    """Find the spec of `libicuuc.so.78` by the name of a package, `libicuuc78` or `libicuuc`."""
    match = _LIBRARY.fullmatch(trigger.name)
    stems = _stems(match) if match else ()
    specs = {each.spec for stem in stems for each in graph.providers.get(stem, ())[:1]}
    if len(specs) != 1:
        detail = f"no package is named like {trigger.name}; an index of built packages knows"
        raise UnknownTriggerError(detail)
    spec = graph.specs[specs.pop()]
    development = [name for name in spec.packages if name.endswith("-dev")]
    found = Selection(certain=False)
    for name, text, pipelines in graph.users(development or spec.packages):
        if name != spec.name:
            found.pick(name, builds_with(text, pipelines))
    return found


def _stems(match: re.Match[str]) -> tuple[str, ...]:
    prefix, name, number = match[1] or "", match[2], (match[3] or "").partition(".")[0]
    return tuple(
        dict.fromkeys(
            (f"{prefix}{name}{number}", f"{prefix}{name}", name, f"{name}-dev", f"lib{name}-dev")
        )
    )
