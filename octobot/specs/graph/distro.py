"""The files of a distro to a graph: its specs and its own pipelines."""

from collections.abc import Mapping
from dataclasses import dataclass

from octobot.model.reasons import Reason
from octobot.specs.graph.graph import Graph
from octobot.specs.graph.needs import Needs, read_needs
from octobot.specs.graph.pipelines import FOLDER, Pipelines, read_pipeline


@dataclass(frozen=True, slots=True)
class Distro:
    """A graph, and what is missing in it."""

    graph: Graph
    unreadable: Mapping[str, Reason]
    """Path of a spec or pipeline → why it is left out."""
    unknown_pipelines: Mapping[str, tuple[str, ...]]
    """Pipelines that neither the distro nor melange has → the specs that use them."""


@dataclass(frozen=True, slots=True)
class OwnPipelines:
    """The distro's own pipelines, put before melange's."""

    pipelines: Pipelines
    unreadable: Mapping[str, Reason]


def read_distro(files: Mapping[str, str]) -> Distro:
    """Read path → text of `NAME.yaml` and `pipelines/**/NAME.yaml`; other files are left out."""
    own = read_pipelines(files)
    specs = {
        path: read_needs(path, text, own.pipelines)
        for path, text in files.items()
        if "/" not in path and path.endswith(".yaml")
    }
    return join(own, specs)


def read_pipelines(files: Mapping[str, str]) -> OwnPipelines:
    """Read path → text of `pipelines/**/NAME.yaml`; other files are left out."""
    own, unreadable = {}, {}
    for path, text in files.items():
        if path.startswith(FOLDER) and path.endswith(".yaml"):
            pipeline = read_pipeline(path, text)
            if isinstance(pipeline, Reason):
                unreadable[path] = pipeline
            else:
                own[path.removeprefix(FOLDER).removesuffix(".yaml")] = pipeline
    return OwnPipelines(Pipelines(own), unreadable)


def join(own: OwnPipelines, specs: Mapping[str, Needs | Reason]) -> Distro:
    """Make the graph of specs, path → what was read with these pipelines."""
    readable = [each for each in specs.values() if isinstance(each, Needs)]
    bad = {path: each for path, each in specs.items() if isinstance(each, Reason)}
    return Distro(Graph(readable), {**own.unreadable, **bad}, _unknown(readable))


def _unknown(specs: list[Needs]) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for each in specs:
        for name in each.unknown_pipelines:
            found.setdefault(name, []).append(each.name)
    return {name: tuple(sorted(found[name])) for name in sorted(found)}
