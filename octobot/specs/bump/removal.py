"""Remove whole lines from a spec: a key, a step, or lines of a block."""

from collections.abc import Callable

from octobot.specs.bump.edits import Edit, Splice
from octobot.specs.read.nodes import Map, Path, Scalar, line_end, line_start, lines_end
from octobot.specs.read.sources import PipelineStep, steps


def remove_key(text: str, parent: Map, key: str, path: Path) -> Edit | None:
    """Remove a key and its value from a block mapping; None when other text shares its lines."""
    scalar, node = parent.keys[key], parent.entries[key]
    start = line_start(text, scalar.start)
    if text[start : scalar.start].strip(" "):
        return None
    splice = (start, lines_end(text, scalar.start, node), "")
    return Edit(path, scalar.line, (splice,), _first_line(text, scalar.start), None)


def remove_item(text: str, node: Map, path: Path) -> Edit | None:
    """Remove an item from a block sequence, with one of the blank lines around it."""
    start = line_start(text, node.start)
    if text[start : node.start].strip(" ") != "-":
        return None
    end = lines_end(text, node.start, node)
    following = text[end : line_end(text, end)]
    before = start
    while before and not text[line_start(text, before - 1) : before].strip():
        before = line_start(text, before - 1)
    if not following.strip():
        start = before
    return Edit(path, node.line, ((start, end, ""),), _first_line(text, node.start), None)


def remove_step(text: str, spec: Map, step: PipelineStep) -> Edit | None:
    """Remove a step; None when it is the only one of its pipeline."""
    siblings = [each for each in steps(spec) if each.path[:-1] == step.path[:-1]]
    return remove_item(text, step.node, step.path) if len(siblings) > 1 else None


def keep_lines(text: str, scalar: Scalar, path: Path, keep: Callable[[str], str]) -> Edit | None:
    """Pass each line of a `|` block, or the one line of another scalar, through `keep`.

    `keep` returns the new line; an empty one is removed.  None when nothing changes, nothing would
    be left, or the scalar is written in a style without lines.
    """
    if scalar.style == "|":
        return _of_block(text, scalar, path, keep)
    after = keep(scalar.text)
    plain = text[scalar.start : scalar.end] == f"{scalar.style}{scalar.text}{scalar.style}"
    if not after or after == scalar.text or not plain or "\n" in scalar.text:
        return None
    splice = (scalar.start, scalar.end, f"{scalar.style}{after}{scalar.style}")
    return Edit(path, scalar.line, (splice,), scalar.text, after)


def _of_block(text: str, scalar: Scalar, path: Path, keep: Callable[[str], str]) -> Edit | None:
    splices: list[Splice] = []
    left: list[str] = []
    position = line_end(text, scalar.start)
    for body in scalar.text.splitlines():
        stop = line_end(text, position)
        kept = keep(body) if body.strip() else body
        if kept != body:
            line = text[position:stop]
            splices.append((position, stop, line.replace(body, kept) if kept else ""))
        if kept or not body:
            left.append(kept)
        position = stop
    after = "\n".join(left) + ("\n" if scalar.text.endswith("\n") else "")
    if not splices or not after.strip():
        return None
    return Edit(path, scalar.line, tuple(splices), scalar.text, after)


def _first_line(text: str, start: int) -> str:
    return text[start : line_end(text, start)].rstrip()
