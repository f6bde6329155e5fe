"""Forgotten rebuilds: specs that were not raised since what they are built with changed.

The state of the repository decides: its history, and the index of built packages where it is known.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from octobot.model.rebuild import Trigger, TriggerKind
from octobot.specs.graph.graph import Graph
from octobot.specs.graph.index import Index, broken
from octobot.specs.graph.needs import Needs
from octobot.specs.rebuild.triggers.package import affected, counts_epochs, rebuilds_users
from octobot.specs.rebuild.triggers.selection import NOTHING_KNOWN


@dataclass(frozen=True, slots=True)
class Age:
    """How long ago a spec changed, in commits of the default branch; 0: not known."""

    version: int = 0
    epoch: int = 0
    """Its version or its epoch: when it was raised."""


@dataclass(frozen=True, slots=True)
class Stale:
    """A spec that needs a rebuild which nobody made."""

    spec: str
    because: str
    """The spec that changed, or the soname that is gone."""
    why: str


def stale(graph: Graph, ages: Mapping[str, Age], index: Index | None = None) -> tuple[Stale, ...]:
    """Return the forgotten rebuilds, by spec and cause.

    Asked are annotated toolchains and specs whose update block says `shared: true`; an index says
    beside that which sonames nothing provides any more.
    """
    found = {}
    for spec in graph.specs.values():
        if rebuilds_users(spec):
            found.update({(each.spec, each.because): each for each in _behind(graph, spec, ages)})
    for name, sonames in (broken(index) if index else {}).items():
        if name in graph.specs:
            why = f"is linked with {', '.join(sonames)}, which no package provides"
            found[name, sonames[0]] = Stale(name, sonames[0], why)
    return tuple(found[key] for key in sorted(found))


def _behind(graph: Graph, spec: Needs, ages: Mapping[str, Age]) -> list[Stale]:
    changed = ages.get(spec.name, Age())
    age = changed.epoch if counts_epochs(spec) else changed.version
    if not age:
        return []
    picked = affected(graph, Trigger(TriggerKind.PACKAGE, spec.name), NOTHING_KNOWN).picked
    return [
        Stale(name, spec.name, f"{why}, was not raised since it became {spec.full_version}")
        for name, why in picked.items()
        if name in ages and ages[name].epoch > age
    ]
