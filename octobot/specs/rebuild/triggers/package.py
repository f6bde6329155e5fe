"""A new version of a toolchain, a language or a library: its direct users.

The repository's file decides, or the annotations in its spec: `toolchain: true` means all that name
it, `toolchain-pkgs` all that name those packages.  Otherwise a spec with development packages is a
library or a language: those that build with a `-dev` package may link it, and modules of a language
are known by their name or their pipelines; a spec that uses only its tools stays as it is.  A spec
without development packages is a tool, and all that build with it are rebuilt.
"""

from collections.abc import Container, Mapping

from octobot.model.rebuild import Trigger
from octobot.specs.graph.graph import Graph, need
from octobot.specs.graph.needs import Needs
from octobot.specs.rebuild.triggers.selection import (
    Known,
    Selection,
    builds_with,
    development_packages,
    has_note,
    siblings,
    stem_of,
)
from octobot.specs.rebuild.triggers.soname import libraries_of, linked_with, provided_by

EPOCHS = "toolchain-reconcile-epoch-bumps"
"""The annotation that says whether a new epoch of the toolchain alone counts."""
ALL = "_ALL"
"""In place of a list of packages: all that the spec builds."""


def affected(graph: Graph, trigger: Trigger, known: Known) -> Selection:
    """Select the users of the spec that the trigger names."""
    spec = graph.specs[trigger.name]
    found = Selection()
    if has_note(spec, "toolchain") or spec.name in known.toolchains:
        if _only_epoch(trigger) and spec.annotations.get(EPOCHS) == "false":
            found.skip(spec.name, "only its epoch was raised, which its annotations exclude")
            return found
        named = known.toolchains.get(spec.name, ())
        _annotated(graph, spec, frozenset(named) or toolchain_packages(spec), found)
    elif development_packages(spec):
        _linking(graph, trigger, known, found)
        _modules(graph, spec, found)
    else:
        for name, text, pipelines in graph.users(spec.packages):
            found.pick(name, builds_with(text, pipelines))
    found.picked.pop(spec.name, None)
    found.skipped.pop(spec.name, None)
    _pinned(graph, spec, found)
    return found


def rebuilds_users(spec: Needs, toolchains: Container[str] = ()) -> bool:
    """Return whether a new version of a spec rebuilds its users.

    It is a toolchain, by annotation or by the repository's file (`toolchains`), or a library whose
    update block says `shared: true`.
    """
    return has_note(spec, "toolchain") or spec.shared or spec.name in toolchains


def toolchain_packages(spec: Needs) -> frozenset[str]:
    """Return the packages of an annotated toolchain whose users are rebuilt."""
    named = spec.annotations.get("toolchain-pkgs", "").replace(",", " ").split()
    if ALL in named:
        return frozenset(spec.packages)
    return frozenset(named or (spec.name,))


def _only_epoch(trigger: Trigger) -> bool:
    old, new = (text.rpartition("-r")[0] or text for text in (trigger.old, trigger.new))
    return bool(trigger.old and trigger.new) and old == new


def counts_epochs(spec: Needs) -> bool:
    """Return whether a new epoch of a toolchain alone rebuilds its users."""
    return spec.annotations.get(EPOCHS, "").strip() == "true"


def _annotated(graph: Graph, spec: Needs, packages: frozenset[str], found: Selection) -> None:
    for name, each in graph.specs.items():
        named = {text: wanted.name for text in each.build if (wanted := need(text))}
        for text, package in named.items():
            if package in packages:
                found.pick(name, builds_with(package, each.build[text]))
    for name, text, _ in graph.users(packages):
        found.skip(
            name,
            f"builds with `{text}`, which `{spec.name}` provides and its toolchain packages omit",
        )


def _linking(graph: Graph, trigger: Trigger, known: Known, found: Selection) -> None:
    spec, index = graph.specs[trigger.name], known.index
    if index is not None and provided_by(index, spec.name):
        for name, why in linked_with(index, libraries_of(index, spec.name, trigger.new)).items():
            if name in graph.specs:
                found.pick(name, why)
        return
    found.certain = False
    for name, text, pipelines in graph.users(development_packages(spec)):
        found.pick(name, builds_with(text, pipelines))


def _modules(graph: Graph, spec: Needs, found: Selection) -> None:
    stem, stream = stem_of(spec)
    prefixes = (f"{spec.name}-", f"{stem}{stream}-")
    for name, text, pipelines in graph.users(spec.packages):
        its_own = any(each.startswith(f"{stem}/") for each in graph.specs[name].pipelines)
        if its_own or name.startswith(prefixes):
            found.pick(name, f"is a module of `{spec.name}`: {builds_with(text, pipelines)}")
        else:
            found.skip(name, f"builds with `{text}`, which is no `-dev` package")


def _pinned(graph: Graph, spec: Needs, found: Selection) -> None:
    """Name those that build with another stream of the same family."""
    others: Mapping[str, str] = siblings(graph, spec)
    for other in others:
        for name, text, _ in graph.users(graph.specs[other].packages):
            if name not in others and name != spec.name:
                found.skip(name, f"is pinned to another stream: builds with `{text}`")
