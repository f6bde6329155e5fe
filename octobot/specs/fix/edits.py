"""Turn one fix into edits of a spec's text, or into a text that says why not."""

import re
from bisect import bisect
from collections.abc import Callable, Sequence

from octobot.specs.bump.edits import Edit
from octobot.specs.bump.go_modules import module_order
from octobot.specs.bump.overrides import ONLY_FOR_DEPS, is_override, listed_deps
from octobot.specs.bump.prune import drop_picks, picked_commits
from octobot.specs.bump.removal import keep_lines, remove_key, remove_step
from octobot.specs.fix.allowed_fields import is_file, is_module, is_package_name, is_plain_text
from octobot.specs.read.nodes import Map, Path, Scalar, Seq, line_end, line_start, lines_end
from octobot.specs.read.sources import PipelineStep, steps

Made = list[Edit] | str
"""Edits, or why there are none."""

_COMMIT = re.compile("[0-9a-f]{7,}")


def add_package(text: str, spec: Map, path: Path, name: str) -> Made:
    """Add a package to the list at `path`: in its place when the list is sorted, else last."""
    if not is_package_name(name):
        return "that is not the name of a package"
    listed = _at(spec, path)
    if not isinstance(listed, Seq) or not listed.items:
        return "there is no list of packages to add it to"
    items = [item for item in listed.items if isinstance(item, Scalar)]
    if len(items) != len(listed.items):
        return "the list of packages is not a plain one"
    names = [item.text for item in items]
    if name in (re.split("[=~]", each)[0] for each in names):
        return "the package is listed already"
    index = bisect(names, name) if names == sorted(names) else len(names)
    edit = _insert(text, items, index, (*path, index), name)
    return [edit] if edit else "the list of packages is not written one to a line"


def remove_package(text: str, spec: Map, path: Path) -> Made:
    """Remove the package at `path` from its list."""
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
    """Stop applying a patch, in every step; a step without patches is removed."""
    if not is_file(file):
        return "that is not the name of a patch"

    def edit(step: PipelineStep) -> Made:
        listed = step.inputs.text("patches").split() if step.uses == "patch" else []
        dropped = {each for each in listed if _base(each) == _base(file)}
        return _drop_words(text, spec, step, "patches", dropped) if dropped else []

    return _in_each_step(spec, edit) or "no step applies that patch by its name"


def drop_pick(text: str, spec: Map, commit: str) -> Made:
    """Stop picking a commit, in every step; an input without picks is removed."""
    wanted = commit.lower()
    if not _COMMIT.fullmatch(wanted):
        return "that is not a commit"

    def edit(step: PipelineStep) -> Made:
        commits = list(picked_commits(step))
        dropped = {each for each in commits if each.startswith(wanted)}
        if not dropped:
            return []
        path: Path = (*step.path, "with", "cherry-picks")
        made = (
            remove_key(text, step.inputs, "cherry-picks", path)
            if dropped.issuperset(commits)
            else drop_picks(text, step, dropped.__contains__)
        )
        return [made] if made else "the picks are not written one to a line"

    return _in_each_step(spec, edit) or "no checkout picks that commit"


def drop_dependency(text: str, spec: Map, module: str) -> Made:
    """Stop pinning a module, in every step; a step without pins is removed."""
    if not is_module(module):
        return "that is not a module"

    def edit(step: PipelineStep) -> Made:
        dropped = _pins_of(step, module)
        return _drop_words(text, spec, step, "deps", dropped) if dropped else []

    return _in_each_step(spec, edit) or "no step pins that module"


def raise_dependency(text: str, spec: Map, module: str, version: str) -> Made:
    """Raise a module's pin, in every step; a pin is never lowered."""
    wanted = module_order(version)
    if not is_module(module) or wanted is None or not is_plain_text(version):
        return "that is not a module and its version"

    def edit(step: PipelineStep) -> Made:
        pins = _pins_of(step, module)
        if not pins:
            return []
        if any((module_order(each.partition("@")[2]) or wanted) >= wanted for each in pins):
            return "the pin is not lower than that"
        raised = dict.fromkeys(pins, f"{module}@{version}")
        made = _edit_words(
            text, step, "deps", lambda words: list(dict.fromkeys(raised.get(w, w) for w in words))
        )
        return [made] if made else "the pins are not written in lines"

    return _in_each_step(spec, edit) or "no step pins that module"


def _in_each_step(spec: Map, edit: Callable[[PipelineStep], Made]) -> Made:
    """Collect the edits of all steps; the first step that cannot be edited says why."""
    edits: list[Edit] = []
    for step in steps(spec):
        made = edit(step)
        if isinstance(made, str):
            return made
        edits += made
    return edits


def _pins_of(step: PipelineStep, module: str) -> set[str]:
    """Return the entries of a step that pin a module."""
    listed = listed_deps(step) if is_override(step) else []
    return {each for each in listed if each.partition("@")[0] == module}


def drop_step(text: str, spec: Map, step: PipelineStep) -> Made:
    """Drop a whole step."""
    edit = remove_step(text, spec, step)
    return [edit] if edit else "the step cannot go"


def _drop_words(text: str, spec: Map, step: PipelineStep, key: str, dropped: set[str]) -> Made:
    """Drop words of an input; when no word is left, drop the input or the whole step."""
    if set(step.inputs.text(key).split()) != dropped:
        edit = _edit_words(text, step, key, lambda words: [w for w in words if w not in dropped])
    elif step.inputs.entries.keys() <= ONLY_FOR_DEPS | {"patches", "strip-components"}:
        return drop_step(text, spec, step)
    else:
        edit = remove_key(text, step.inputs, key, (*step.path, "with", key))
    return [edit] if edit else "the input is not written in lines"


def _edit_words(
    text: str, step: PipelineStep, key: str, edit: Callable[[list[str]], list[str]]
) -> Edit | None:
    """Edit the words of each line of an input; a line whose words stay is kept as it is."""

    def line_of(line: str) -> str:
        words = line.split()
        edited = edit(words)
        return line if edited == words else " ".join(edited)

    scalar = step.inputs.scalar(key)
    return keep_lines(text, scalar, (*step.path, "with", key), line_of) if scalar else None


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
    """Return whether an item is alone on its line with its dash, and perhaps a comment."""
    before = text[line_start(text, item.start) : item.start]
    after = text[item.end : line_end(text, item.end)].strip()
    return before.strip(" ") == "-" and (not after or after.startswith("#"))


def input_lines(text: str, parent: Map) -> tuple[int, str] | None:
    """Return the offset and indentation at which another input of a step can be written."""
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
