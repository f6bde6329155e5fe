"""A move from one version stream to the next, such as `go-1.26` to `go-1.27`.

The direct users of the old stream move, and so do those that build with a name which both provide.
Users of still older streams are pinned, and a spec may opt out by an annotation.
"""

from collections.abc import Container

from octobot.model.rebuild import Trigger
from octobot.model.version import order_key
from octobot.specs.graph.graph import Graph, need
from octobot.specs.graph.needs import Needs
from octobot.specs.rebuild.triggers.selection import (
    Known,
    Selection,
    builds_with,
    has_note,
    siblings,
)

OPT_OUT = "toolchain-stream-reconcile-optout"
"""The annotation of a spec that stays in its stream."""


def affected(graph: Graph, trigger: Trigger, _known: Known) -> Selection:
    """Select the users of the stream that is left."""
    new, old = graph.specs[trigger.name], graph.specs.get(trigger.old)
    family = {new.name, trigger.old, *siblings(graph, new)}
    shared = {
        wanted.name for text in new.packages[new.name].provides if (wanted := need(text))
    } | frozenset(old.packages if old else ())
    found = Selection()
    for name, each in graph.specs.items():
        package, text = _used(each, shared, trigger.old)
        if not package:
            continue
        if name in family:
            found.skip(name, "is itself a stream of this family")
        elif has_note(each, OPT_OUT):
            found.skip(name, f"opted out: `{OPT_OUT}`")
        else:
            found.pick(name, builds_with(package, each.build[text]))
    for other in siblings(graph, new):
        for name, text, _ in graph.users(graph.specs[other].packages):
            if name not in family:
                found.skip(name, f"is pinned to another stream: builds with `{text}`")
    return found


def _used(spec: Needs, shared: Container[str], first: str) -> tuple[str, str]:
    """Return a package of the streams that a spec builds with, `first` if it does, and how."""
    named = ((wanted.name, text) for text in spec.build if (wanted := need(text)))
    used = (one for one in named if one[0] in shared)
    return min(used, key=lambda one: (one[0] != first, one), default=("", ""))


def previous_stream(graph: Graph, name: str) -> str:
    """Return the stream before this one, the highest lower sibling; empty without one."""
    spec = graph.specs[name]
    others = siblings(graph, spec)
    lower = [each for each in others if _key(graph, each) < _key(graph, name)]
    return max(lower, key=lambda each: _key(graph, each), default="")


def _key(graph: Graph, name: str) -> tuple[tuple[int, ...], ...]:
    return order_key(graph.specs[name].version)
