"""What differs between two texts of a spec, beyond what a bump may touch.

Both sides are parsed and compared as trees (never the diff's text: Homebrew's reviewing bot was
spoofed through that in 2021).  A bump may change the version, the epoch and the pins of the spec
before, and may drop dependency overrides and cherry-picks; a new value must look like the one that
it replaces.  Every other change is unexpected.
"""

import re
from collections.abc import Callable, Iterator

from octobot.model.reasons import Reason
from octobot.model.version import is_greater, parse
from octobot.specs.bump.overrides import ONLY_FOR_DEPS, is_override
from octobot.specs.read.nodes import Map, Node, Path, Scalar, Seq, readable
from octobot.specs.read.parsing import edit_tree
from octobot.specs.read.sources import PipelineStep, holder, steps
from octobot.specs.read.substitution import own_scope

_PINS = {
    "expected-commit": re.compile(r"[0-9a-f]{40}"),
    "expected-sha256": re.compile(r"[0-9a-f]{64}"),
    "expected-sha512": re.compile(r"[0-9a-f]{128}"),
}
_EPOCH = re.compile(r"0|[1-9][0-9]{0,8}")
_UNREADABLE = ("<spec>",)

Check = Callable[[str, str], bool]
"""Whether a scalar may go from the first text to the second."""


def unexpected_changes(path: str, before: str, after: str) -> tuple[str, ...]:
    """Return the paths that differ although a bump may not change them; empty is good.

    For a text that cannot be read this is `("<spec>",)`: what is not understood is not allowed.
    """
    old, new = edit_tree(path, before), edit_tree(path, after)
    if isinstance(old, Reason) or isinstance(new, Reason):
        return _UNREADABLE
    return tuple(readable(where) for where in _Comparison(old).differences(old, new, ()))


class _Comparison:
    """The allow-list of one spec, and the walk over both trees."""

    def __init__(self, old: Map) -> None:
        self._may_change: dict[Path, Check] = {
            ("package", "version"): _next_version,
            ("package", "epoch"): lambda _, text: _EPOCH.fullmatch(text) is not None,
        }
        self._may_go: set[Path] = set()
        known = own_scope(old)
        for step in steps(old):
            for _, key in step.scopes(known):
                self._allow_pins(old, step, key)
            self._allow_pruning(step)

    def differences(self, old: Node, new: Node, path: Path) -> Iterator[Path]:
        """Yield the paths, in the old spec, of unexpected changes."""
        match old, new:
            case Scalar(), Scalar():
                check = self._may_change.get(path)
                if old.text != new.text and not (check and check(old.text, new.text)):
                    yield path
            case Map(), Map():
                yield from self._of_maps(old, new, path)
            case Seq(), Seq():
                yield from self._of_items(old.items, new.items, path)
            case _:
                yield path

    def _allow_pins(self, old: Map, step: PipelineStep, key: str) -> None:
        for name, shape in _PINS.items():
            held = holder(old, step, name, key)
            if held is not None and step.uses in ("git-checkout", "fetch"):
                self._may_change[held.path] = _of_shape(shape)

    def _allow_pruning(self, step: PipelineStep) -> None:
        inputs = (*step.path, "with")
        if step.uses == "git-checkout" and "cherry-picks" in step.inputs.entries:
            self._may_change[(*inputs, "cherry-picks")] = _fewer_lines
            self._may_go |= {(*inputs, "cherry-picks"), (*inputs, "depth")}
        if is_override(step):
            self._may_change[(*inputs, "deps")] = _fewer_words
            self._may_go.add((*inputs, "deps"))
            if step.inputs.entries.keys() <= ONLY_FOR_DEPS:
                self._may_go.add(step.path)

    def _of_maps(self, old: Map, new: Map, path: Path) -> Iterator[Path]:
        gone = [key for key in old.entries if key not in new.entries]
        for key in gone:
            depth_alone = key == "depth" and "cherry-picks" not in gone
            if (*path, key) not in self._may_go or depth_alone:
                yield (*path, key)
        yield from ((*path, key) for key in new.entries if key not in old.entries)
        for key, node in old.entries.items():
            if key in new.entries:
                yield from self.differences(node, new.entries[key], (*path, key))

    def _of_items(self, old: list[Node], new: list[Node], path: Path) -> Iterator[Path]:
        """Compare item by item; a step that may go and does not match was dropped."""
        position, fewer = 0, len(old) - len(new)
        for index, node in enumerate(old):
            here: Path = (*path, index)
            there = new[position] if position < len(new) else None
            found = [here] if there is None else list(self.differences(node, there, here))
            if found and fewer > 0 and here in self._may_go:
                fewer -= 1
            else:
                position += 1
                yield from found
        if position < len(new):
            yield (*path, len(old))


def _next_version(old: str, new: str) -> bool:
    return parse(old) is not None and parse(new) is not None and is_greater(new, old)


def _of_shape(shape: re.Pattern[str]) -> Check:
    return lambda _, new: shape.fullmatch(new) is not None


def _fewer_words(old: str, new: str) -> bool:
    return _subsequence(new.split(), old.split())


def _fewer_lines(old: str, new: str) -> bool:
    return _subsequence(new.split("\n"), old.split("\n"))


def _subsequence(part: list[str], whole: list[str]) -> bool:
    rest = iter(whole)
    return all(any(word == other for other in rest) for word in part)
