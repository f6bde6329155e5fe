"""What pipelines install before they run: the distro's own, and melange's built-in ones.

A step that `uses` a pipeline installs the `needs.packages` of it, inputs put in, and those
of every pipeline that it uses in turn (melange pkg/build, compile.go).  A pipeline of the distro
hides the built-in one of the same name.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from octobot.model.reasons import Reason
from octobot.specs.graph.conditions import may_hold
from octobot.specs.graph.melange import BUILT_IN, BuiltIn
from octobot.specs.read.nodes import Map, Scalar
from octobot.specs.read.parsing import bad_spec, read_tree
from octobot.specs.read.substitution import Scope, Unknown, evaluate

FOLDER = "pipelines/"
"""Where a distro's own pipelines are."""
DEEPEST = 12
"""Pipelines that use each other; the distro has at most 4."""
MOST = 5_000
"""Steps of one spec with all that they use; the distro has at most 400.  Five levels of pipelines
that each use ten others would be 100,000."""


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a pipeline."""

    uses: str = ""
    inputs: Mapping[str, str] = field(default_factory=dict)
    """Its `with:`."""
    needs: tuple[str, ...] = ()
    condition: str = ""
    steps: tuple["Step", ...] = ()
    line: int = 0


@dataclass(frozen=True, slots=True)
class Pipeline:
    """A pipeline that steps can use."""

    needs: tuple[str, ...]
    defaults: Mapping[str, str]
    """Of its inputs."""
    steps: tuple[Step, ...] = ()


@dataclass(slots=True)
class Gathered:
    """What some steps install, and through what."""

    needs: dict[str, set[str]] = field(default_factory=dict)
    """Package as it is written, with its version → the pipelines that need it; empty: the step."""
    used: set[str] = field(default_factory=set)
    """The names of all pipelines."""
    unknown: set[str] = field(default_factory=set)
    """Pipelines that nobody has."""
    unclear: set[str] = field(default_factory=set)
    """Packages whose name is not known before the build."""
    visited: int = 0


class TooManyStepsError(Exception):
    """Pipelines use each other without end, or nearly so."""


def read_pipeline(path: str, text: str) -> Pipeline | Reason:
    """Read a pipeline of the distro, `pipelines/NAME.yaml`."""
    tree = read_tree(path, text)
    if isinstance(tree, Reason):
        return tree
    inputs = tree.map("inputs") or Map(0, 1)
    defaults = {name: (inputs.map(name) or Map(0, 1)).text("default") for name in inputs.entries}
    if "pipeline" not in tree.entries and "runs" not in tree.entries and not _needs(tree):
        return bad_spec(path, tree.line, "a pipeline has `pipeline`, `runs` or `needs`")
    return Pipeline(_needs(tree), defaults, steps_of(tree))


def steps_of(parent: Map, key: str = "pipeline") -> tuple[Step, ...]:
    """Read the steps below a key; what is no mapping is left out, as it installs nothing."""
    return tuple(_step(node) for node in parent.items(key) if isinstance(node, Map))


def texts(parent: Map | None, key: str) -> tuple[str, ...]:
    """Return the scalars of a sequence."""
    items = parent.items(key) if parent else ()
    return tuple(item.text for item in items if isinstance(item, Scalar))


def _step(node: Map) -> Step:
    inputs = node.map("with") or Map(0, 1)
    return Step(
        uses=node.text("uses"),
        inputs={name: inputs.text(name) for name in inputs.entries},
        needs=_needs(node),
        condition=node.text("if"),
        steps=steps_of(node),
        line=node.line,
    )


def _needs(node: Map) -> tuple[str, ...]:
    return texts(node.map("needs"), "packages")


class Pipelines:
    """All pipelines by name."""

    def __init__(self, own: Mapping[str, Pipeline]) -> None:
        """Put the distro's own before melange's."""
        self._known = {**{name: _built_in(each) for name, each in BUILT_IN.items()}, **own}

    def gather(self, steps: Sequence[Step], scope: Scope, into: Gathered) -> None:
        """Add what `steps` install; endless pipelines are a `TooManyStepsError`."""
        for step in steps:
            self._gather(step, scope, into, ())

    def _gather(self, step: Step, scope: Scope, into: Gathered, trail: tuple[str, ...]) -> None:
        into.visited += 1
        if into.visited > MOST or len(trail) > DEEPEST:
            raise TooManyStepsError
        inputs, steps = step.inputs, step.steps
        own = [(trail[-1] if trail else "", step.needs)]
        if step.uses and not steps:
            trail = (*trail, step.uses)
            if used := self._known.get(step.uses):
                inputs, steps = {**used.defaults, **inputs}, used.steps
                own.append((step.uses, used.needs))
            else:
                into.unknown.add(step.uses)
        scope = _with_inputs(scope, {name: evaluate(text, scope) for name, text in inputs.items()})
        if step.condition and not may_hold(step.condition, lambda text: evaluate(text, scope)):
            return
        into.used.update(trail)
        for via, needs in own:
            _add(needs, via, scope, into)
        for inner in steps:
            self._gather(inner, scope, into, trail)


def _add(needs: Sequence[str], via: str, scope: Scope, into: Gathered) -> None:
    for template in needs:
        package = evaluate(template, scope)
        if isinstance(package, Unknown):
            into.unclear.add(template)
        elif package:
            into.needs.setdefault(package, set()).add(via)


def _with_inputs(scope: Scope, inputs: Mapping[str, str | Unknown]) -> Scope:
    return scope.with_names({f"inputs.{name}": value for name, value in inputs.items()})


def _built_in(each: BuiltIn) -> Pipeline:
    steps = tuple(Step(uses=name) for name in each.uses)
    return Pipeline(tuple(each.needs.split()), each.defaults, steps)
