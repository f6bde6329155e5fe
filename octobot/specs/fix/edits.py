"""One mend to edits of a spec's text, or to the words that say why not."""

from collections.abc import Callable, Sequence

from octobot.specs.bump.edits import Edit
from octobot.specs.bump.go_modules import module_order
from octobot.specs.bump.overrides import ONLY_FOR_DEPS, is_override, listed_deps
from octobot.specs.bump.prune import picked
from octobot.specs.bump.removal import keep_lines, remove_item, remove_key
from octobot.specs.fix.allowed_fields import is_file, is_module, is_package_name, is_plain_text
from octobot.specs.read.nodes import Map, Path, Scalar, Seq, line_end, line_start, lines_end
from octobot.specs.read.sources import PipelineStep, steps

Made = list[Edit] | str
"""Edits, or why there are none."""

_FEWEST_DIGITS = 7


def add_package(text: str, spec: Map, path: Path, name: str) -> Made:
    """Add a package to the list at `path`: in its place when the list is sorted, else last."""
    if not is_package_name(name):
        return "that is not the name of a package"
    listed = _at(spec, path)
    if not isinstance(listed, Seq) or not listed.items:
        return "there is no list of packages to add it to"
    items = [item for item in listed.items if isinstance(item, Scalar)]
    names = [item.text for item in items]
    if len(items) != len(listed.items):
        return "the list of packages is not a plain one"
    if name in (each.partition("=")[0].partition("~")[0] for each in names):
        return "the package is listed already"
    index = sum(each < name for each in names) if names == sorted(names) else len(names)
    edit = _insert(text, items, index, (*path, index), name)
    return [edit] if edit else "the list of packages is not written one to a line"


def remove_package(text: str, spec: Map, path: Path) -> Made:
    """Take the package at `path` out of its list."""
    listed, index = _at(spec, path[:-1]), path[-1]
    if not isinstance(listed, Seq) or not isinstance(index, int) or index >= len(listed.items):
        return "there is no such package"
    item = listed.items[index]
    if len(listed.items) == 1 or not isinstance(item, Scalar):
        return "nothing would be left of the list"
    start, end = line_start(text, item.start), line_end(text, item.end)
    if not _alone(text, item):
        return "the list of packages is not written one to a line"
    return [Edit(path, item.line, ((start, end, ""),), item.text, None)]


def drop_patch(text: str, spec: Map, file: str) -> Made:
    """Stop applying a patch, wherever a step applies it; the step goes when it was the last."""
    if not is_file(file):
        return "that is not the name of a patch"
    edits: list[Edit] = []
    for step in steps(spec):
        listed = step.inputs.text("patches").split() if step.uses == "patch" else []
        goes = {each for each in listed if _base(each) == _base(file)}
        if goes:
            made = _without_words(text, spec, step, "patches", goes)
            if isinstance(made, str):
                return made
            edits += made
    return edits or "no step applies that patch by its name"


def drop_pick(text: str, spec: Map, commit: str) -> Made:
    """Stop picking a commit; the input goes when it was the last."""
    wanted = commit.lower()
    if len(wanted) < _FEWEST_DIGITS or not all(char in "0123456789abcdef" for char in wanted):
        return "that is not a commit"
    edits: list[Edit] = []
    for step in steps(spec):
        scalar = step.inputs.scalar("cherry-picks")
        if step.uses != "git-checkout" or scalar is None:
            continue
        lines = [line for line in scalar.text.splitlines() if line.strip()]
        stays = [line for line in lines if not picked(line).startswith(wanted)]
        if len(stays) == len(lines):
            continue
        edit = _fewer_picks(text, step, scalar, stays)
        if edit is None:
            return "the picks are not written one to a line"
        edits.append(edit)
    return edits or "no checkout picks that commit"


def drop_dependency(text: str, spec: Map, module: str) -> Made:
    """Stop pinning a module, wherever it is; the step goes when it was for that alone."""
    if not is_module(module):
        return "that is not a module"
    edits: list[Edit] = []
    for step in steps(spec):
        listed = listed_deps(step) if is_override(step) else []
        goes = {each for each in listed if each.partition("@")[0] == module}
        if goes:
            made = _without_words(text, spec, step, "deps", goes)
            if isinstance(made, str):
                return made
            edits += made
    return edits or "no step pins that module"


