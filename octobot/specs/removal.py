"""Taking whole lines out of a spec: a key, a step, or lines of a block."""

from collections.abc import Callable

from octobot.specs.editing import Edit, Splice
from octobot.specs.nodes import Map, Node, Path, Scalar, Seq


def remove_key(text: str, parent: Map, key: str, path: Path) -> Edit | None:
    """Take a key and its value out of a block mapping; None when other text shares its lines."""
    scalar, node = parent.keys[key], parent.entries[key]
    start = _line_start(text, scalar.start)
    if text[start : scalar.start].strip(" "):
        return None
    splice = (start, _lines_end(text, scalar.start, node), "")
    return Edit(path, scalar.line, (splice,), _first_line(text, scalar.start), None)


def remove_item(text: str, node: Map, path: Path) -> Edit | None:
    """Take an item out of a block sequence, with one of the blank lines around it."""
    start = _line_start(text, node.start)
    if text[start : node.start].strip(" ") != "-":
        return None
    end = _lines_end(text, node.start, node)
    following = text[end : _line_end(text, end)]
    before = start
    while before and not text[_line_start(text, before - 1) : before].strip():
        before = _line_start(text, before - 1)
    if not following.strip():
        start = before
    return Edit(path, node.line, ((start, end, ""),), _first_line(text, node.start), None)


def keep_lines(text: str, scalar: Scalar, path: Path, keep: Callable[[str], str]) -> Edit | None:
    """Pass each line of a `|` block, or the one line of another scalar, through `keep`.

    `keep` gives the line as it shall be; an empty one goes.  None when nothing changes, nothing
    would be left, or the scalar is written in a way that has no lines to speak of.
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
    position = _line_end(text, scalar.start)
    for body in scalar.text.splitlines():
        stop = _line_end(text, position)
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


def _content_end(text: str, node: Node) -> int:
    """Where a node's own text ends; the parser's end mark stands behind blanks and comments."""
    last: Node | None = None
    if isinstance(node, Map) and node.entries and text[node.start] != "{":
        last = next(reversed(node.entries.values()))
    elif isinstance(node, Seq) and node.items and text[node.start] != "[":
        last = node.items[-1]
    if last is not None:
        return _content_end(text, last)
    return node.start + len(text[node.start : node.end].rstrip())


def _lines_end(text: str, start: int, node: Node) -> int:
    return _line_end(text, max(start, _content_end(text, node) - 1))


def _line_start(text: str, position: int) -> int:
    return text.rfind("\n", 0, position) + 1


def _line_end(text: str, position: int) -> int:
    found = text.find("\n", position)
    return len(text) if found < 0 else found + 1


def _first_line(text: str, start: int) -> str:
    return text[start : _line_end(text, start)].rstrip()
