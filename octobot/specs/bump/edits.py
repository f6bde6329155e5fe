"""Edits of a spec: their places in the text, and the proof that nothing else changed.

Text is spliced at the nodes' own positions, so no other byte can change; then the result is
parsed again and must be the old spec with exactly the intended nodes changed (MELANGE.md, 2).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from octobot.model.bump import Bumped, Change
from octobot.model.reasons import Reason
from octobot.specs.read.nodes import Map, Node, Path, Scalar, Seq, readable
from octobot.specs.read.parsing import bad_spec, edit_tree

_SAFE = re.compile(r"[A-Za-z0-9._-]+")

Splice = tuple[int, int, str]
"""Start and end offset in the text before, and the new text."""
_Plain = str | dict[str, "_Plain"] | list["_Plain"] | None
_Frozen = str | tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Edit:
    """One node of the spec that is changed or removed."""

    path: Path
    line: int
    splices: tuple[Splice, ...]
    before: str
    after: str | None
    """The scalar's value afterwards; None: the node is gone."""
    insert: bool = False
    """True: a new item of a sequence, before the one that has this index now."""


def rewrite(scalar: Scalar, path: Path, value: str, *, quote: str | None = None) -> Edit | None:
    """Set the value of a scalar, in its own quotes, or in `quote`.

    None when the scalar is a block or the value is not a version, number or digest: nothing is
    written here that YAML would have to escape.
    """
    if scalar.style not in ("", "'", '"') or not _SAFE.fullmatch(value):
        return None
    style = scalar.style if quote is None else quote
    splice = (scalar.start, scalar.end, f"{style}{value}{style}")
    return Edit(path, scalar.line, (splice,), scalar.text, value)


def apply(path: str, text: str, spec: Map, edits: Sequence[Edit]) -> Bumped | Reason:
    """Splice the edits into the text and prove that nothing else changed."""
    ordered = sorted(edits, key=lambda edit: edit.splices[0][0])
    result = _spliced(text, [splice for edit in ordered for splice in edit.splices])
    expected = _plain(spec)
    for edit in edits:
        _put(expected, edit)
    parsed = edit_tree(path, result) if result is not None else None
    line = ordered[0].line if ordered else 1
    if result is None or parsed is None:
        return bad_spec(path, line, "two changes would overlap")
    if isinstance(parsed, Reason):
        return parsed
    if _frozen(_plain(parsed)) != _frozen(expected):
        return bad_spec(path, line, "the spec cannot be edited here without changing more of it")
    return Bumped(result, tuple(_change(edit) for edit in ordered))


def _spliced(text: str, splices: Sequence[Splice]) -> str | None:
    pieces: list[str] = []
    position = 0
    for start, end, replacement in splices:
        if start < position:
            return None
        pieces += [text[position:start], replacement]
        position = end
    return "".join((*pieces, text[position:]))


def _change(edit: Edit) -> Change:
    return Change(readable(edit.path), edit.line, edit.before, edit.after or "")


def _plain(node: Node) -> _Plain:
    match node:
        case Scalar():
            return node.text
        case Map():
            return {key: _plain(child) for key, child in node.entries.items()}
        case Seq():
            return [_plain(child) for child in node.items]


def _put(root: _Plain, edit: Edit) -> None:
    """Set the value at the path; None marks what is gone, so that indexes stay as they were."""
    for step in edit.path[:-1]:
        match root, step:
            case dict(), str():
                root = root[step]
            case list(), int():
                root = root[step]
    match root, edit.path[-1]:
        case dict(), str(last):
            root[last] = edit.after
        case list(), int(index) if edit.insert:
            root.insert(index, edit.after)
        case list(), int(index):
            root[index] = edit.after


def _frozen(node: _Plain) -> _Frozen:
    """Make a value that compares with the order of keys, without what is gone."""
    match node:
        case dict():
            return tuple((k, _frozen(v)) for k, v in node.items() if v is not None)
        case list():
            return ("", *(_frozen(v) for v in node if v is not None))
        case _:
            return node or ""
