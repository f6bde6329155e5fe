"""What kind of change a recorded bump made to a spec.

Both texts are compared as trees, without the fields that a bump may change, and by their lines, so
that a changed comment or spelling elsewhere counts as a person's edit.
"""

from collections import Counter
from dataclasses import dataclass

from octobot.specs.bump.overrides import is_override
from octobot.specs.read.nodes import Map, Node, Path, Scalar, Seq
from octobot.specs.read.sources import PipelineStep, holder, steps
from octobot.specs.read.substitution import own_scope

EDITED = "edited"
"""A person changed other lines too."""
PRUNED_DEPS = "pruned-deps"
"""Version and pins, and dependency overrides that upstream made needless."""
PRUNED_PICKS = "pruned-picks"
"""Version and pins, and cherry-picks that the new version contains."""
UNMOVED = "unmoved"
"""A new `_gitDATE` version over an unchanged commit."""
TAG_MOVED = "tag-moved"
"""The version stayed and a pin changed: the recorded bump followed a moved tag."""
BRANCH_MOVED = "branch-moved"
"""The version stayed and a followed branch moved within the day."""
LEFT_STREAM = "left-stream"
"""The version went outside the version stream of the package's name."""
TAKEN_BACK = "taken-back"
"""The distro reverted it: its next bump starts from a lower version."""
EPOCH_ONLY = "epoch-only"
"""Neither version nor pins changed."""

_PINS = {"expected-commit": "commit", "expected-sha256": "sha", "expected-sha512": "sha"}
_VERSION: Path = ("package", "version")
_EPOCH: Path = ("package", "epoch")
_Bare = str | tuple[object, ...] | None


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two texts, and the fields in it that a bump may change."""

    spec: Map
    lines: tuple[str, ...]
    fields: dict[Path, tuple[str, Scalar]]
    """Path → field (`version`, `epoch`, `commit` or `sha`) and scalar."""
    steps: tuple[PipelineStep, ...]

    @property
    def version(self) -> str:
        """The version in this text."""
        return self.fields[_VERSION][1].text if _VERSION in self.fields else ""

    @property
    def pins(self) -> Counter[str]:
        """The values of all pins."""
        fields = self.fields.items()
        return Counter(s.text for path, (_, s) in fields if path not in (_VERSION, _EPOCH))

    def line(self, path: Path) -> str:
        """Return the whole line of a field."""
        return self.lines[self.fields[path][1].line - 1]


def side_of(text: str, spec: Map) -> Side:
    """Find the fields that a bump may change in a text whose tree is `spec`."""
    every = tuple(steps(spec))
    fields: dict[Path, tuple[str, Scalar]] = {}
    package = spec.map("package") or Map(0, 1)
    for path, key in ((_VERSION, "version"), (_EPOCH, "epoch")):
        scalar = package.scalar(key)
        if scalar is not None:
            fields[path] = (key, scalar)
    known = own_scope(spec)
    sources = (step for step in every if step.uses in ("git-checkout", "fetch"))
    for step in sources:
        for _, key in step.scopes(known):
            for name, field in _PINS.items():
                held = holder(spec, step, name, key)
                if held is not None:
                    fields[held.path] = (field, held.scalar)
    return Side(spec, tuple(text.split("\n")), fields, every)


def kind_of(before: Side, after: Side) -> str:
    """Name the class of a recorded bump.

    A mechanical bump is named by the lines that changed, `commit+epoch+version`; the others are the
    constants above.
    """
    deps, picks = _overrides(before) - _overrides(after), _picks(before) - _picks(after)
    more = _overrides(after) - _overrides(before) or _picks(after) - _picks(before)
    pruned = bool(deps or picks)
    if more or _bare(before) != _bare(after) or _elsewhere(before, after, pruned=pruned):
        return EDITED
    if deps:
        return PRUNED_DEPS
    return PRUNED_PICKS if picks else _mechanical(before, after)


def _mechanical(before: Side, after: Side) -> str:
    moved = _moved_pins(before, after)
    if before.version == after.version:
        if not moved:
            return EPOCH_ONLY
        return BRANCH_MOVED if _of_branch(after, moved[0]) else TAG_MOVED
    if "_git" in after.version and after.pins and not moved:
        return UNMOVED
    both = [path for path in after.fields if path in before.fields]
    return "+".join(sorted({after.fields[p][0] for p in both if before.line(p) != after.line(p)}))


def _moved_pins(before: Side, after: Side) -> list[Path]:
    """Return the paths of the pins that both texts have, with different values."""
    return [
        path
        for path, (field, scalar) in after.fields.items()
        if field in _PINS.values()
        and path in before.fields
        and before.fields[path][1].text != scalar.text
    ]


def _of_branch(side: Side, path: Path) -> bool:
    """Return whether the first checkout with this pin takes a branch."""
    value = side.fields[path][1].text
    for step in side.steps:
        pin = step.inputs.text("expected-commit")
        if step.uses == "git-checkout" and (pin == value or "${{" in pin):
            return not step.inputs.text("tag")
    return False


def _overrides(side: Side) -> Counter[str]:
    return Counter(
        entry
        for step in side.steps
        if is_override(step)
        for key in ("deps", "replaces")
        for entry in step.inputs.text(key).split()
    )


def _picks(side: Side) -> Counter[str]:
    return Counter(
        line
        for step in side.steps
        if step.uses == "git-checkout"
        for line in step.inputs.text("cherry-picks").splitlines()
    )


def _bare(side: Side) -> _Bare:
    """Return the spec without the values of the fields, overrides and cherry-picks."""
    gone: set[Path] = set()
    for step in side.steps:
        if is_override(step) and not step.inputs.entries.keys().isdisjoint({"deps", "replaces"}):
            gone.add(step.path)
        if step.uses == "git-checkout":
            gone |= {(*step.path, "with", key) for key in ("cherry-picks", "depth")}
    return _without(side.spec, (), set(side.fields), gone)


def _without(node: Node, path: Path, blank: set[Path], gone: set[Path]) -> _Bare:
    match node:
        case Scalar():
            return None if path in blank else node.text
        case Map():
            inside = [(key, (*path, key), child) for key, child in node.entries.items()]
            return tuple((k, _without(c, p, blank, gone)) for k, p, c in inside if p not in gone)
        case Seq():
            items = [((*path, index), child) for index, child in enumerate(node.items)]
            return ("", *(_without(c, p, blank, gone) for p, c in items if p not in gone))


def _elsewhere(before: Side, after: Side, *, pruned: bool) -> bool:
    """Return whether a line without any of the fields changed."""
    came = Counter(after.lines) - Counter(before.lines)
    went = Counter(before.lines) - Counter(after.lines)
    shortened = {_deps_line(after, step) for step in after.steps if pruned and is_override(step)}
    if any(line not in shortened for line in came.keys() - _field_lines(after)):
        return True
    return not pruned and not went.keys() <= _field_lines(before)


def _field_lines(side: Side) -> set[str]:
    return {side.line(path) for path in side.fields}


def _deps_line(side: Side, step: PipelineStep) -> str | None:
    """Return the line of deps that are written on one line, which a bump may shorten."""
    deps = step.inputs.scalar("deps")
    return None if deps is None or deps.style in ("|", ">") else side.lines[deps.line - 1]
