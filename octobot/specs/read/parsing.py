"""YAML text to a tree, guarded.

Events are read one by one and the tree is built without recursion, so what is dangerous is refused
before it can act: aliases (341 bytes that become 39 MB), tags (`!!python/...`), duplicate and merge
keys (which one counts depends on the reader), nesting (20,000 levels end in a RecursionError after
4 s), size.  The distro uses none of them (3,401 specs, at most 9 levels).

Two parsers produce the same events: PyYAML's C parser to read a distro, ruamel.yaml's where text is
edited.  An edit is accepted only when both parsers see the same spec.
"""

from collections.abc import Callable, Iterator
from typing import Any, cast

import yaml
from ruamel.yaml import YAML, events
from ruamel.yaml.error import YAMLError

from octobot.model.reasons import Reason, ReasonCode, Where
from octobot.specs.read.nodes import Map, Node, Scalar, Seq

LARGEST = 1 << 20
"""Bytes of a spec; the largest of the distro has 68,397."""
DEEPEST = 32
"""Levels of nesting."""
MOST = 10_000
"""Scalars, keys included; the largest of the distro has 1,270.  It bounds what follows: a range's
items times a pipeline's steps, and patterns to compile."""

LONGEST_DETAIL = 400
"""Characters of a reason's detail: it may quote the spec."""

Events = Callable[[str], Iterator[Any]]
"""Neither parser's events share a base class; what is read of them is the same."""


def read_tree(path: str, text: str) -> Map | Reason:
    """Parse fast: 0.4 ms for a usual spec."""
    return _parse(path, text, _fast_events)


def edit_tree(path: str, text: str) -> Map | Reason:
    """Parse with ruamel.yaml, in C when `ruamel.yaml.clib` is there."""
    return _parse(path, text, _edit_events)


def bad_spec(path: str, line: int, detail: str) -> Reason:
    """Name what is wrong with a spec, and where."""
    return Reason(ReasonCode.BAD_SPEC, detail[:LONGEST_DETAIL], Where(path, line))


def _fast_events(text: str) -> Iterator[Any]:
    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)(text)
    try:
        yield from iter(loader.get_event, None)  # which it returns behind the last one
    finally:
        loader.dispose()


def _edit_events(text: str) -> Iterator[Any]:
    return cast("Iterator[Any]", YAML(typ="base").parse(text))


def _parse(path: str, text: str, source: Events) -> Map | Reason:
    refused = _refused_bytes(text)
    if refused:
        return bad_spec(path, refused[0], refused[1])
    builder = _Builder()
    table = builder.table
    try:
        for event in source(text):
            act = table.get(event.__class__)
            if act is not None:
                act(event)
            if builder.refused:
                return bad_spec(path, builder.refused[0], builder.refused[1])
    except (yaml.YAMLError, YAMLError) as error:
        return bad_spec(path, _line_of(error), f"not YAML: {_problem(error)}")
    if isinstance(builder.root, Map):
        return builder.root
    return bad_spec(path, 1, "a spec is a mapping")


def _refused_bytes(text: str) -> tuple[int, str] | None:
    if text.startswith("\ufeff"):
        return 1, "the file starts with a byte order mark"
    if len(text) > LARGEST:
        return 1, "the file is larger than 1 MiB"
    try:
        encoded = text.encode()
    except UnicodeEncodeError as error:
        return text.count("\n", 0, error.start) + 1, "the file is not UTF-8"
    return (1, "the file is larger than 1 MiB") if len(encoded) > LARGEST else None


def _line_of(error: Exception) -> int:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    return mark.line + 1 if mark is not None else 1


def _problem(error: Exception) -> str:
    return str(getattr(error, "problem", None) or getattr(error, "reason", None) or "unreadable")


class _Builder:
    """Takes events, holds the tree; `refused` is set to (line, why) when it must stop."""

    __slots__ = ("_key", "_open", "_parents", "_scalars", "refused", "root", "table")

    def __init__(self) -> None:
        self.root: Node | None = None
        self.refused: tuple[int, str] | None = None
        self._open: Map | Seq | None = None
        self._key: Scalar | None = None
        self._scalars = 0
        self._parents: list[tuple[Map | Seq | None, Scalar | None]] = []
        self.table: dict[type, Callable[[Any], None]] = {}
        for kind in (yaml, events):
            self.table |= {
                kind.ScalarEvent: self._scalar,
                kind.MappingStartEvent: self._start_map,
                kind.SequenceStartEvent: self._start_seq,
                kind.MappingEndEvent: self._end,
                kind.SequenceEndEvent: self._end,
                kind.AliasEvent: self._alias,
                kind.DocumentStartEvent: self._document,
            }

    def _scalar(self, event: Any) -> None:  # noqa: ANN401  (two parsers' events)
        text, mark, parent = event.value, event.start_mark, self._open
        node = Scalar(text, mark.index, event.end_mark.index, mark.line + 1, event.style or "")
        self._scalars += 1
        if event.anchor or event.tag:
            self.refused = (node.line, "anchors and tags are not allowed")
        elif self._scalars > MOST:
            self.refused = (node.line, f"more than {MOST} keys and values")
        elif self._key is None and isinstance(parent, Map):
            if text in parent.entries:
                self.refused = (node.line, f"the key {text[:80]!r} is there twice")
            elif text == "<<":
                self.refused = (node.line, "merge keys are not allowed")
            else:
                self._key = node
        else:
            self._add(node)

    def _start_map(self, event: Any) -> None:  # noqa: ANN401
        self._start(event, Map(event.start_mark.index, event.start_mark.line + 1))

    def _start_seq(self, event: Any) -> None:  # noqa: ANN401
        self._start(event, Seq(event.start_mark.index, event.start_mark.line + 1))

    def _start(self, event: Any, node: Map | Seq) -> None:  # noqa: ANN401
        if event.anchor or event.tag:
            self.refused = (node.line, "anchors and tags are not allowed")
        elif len(self._parents) >= DEEPEST:
            self.refused = (node.line, f"more than {DEEPEST} levels deep")
        elif isinstance(self._open, Map) and self._key is None:
            self.refused = (node.line, "a key must be a scalar")
        else:
            self._add(node)
            self._parents.append((self._open, self._key))
            self._open, self._key = node, None

    def _end(self, event: Any) -> None:  # noqa: ANN401
        if self._open is not None:
            self._open.end = event.end_mark.index
        self._open, self._key = self._parents.pop()

    def _alias(self, event: Any) -> None:  # noqa: ANN401
        self.refused = (event.start_mark.line + 1, "aliases are not allowed")

    def _document(self, event: Any) -> None:  # noqa: ANN401
        if self.root is not None:
            self.refused = (event.start_mark.line + 1, "more than one document")

    def _add(self, node: Node) -> None:
        parent, key = self._open, self._key
        if key is not None and isinstance(parent, Map):
            parent.keys[key.text] = key
            parent.entries[key.text] = node
            self._key = None
        elif isinstance(parent, Seq):
            parent.items.append(node)
        elif parent is None:
            self.root = node
