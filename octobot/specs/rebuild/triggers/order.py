"""A person's order: these specs, the users of a package, or those of a pipeline."""

from fnmatch import fnmatchcase

from octobot.model.rebuild import Trigger, UnknownTriggerError
from octobot.specs.graph.graph import Graph
from octobot.specs.rebuild.triggers.selection import Known, Selection, builds_with


def users(graph: Graph, trigger: Trigger, _known: Known) -> Selection:
    """Select all that build with a package, whatever annotations say."""
    provider = graph.provider(trigger.name)
    if provider is None:
        raise UnknownTriggerError(f"no spec builds or provides {trigger.name}")
    found = Selection()
    for name, text, pipelines in graph.users({provider.package}):
        found.pick(name, builds_with(text, pipelines))
    found.picked.pop(provider.spec, None)
    return found


def pipeline(graph: Graph, trigger: Trigger, _known: Known) -> Selection:
    """Select all that build through a pipeline, directly or through others."""
    found = Selection()
    for name, each in graph.specs.items():
        if trigger.name in each.pipelines:
            found.pick(name, f"builds through pipeline `{trigger.name}`")
    if not found.picked:
        raise UnknownTriggerError(f"no spec uses pipeline {trigger.name}")
    return found


def names(graph: Graph, trigger: Trigger, _known: Known) -> Selection:
    """Select specs by their names; several names or globs are separated by blanks."""
    found = Selection()
    for glob in trigger.name.split():
        matching = [name for name in graph.specs if fnmatchcase(name, glob)]
        if not matching:
            raise UnknownTriggerError(f"no spec is named {glob}")
        for name in matching:
            found.pick(name, f"is named by the order `{glob}`")
    return found
