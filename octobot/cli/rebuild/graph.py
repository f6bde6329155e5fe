"""`octobot rebuild graph`: which spec is built, run and tested with which; offline."""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import click

from octobot.cli.rebuild.source import FORM, distro_of, reads_distro
from octobot.messages.terminal import inert
from octobot.model.errors import UserError
from octobot.specs.graph.graph import Graph
from octobot.specs.graph.levels import components, levels
from octobot.specs.graph.needs import Needs


@click.command("graph")
@reads_distro
@click.argument("names", metavar="[NAME]...", nargs=-1)
@click.option("--dot", is_flag=True, help="Print the build edges for Graphviz.")
def command(
    source: Path, names: tuple[str, ...], *, revision: str | None, dot: bool, as_json: bool
) -> None:
    """Show what specs are built, run and tested with, and what is built with them.

    Works offline on a directory, a tarball or a revision of a git repository.  `--json` prints what
    each spec needs, as `melange compile` computes it: all pipelines' needs included.
    """
    graph = distro_of(source, revision)[0].graph
    chosen = [_named(graph, name) for name in names] or sorted(graph.specs)
    if as_json:
        document = {
            "version": FORM,
            "specs": {name: needs_of(graph.specs[name]) for name in chosen},
        }
        click.echo(json.dumps(document, indent=2))
    elif dot:
        click.echo(_dot(graph, chosen if names else None))
    else:
        lines = [line for name in chosen for line in _spec(graph, name)] if names else _all(graph)
        for line in lines:
            indent = line[: len(line) - len(line.lstrip())]
            click.echo(indent + inert(line, limit=20_000))


def _named(graph: Graph, name: str) -> str:
    provider = graph.provider(name)
    if provider is None:
        raise UserError(f"no spec is named {inert(name)}, and none builds a package of that name")
    return name if name in graph.specs else provider.spec


def needs_of(spec: Needs) -> Mapping[str, object]:
    """Return what a spec needs, in the form that `--json` prints."""
    subpackages = {
        name: {"runtime": sorted(made.runtime), "provides": sorted(made.provides)}
        for name, made in spec.packages.items()
        if name != spec.name
    }
    package = spec.packages[spec.name]
    return {
        "version": spec.full_version,
        "build": sorted(spec.build),
        "runtime": sorted(package.runtime),
        "provides": sorted(package.provides),
        "subpackages": subpackages,
        "test": sorted(spec.test),
    }


def _dot(graph: Graph, chosen: Sequence[str] | None) -> str:
    edges = [(name, other) for name in sorted(graph.build) for other in sorted(graph.build[name])]
    if chosen is not None:
        edges = [edge for edge in edges if not set(chosen).isdisjoint(edge)]
    drawn = (f"  {_quoted(name)} -> {_quoted(other)};" for name, other in edges)
    return "\n".join(("digraph build {", *drawn, "}"))


def _quoted(name: str) -> str:
    return json.dumps(name)


def _spec(graph: Graph, name: str) -> Iterable[str]:
    spec = graph.specs[name]
    yield f"{name} {spec.full_version}"
    yield f"  packages: {' '.join(spec.packages)}"
    for title, edges in (("build", graph.build), ("run", graph.run), ("test", graph.test)):
        users = sorted(other for other, needed in edges.items() if name in needed)
        yield f"  {title} needs {len(edges[name])}: {' '.join(sorted(edges[name]))}"
        yield f"  {title} needed by {len(users)}: {' '.join(users)}"


def _all(graph: Graph) -> Iterable[str]:
    packages = sum(len(spec.packages) for spec in graph.specs.values())
    yield f"{len(graph.specs)} specs, {packages} packages, {len(graph.providers)} names"
    for title, edges in (("build", graph.build), ("run", graph.run), ("test", graph.test)):
        cycles = sorted((len(each) for each in components(edges) if len(each) > 1), reverse=True)
        yield (
            f"{title}: {sum(map(len, edges.values()))} edges, {len(levels(edges))} levels,"
            f" cycles of {', '.join(map(str, cycles)) or 'none'}"
        )
    for kind, names in graph.unresolved.items():
        yield f"{kind}: nothing provides {len(names)}: {' '.join(names)}"
