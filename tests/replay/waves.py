"""Answers which specs a recorded rebuild wave should have raised, from the tree before it.

`python -m tests.replay.waves CASES.jsonl.gz TREES.tar.xz > answers.jsonl`: one line a wave,
`{"id": …, "rebuild": [names]}`.  Of a case only `id`, `kind`, `trigger` and `trigger_commit` are
read, and of the trees the one of that id.
"""

import gzip
import json
import re
import sys
import tarfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from octobot.model.rebuild import Trigger, TriggerKind
from octobot.model.version import order_key
from octobot.specs.graph.distro import read_distro
from octobot.specs.graph.graph import Graph
from octobot.specs.rebuild.plan import plan
from octobot.specs.rebuild.triggers.stream import previous_stream

_STREAM = re.compile(r"-?[0-9]+(\.[0-9]+)*$")
"""The stream at the end of a spec's name."""


@dataclass(frozen=True, slots=True)
class Wave:
    """The question of one case."""

    id: str
    kind: str
    trigger: str
    """A spec's name, or a pattern over names."""
    spec: str
    """The spec that the trigger's commit changed."""
    version: str


def read_waves(path: Path) -> Iterator[Wave]:
    """Read the questions of the cases."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            case = json.loads(line)
            commit = case["trigger_commit"]
            yield Wave(case["id"], case["kind"], case["trigger"], commit["spec"], commit["version"])


class Trees:
    """The trees of the waves, read from their archive once."""

    def __init__(self, archive: Path) -> None:
        """Hold the texts by their blobs: most specs are the same in many trees."""
        self._blobs: dict[str, str] = {}
        self._trees: dict[str, dict[str, str]] = {}
        with tarfile.open(archive) as tar:
            for member in tar:
                file = tar.extractfile(member)
                name = Path(member.name)
                if file and name.name == "trees.json":
                    self._trees = json.load(file)
                elif file and name.parent.name == "blobs":
                    self._blobs[name.name] = file.read().decode("utf-8", "surrogateescape")

    def files(self, wave: str) -> Mapping[str, str]:
        """Return path → text of a wave's tree."""
        return {path: self._blobs[blob] for path, blob in self._trees[wave].items()}


def answer(wave: Wave, graph: Graph) -> frozenset[str]:
    """Return the specs of the plan; none where the tree has no spec like the trigger's."""
    trigger = trigger_of(wave, graph)
    return frozenset(plan(graph, trigger).specs) if trigger else frozenset()


def trigger_of(wave: Wave, graph: Graph) -> Trigger | None:
    """Return what a person would have ordered.

    A pattern means the spec that was committed, or the newest that it fits; a stream that is only
    about to be added, the newest of its family.
    """
    spec = wave.spec if wave.spec in graph.specs else _newest(wave, graph)
    if spec is None:
        return None
    if wave.kind == "stream" and (old := previous_stream(graph, spec)):
        return Trigger(TriggerKind.STREAM, spec, old)
    return Trigger(TriggerKind.PACKAGE, spec, new=wave.version)


def _newest(wave: Wave, graph: Graph) -> str | None:
    fitting = [name for name in graph.specs if re.fullmatch(wave.trigger, name)]
    stem = _STREAM.sub("", wave.spec)
    family = [name for name in graph.specs if name != stem and _STREAM.sub("", name) == stem]
    found = fitting or (family if stem != wave.spec else [])
    return max(found, key=lambda name: order_key(graph.specs[name].version), default=None)


def main(cases: Path, archive: Path) -> None:
    """Print the answers."""
    trees = Trees(archive)
    for wave in read_waves(cases):
        graph = read_distro(trees.files(wave.id)).graph
        names = sorted(answer(wave, graph))
        sys.stdout.write(json.dumps({"id": wave.id, "rebuild": names}) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