def raise_dependency(text: str, spec: Map, module: str, version: str) -> Made:
    """Raise a module's pin, wherever it is; a pin is never lowered."""
    wanted = module_order(version)
    if not is_module(module) or wanted is None or not is_plain_text(version):
        return "that is not a module and its version"
    edits: list[Edit] = []
    for step in steps(spec):
        deps = step.inputs.scalar("deps") if is_override(step) else None
        pins = [each for each in listed_deps(step) if each.partition("@")[0] == module]
        if deps is None or not pins:
            continue
        if any((module_order(each.partition("@")[2]) or wanted) >= wanted for each in pins):
            return "the pin is not lower than that"
        path: Path = (*step.path, "with", "deps")
        edit = keep_lines(text, deps, path, _replacing(set(pins), f"{module}@{version}"))
        if edit is None:
            return "the pins are not written in lines"
        edits.append(edit)
    return edits or "no step pins that module"


def drop_step(text: str, spec: Map, step: PipelineStep) -> Made:
    """Take a whole step out."""
    siblings = [each for each in steps(spec) if each.path[:-1] == step.path[:-1]]
    edit = remove_item(text, step.node, step.path) if len(siblings) > 1 else None
    return [edit] if edit else "the step cannot go"


def _without_words(text: str, spec: Map, step: PipelineStep, key: str, goes: set[str]) -> Made:
    """Take words out of an input; when none is left, the input or the whole step goes."""
    scalar = step.inputs.scalar(key)
    if scalar is None:
        return "the input is not a text"
    path: Path = (*step.path, "with", key)
    if set(scalar.text.split()) == goes:
        if step.inputs.entries.keys() <= ONLY_FOR_DEPS | {"patches", "strip-components"}:
            return drop_step(text, spec, step)
        edit = remove_key(text, step.inputs, key, path)
    else:
        edit = keep_lines(text, scalar, path, _keeping(goes))
    return [edit] if edit else "the input is not written in lines"


def _keeping(goes: set[str]) -> Callable[[str], str]:
    def keep(line: str) -> str:
        words = line.split()
        kept = [word for word in words if word not in goes]
        return line if kept == words else " ".join(kept)

    return keep


def _replacing(old: set[str], new: str) -> Callable[[str], str]:
    def keep(line: str) -> str:
        words = line.split()
        kept = list(dict.fromkeys(new if word in old else word for word in words))
        return line if kept == words else " ".join(kept)

    return keep


def _fewer_picks(
    text: str, step: PipelineStep, scalar: Scalar, stays: Sequence[str]
) -> Edit | None:
    path: Path = (*step.path, "with", "cherry-picks")
    if not any(picked(line) for line in stays):
        return remove_key(text, step.inputs, "cherry-picks", path)
    return keep_lines(text, scalar, path, lambda line: line if line in stays else "")


def _insert(text: str, items: Sequence[Scalar], index: int, path: Path, name: str) -> Edit | None:
    """Write a new item on a line of its own, as its neighbour is written."""
    near = items[index - 1] if index else items[0]
    if not _alone(text, near):
        return None
    dash = text[line_start(text, near.start) : near.start]
    end = line_end(text, near.end) if index else line_start(text, near.start)
    last = text[:end].endswith("\n") or not index
    close = "\r\n" if text[:end].endswith("\r\n") else "\n"
    line = f"{dash}{name}{close}" if last else f"\n{dash}{name}"
    return Edit(path, near.line, ((end, end, line),), "", name, insert=True)


def _alone(text: str, item: Scalar) -> bool:
    """Tell whether an item stands on one line with its dash, and perhaps a comment."""
    before = text[line_start(text, item.start) : item.start]
    after = text[item.end : line_end(text, item.end)].strip()
    return before.strip(" ") == "-" and (not after or after.startswith("#"))


def input_lines(text: str, parent: Map) -> tuple[int, str] | None:
    """Give where a further input of a step can be written, and its indentation."""
    last = next(reversed(parent.entries), None)
    if last is None:
        return None
    key = parent.keys[last]
    indent = text[line_start(text, key.start) : key.start]
    if indent.strip(" "):
        return None
    return lines_end(text, key.start, parent.entries[last]), indent


def _base(file: str) -> str:
    return file.rpartition("/")[2]


def _at(spec: Map, path: Path) -> object:
    node: object = spec
    for step in path:
        if isinstance(node, Map) and isinstance(step, str):
            node = node.entries.get(step)
        elif isinstance(node, Seq) and isinstance(step, int) and 0 <= step < len(node.items):
            node = node.items[step]
        else:
            return None
    return node
