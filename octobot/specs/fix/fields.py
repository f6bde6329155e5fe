"""Turn a field and its new text, as a model or a rule proposes them, into edits."""

import re

from octobot.specs.bump.edits import Edit
from octobot.specs.bump.go_modules import module_order
from octobot.specs.bump.prune import drop_picks, picked, picked_commits
from octobot.specs.bump.removal import remove_key
from octobot.specs.fix.allowed_fields import (
    APPEND,
    DROPPABLE,
    PACKAGES,
    is_file,
    is_module,
    is_plain_text,
    keys_of,
    may_set,
    path_of,
)
from octobot.specs.fix.edits import Made, add_package, drop_step, input_lines, remove_package
from octobot.specs.read.nodes import Map, Path, Scalar, line_end, readable
from octobot.specs.read.sources import PipelineStep, steps

_REFUSED = "that field is not one that a suggestion may touch"
_NUMBER = re.compile(r"-?[0-9]{1,4}")
_BUILD = ("environment", "contents", "packages")
_MOST_PLACES = 60
_TRUTH = frozenset({"true", "false"})


def set_field(text: str, spec: Map, field: str, value: str | None) -> Made:
    """Set the field, append to it (`[+]`), or remove it (None); a text says why not."""
    path = path_of(field)
    if path is None:
        return _REFUSED
    if keys_of(path) in PACKAGES and isinstance(path[-1], int):
        return _package(text, spec, path, value)
    for step in steps(spec):
        if path == step.path and value is None and step.uses in DROPPABLE:
            return drop_step(text, spec, step)
        if path[:-2] == step.path and path[-2] == "with" and may_set(step, str(path[-1])):
            return _input(text, step, str(path[-1]), value)
    return _REFUSED


def _package(text: str, spec: Map, path: Path, value: str | None) -> Made:
    if value is None:
        return remove_package(text, spec, path)
    if path[-1] != APPEND:
        return "a package is added with [+], or removed"
    return add_package(text, spec, path[:-1], value)


def _input(text: str, step: PipelineStep, key: str, value: str | None) -> Made:
    scalar = step.inputs.scalar(key)
    path: Path = (*step.path, "with", key)
    if value is None:
        known = key in step.inputs.entries and len(step.inputs.entries) > 1
        edit = remove_key(text, step.inputs, key, path) if known else None
        return [edit] if edit else "there is no such input to take away"
    if key == "cherry-picks":
        return _picks(text, step, value)
    # Words on separate lines are equal to words on one line.
    words = " ".join(value.split("\n")).strip(" ")
    if not is_plain_text(words) or not _fits(key, words, scalar.text if scalar else ""):
        return "that is not a value for this input"
    if scalar is None:
        return _add_input(text, step, path, words)
    return _rewrite(text, scalar, path, words)


def _fits(key: str, words: str, before: str) -> bool:
    """Return whether the input accepts this kind of value."""
    match key:
        case "deps":
            return _fit_pins(words.split(), before.split())
        case "replaces":
            return all(_is_replacement(word) for word in words.split())
        case "patches":
            return all(is_file(word) for word in words.split())
        case "depth" | "strip-components":
            return _NUMBER.fullmatch(words) is not None
        case "tidy":
            return words in _TRUTH
        case _:
            return True


def _fit_pins(after: list[str], before: list[str]) -> bool:
    """Return whether these are pins, and none is lower than before: it may be a security fix."""
    known = {each.partition("@")[0]: module_order(each.partition("@")[2]) for each in before}
    for each in after:
        module, _, version = each.partition("@")
        order, old = module_order(version), known.get(module)
        if order is None or not is_module(module) or (old is not None and order < old):
            return False
    return True


def _is_replacement(word: str) -> bool:
    old, _, new = word.partition("=")
    module, _, version = new.partition("@")
    return is_module(old.partition("@")[0]) and is_module(module) and bool(module_order(version))


def _picks(text: str, step: PipelineStep, value: str) -> Made:
    """Keep the picks whose commits the new text still names; none can be added."""
    if step.inputs.scalar("cherry-picks") is None:
        return "there are no picks"
    wanted = {picked(line) for line in value.splitlines()} - {""}
    known = set(picked_commits(step))
    if not wanted or not wanted < known:
        return "picks can only be taken away"
    edit = drop_picks(text, step, known.difference(wanted).__contains__)
    return [edit] if edit else "the picks are not written one to a line"


def _rewrite(text: str, scalar: Scalar, path: Path, words: str) -> Made:
    if scalar.text.split() == words.split():
        return "that is its value already"
    if scalar.style in {"|", ">"}:
        return _rewrite_block(text, scalar, path, words.split())
    if text[scalar.start : scalar.end] != f"{scalar.style}{scalar.text}{scalar.style}":
        return "the value is not written on one line"
    splice = (scalar.start, scalar.end, f"{scalar.style}{words}{scalar.style}")
    return [Edit(path, scalar.line, (splice,), scalar.text, words)]


def _rewrite_block(text: str, scalar: Scalar, path: Path, words: list[str]) -> Made:
    """Replace the lines of a block by words, one to a line."""
    lines = scalar.text.splitlines()
    start = end = line_end(text, scalar.start)
    for _ in lines:
        end = line_end(text, end)
    first = text[start : line_end(text, start)]
    indent = first[: len(first) - len(first.lstrip(" "))]
    if scalar.style != "|" or not indent or not lines or not lines[0].strip():
        return "the value is not written in plain lines"
    block = "".join(f"{indent}{word}\n" for word in words)
    after = "\n".join(words) + ("\n" if scalar.text.endswith("\n") else "")
    return [Edit(path, scalar.line, ((start, end, block),), scalar.text, after)]


def _add_input(text: str, step: PipelineStep, path: Path, words: str) -> Made:
    place = input_lines(text, step.inputs)
    if place is None:
        return "the step's inputs are not written in lines"
    at, indent = place
    before = "" if text[:at].endswith("\n") else "\n"
    splice = (at, at, f"{before}{indent}{path[-1]}: {words}\n")
    return [Edit(path, step.node.line, (splice,), "", words)]


def places(spec: Map) -> tuple[str, ...]:
    """List the fields that may be named, as `FIELD: its text on one line`."""
    found = [f"{'.'.join(_BUILD)}[+]"] if _list_of(spec, _BUILD) else []
    for step in steps(spec):
        if step.uses in DROPPABLE:
            found.append(readable(step.path))
        for key in step.inputs.entries:
            if may_set(step, key):
                shown = " ".join(step.inputs.text(key).split())
                found.append(f"{readable((*step.path, 'with', key))}: {shown[:200]}")
    return tuple(found[:_MOST_PLACES])


def _list_of(spec: Map, keys: tuple[str, str, str]) -> bool:
    environment = spec.map(keys[0])
    contents = environment.map(keys[1]) if environment else None
    return contents is not None and bool(contents.items(keys[2]))
