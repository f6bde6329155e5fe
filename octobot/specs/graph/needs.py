"""What one spec builds, and what it is built, run and tested with.

These are the sets that `melange compile` computes: packages as they are written, with their
versions (`foo=1.2-r3`), templates replaced, ranges expanded, the needs of all pipelines included.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from octobot.model.reasons import Reason
from octobot.specs.graph.pipelines import (
    Gathered,
    Pipelines,
    TooManyStepsError,
    steps_of,
    texts,
)
from octobot.specs.read.nodes import Map
from octobot.specs.read.package import identity
from octobot.specs.read.parsing import bad_spec, read_tree
from octobot.specs.read.sources import items_of
from octobot.specs.read.substitution import Scope, Unknown, evaluate, scope

ARCHITECTURE = "x86_64"
"""The architecture whose `if:` branches count."""
_LONGEST_PRIORITY = 9
"""Digits."""


@dataclass(frozen=True, slots=True)
class Made:
    """One package that a spec builds."""

    runtime: frozenset[str]
    """What it depends on when it is installed."""
    provides: frozenset[str]
    priority: int = 0
    """Its `provider-priority`: the highest of a name's providers is installed."""


@dataclass(frozen=True, slots=True)
class Needs:
    """One spec, as the graph sees it."""

    name: str
    path: str
    version: str
    epoch: int
    packages: Mapping[str, Made]
    """The package first, then the subpackages."""
    build: Mapping[str, tuple[str, ...]]
    """Package → the pipelines that need it; empty for the environment itself."""
    test: frozenset[str]
    pipelines: frozenset[str]
    """All that the build uses, directly or through others."""
    unknown_pipelines: frozenset[str]
    unclear: frozenset[str]
    """Templates of needed packages that are not known before the build."""
    annotations: Mapping[str, str]
    shared: bool
    """The update block says that dependents need an epoch bump."""

    @property
    def full_version(self) -> str:
        """`1.2.3-r4`."""
        return f"{self.version}-r{self.epoch}"

    @property
    def runtime(self) -> frozenset[str]:
        """What its packages depend on when they are installed, all together."""
        return frozenset().union(*(made.runtime for made in self.packages.values()))


def read_needs(path: str, text: str, pipelines: Pipelines) -> Needs | Reason:
    """Read one spec; `path` is `NAME.yaml`."""
    tree = read_tree(path, text)
    if isinstance(tree, Reason):
        return tree
    known_as = identity(path, tree)
    if isinstance(known_as, Reason):
        return known_as
    name, version, epoch = known_as
    known = scope(tree, version, str(epoch)).with_names({"build.arch": ARCHITECTURE})
    try:
        return _Reading(tree, known, pipelines).needs(path, name, version, epoch)
    except TooManyStepsError:
        return bad_spec(path, tree.line, "its pipelines use each other too often")


@dataclass(frozen=True, slots=True)
class _Subpackage:
    name: str
    node: Map
    scope: Scope


class _Reading:
    """One spec while it is read."""

    def __init__(self, tree: Map, known: Scope, pipelines: Pipelines) -> None:
        self._tree = tree
        self._scope = known
        self._pipelines = pipelines
        self._unclear: set[str] = set()

    def needs(self, path: str, name: str, version: str, epoch: int) -> Needs:
        package = self._tree.map("package") or Map(0, 1)
        subpackages = list(self._subpackages())
        build, test = Gathered(), Gathered()
        _add(build, self._texts(_environment(self._tree), "packages", self._scope))
        self._pipelines.gather(steps_of(self._tree), self._scope, build)
        self._test(self._tree, name, self._scope, test)
        made = {name: self._made(package, self._scope)}
        for each in subpackages:
            self._pipelines.gather(steps_of(each.node), each.scope, build)
            self._test(each.node, each.name, each.scope, test)
            made[each.name] = self._made(each.node, each.scope)
        notes = package.map("annotations") or Map(0, 1)
        update = self._tree.map("update") or Map(0, 1)
        return Needs(
            name=name,
            path=path,
            version=version,
            epoch=epoch,
            packages=made,
            build={each: tuple(sorted(via)) for each, via in build.needs.items()},
            test=frozenset(test.needs),
            pipelines=frozenset(build.used),
            unknown_pipelines=frozenset(build.unknown | test.unknown),
            unclear=frozenset(self._unclear | build.unclear | test.unclear),
            annotations={
                key: value
                for key in notes.entries
                if isinstance(value := evaluate(notes.text(key), self._scope), str)
            },
            shared=update.text("shared") == "true",
        )

    def _subpackages(self) -> Iterator[_Subpackage]:
        for node in self._tree.items("subpackages"):
            if not isinstance(node, Map):
                continue
            for known in self._repetitions(node):
                name = evaluate(node.text("name"), known)
                if isinstance(name, Unknown):
                    self._unclear.add(node.text("name"))
                elif name:
                    yield _Subpackage(name, node, known.with_names({"subpkg.name": name}))

    def _repetitions(self, node: Map) -> Iterator[Scope]:
        named = node.text("range")
        if not named:
            yield self._scope
            return
        items = items_of(self._tree, named)[1]
        for key in items.entries:
            yield self._scope.with_names({"range.key": key, "range.value": items.text(key)})

    def _made(self, node: Map, known: Scope) -> Made:
        dependencies = node.map("dependencies") or Map(0, 1)
        priority = evaluate(dependencies.text("provider-priority"), known)
        number = priority if isinstance(priority, str) else ""
        return Made(
            runtime=frozenset(self._texts(dependencies, "runtime", known)),
            provides=frozenset(self._texts(dependencies, "provides", known)),
            priority=int(number) if number.isdecimal() and len(number) <= _LONGEST_PRIORITY else 0,
        )

    def _test(self, node: Map, name: str, known: Scope, into: Gathered) -> None:
        test = node.map("test")
        if test is None:
            return
        _add(into, (name, *self._texts(_environment(test), "packages", known)))
        self._pipelines.gather(steps_of(test), known, into)

    def _texts(self, node: Map | None, key: str, known: Scope) -> Sequence[str]:
        found = []
        for template in texts(node, key):
            value = evaluate(template, known)
            if isinstance(value, Unknown):
                self._unclear.add(template)
            elif value:
                found.append(value)
        return found


def _environment(parent: Map) -> Map | None:
    environment = parent.map("environment")
    return environment.map("contents") if environment else None


def _add(into: Gathered, packages: Sequence[str]) -> None:
    for package in packages:
        into.needs.setdefault(package, set()).add("")
