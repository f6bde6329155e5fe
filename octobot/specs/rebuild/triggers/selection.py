"""What a trigger finds: the specs to rebuild, and those that stay, each with the reason."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from octobot.model.stream import stream_of
from octobot.specs.graph.graph import Graph
from octobot.specs.graph.index import Index
from octobot.specs.graph.needs import Needs


@dataclass(frozen=True, slots=True)
class Known:
    """What the plan must respect beside the specs; each a spec with its reason."""

    index: Index | None = None
    """Of the built packages; None: not known, and sonames are guessed from the specs."""
    toolchains: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Spec → the packages whose users are rebuilt, as the repository's file says it; this wins over
    annotations."""
    held: Mapping[str, str] = field(default_factory=dict)
    """On hold, by a person or the repository's file."""
    raised: Mapping[str, str] = field(default_factory=dict)
    """Version or epoch changed since the trigger landed, whoever did it."""


NOTHING_KNOWN = Known()


@dataclass(slots=True)
class Selection:
    """The specs that one trigger is about."""

    picked: dict[str, str] = field(default_factory=dict)
    """Spec → why it is rebuilt."""
    skipped: dict[str, str] = field(default_factory=dict)
    """Spec → why it stays."""
    certain: bool = True
    """False: found from the specs alone, and may be more than needed."""

    def pick(self, spec: str, why: str) -> None:
        """Add a spec, unless a reason is already there."""
        self.picked.setdefault(spec, why)

    def skip(self, spec: str, why: str) -> None:
        """Leave a spec as it is."""
        if spec not in self.picked:
            self.skipped.setdefault(spec, why)


def builds_with(name: str, pipelines: Iterable[str]) -> str:
    """Say why: "builds with `go-1.26` through pipeline `go/build`"."""
    through = [each for each in pipelines if each]
    if not through or "" in pipelines:
        return f"builds with `{name}`"
    return f"builds with `{name}` through pipeline `{through[0]}`"


def development_packages(spec: Needs) -> tuple[str, ...]:
    """Return the packages that a spec is built with when it is linked."""
    return tuple(name for name in spec.packages if name.endswith("-dev"))


def siblings(graph: Graph, spec: Needs) -> Mapping[str, str]:
    """Return the other version streams of a spec's family → the numbers of each."""
    stem, stream = stem_of(spec)
    if not stream:
        return {}
    found = {name: stem_of(each) for name, each in graph.specs.items() if name.startswith(stem)}
    return {
        name: numbers
        for name, (its_stem, numbers) in found.items()
        if its_stem == stem and numbers and name != spec.name
    }


def stem_of(spec: Needs) -> tuple[str, str]:
    """Take a name apart: `go-1.26` is `go` and `1.26`, `perl` is `perl` and nothing."""
    stream = stream_of(spec.name, spec.version)
    return spec.name.removesuffix(stream).rstrip("-_"), stream


def has_note(spec: Needs, annotation: str) -> bool:
    """Return whether an annotation of `package.annotations` says `true`."""
    return spec.annotations.get(annotation, "").strip() == "true"
