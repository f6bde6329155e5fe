"""A shared library with a new name: those that are linked with the old one.

The index of built packages knows it exactly: what provides `so:NAME`, and whose `D:` has it.
"""

import re
from collections.abc import Iterable, Mapping

from octobot.model.rebuild import Trigger, UnknownTriggerError
from octobot.specs.graph.graph import Graph
from octobot.specs.graph.index import Index, is_published
from octobot.specs.rebuild.triggers.selection import (
    Known,
    Selection,
    builds_with,
    development_packages,
)

_LIBRARY = re.compile(r"(lib)?([A-Za-z0-9+_-]+?)(?:-[0-9][0-9.]*)?\.so(?:\.([0-9][0-9.]*))?")


def affected(graph: Graph, trigger: Trigger, known: Known) -> Selection:
    """Select what is linked with another soname of the same library."""
    index = known.index
    if index is None:
        return _from_specs(graph, trigger)
    maker = _maker(index, trigger.name)
    stem = _stem(trigger.name)
    others = {name for name in libraries_of(index, maker) if _stem(name) == stem}
    found = Selection()
    for name, why in linked_with(index, others - {trigger.name}).items():
        if name == maker:
            found.skip(name, "builds the library itself")
        elif name in graph.specs:
            found.pick(name, why)
    return found


def _maker(index: Index, soname: str) -> str:
    """Return the spec that builds a library; of several streams each has its own sonames."""
    makers: dict[str, set[str]] = {}
    for each in index.packages:
        for name in each.sonames:
            if _stem(name) == _stem(soname):
                makers.setdefault(name, set()).add(each.origin)
    found = makers.get(soname) or {origin for origins in makers.values() for origin in origins}
    if not found:
        raise UnknownTriggerError(f"no package of the index provides a library like {soname}")
    if len(found) > 1:
        specs = " and ".join(sorted(found))
        raise UnknownTriggerError(f"{specs} build libraries like {soname}: name the spec instead")
    return next(iter(found))


def _stem(soname: str) -> str:
    """Return `libicuuc` of `libicuuc.so.78`."""
    return soname.partition(".so")[0]


def libraries_of(index: Index, spec: str, new: str = "") -> frozenset[str]:
    """Return the sonames of a spec whose users a new version of it rebuilds.

    Those that it provides, and those that it provided and nothing provides any more.  Once the new
    version is published, only the latter: what is linked with the others fits.
    """
    provided = provided_by(index, spec)
    stems = {_stem(name) for name in provided}
    needed = {name for each in index.packages for name in each.needs_sonames}
    everything = {name for each in index.packages for name in each.sonames}
    gone = frozenset(name for name in needed - everything if _stem(name) in stems)
    return gone if new and is_published(index, spec, new) else provided | gone


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


def _from_specs(graph: Graph, trigger: Trigger) -> Selection:
    """Find the spec of `libicuuc.so.78` by the name of a package, `libicuuc78` or `libicuuc`."""
    match = _LIBRARY.fullmatch(trigger.name)
    stems = _stems(match) if match else ()
    specs = {each.spec for stem in stems for each in graph.providers.get(stem, ())[:1]}
    if len(specs) != 1:
        detail = f"no package is named like {trigger.name}; an index of built packages knows"
        raise UnknownTriggerError(detail)
    spec = graph.specs[specs.pop()]
    found = Selection(certain=False)
    for name, text, pipelines in graph.users(development_packages(spec) or spec.packages):
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
