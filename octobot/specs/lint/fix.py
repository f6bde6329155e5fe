"""Corrections that need nobody's judgement, each proved to change nothing else.

A correction is one splice into the text.  Afterwards both parsers must read the very spec that was
meant; what cannot be proved is left to a person.  Nothing is corrected that only upstream knows.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile

from octobot.model.package import Package
from octobot.model.reasons import Reason, Where
from octobot.specs.bump.edits import Splice
from octobot.specs.lint.own_tag import of_own_tag, own_tag
from octobot.specs.lint.rules import (
    BAD_UPDATE_BLOCK,
    INSECURE_SOURCE,
    OWN_TAG_DROPPED,
    PRERELEASE_NAME,
    TAG_FILTER,
    Rule,
)
from octobot.specs.read.nodes import (
    Map,
    Node,
    Path,
    Scalar,
    leaves,
    line_end,
    line_start,
    lines_end,
)
from octobot.specs.read.package import read
from octobot.specs.read.parsing import edit_tree, read_tree
from octobot.specs.read.sources import holder, steps
from octobot.specs.read.substitution import own_scope, scope
from octobot.specs.read.update_block import BACKENDS, repository_in

Leaves = Sequence[tuple[Path, str]]

_MOST = 100
"""Corrections of one spec; the distro has at most one."""
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9._/-]*")
_PRINTABLE = re.compile("[ -~]{1,100}")
_RESERVED = frozenset(("y", "n", "yes", "no", "on", "off", "true", "false", "null"))
_GIT_OVER_HTTPS = "git://github.com/"
"""GitHub does not serve `git://` any more; of other hosts only a person can know."""


@dataclass(frozen=True, slots=True)
class Fix:
    """One correction that was made."""

    where: Where
    """The line, in the text before this correction."""
    rule: Rule
    detail: str
    """What was written."""

    def __str__(self) -> str:
        return f"{self.where}: fixed: {self.rule.name}: {self.detail}"


@dataclass(frozen=True, slots=True)
class _Correction:
    """One correction that is proposed."""

    rule: Rule
    line: int
    detail: str
    splice: Splice
    leaves: Leaves
    """The whole spec's, afterwards."""


def fix(path: str, text: str, wants: Callable[[Rule], bool]) -> tuple[str, tuple[Fix, ...]]:
    """Return the text with all corrections of the wanted rules, and what they are.

    A second call changes nothing.
    """
    made: list[Fix] = []
    while len(made) < _MOST:
        found = next(_proved(path, text, wants), None)
        if found is None:
            break
        text, correction = found
        made.append(Fix(Where(path, correction.line), correction.rule, correction.detail))
    return text, tuple(made)


def _proved(
    path: str, text: str, wants: Callable[[Rule], bool]
) -> Iterator[tuple[str, _Correction]]:
    tree = edit_tree(path, text)
    if isinstance(tree, Reason):
        return
    for one in _corrections(path, text, tree):
        start, end, written = one.splice
        after = f"{text[:start]}{written}{text[end:]}"
        if wants(one.rule) and _reads_as(path, after, one.leaves) and _helps(path, after, one.rule):
            yield after, one


def _reads_as(path: str, text: str, wanted: Leaves) -> bool:
    trees = (read_tree(path, text), edit_tree(path, text))
    return all(isinstance(tree, Map) and [*leaves(tree)] == [*wanted] for tree in trees)


def _helps(path: str, text: str, rule: Rule) -> bool:
    """Return whether a strip-prefix makes the spec's own tag its version; others always help."""
    if rule not in (OWN_TAG_DROPPED, PRERELEASE_NAME):
        return True
    package, tree = read(path, text), read_tree(path, text)
    if isinstance(package, Reason) or isinstance(tree, Reason):
        return False
    return not any(of_own_tag(tree, package, own_scope(tree)))


def _corrections(path: str, text: str, tree: Map) -> Iterator[_Correction]:
    spec = list(leaves(tree))
    update = tree.map("update") or Map(0, 1)
    for name in BACKENDS:
        yield from _filter_names(spec, name, update.map(name) or Map(0, 1))
    yield from _identifier(spec, (update.map("github") or Map(0, 1)).scalar("identifier"))
    yield from _schemes(text, tree, spec)
    package = read(path, text)
    if isinstance(package, Package):
        yield from _strip_prefix(text, tree, spec, package)


def _filter_names(spec: Leaves, name: str, backend: Map) -> Iterator[_Correction]:
    key = backend.keys.get("tag-filter")
    if key is None or "tag-filter-prefix" in backend.keys:
        return
    old: Path = ("update", name, "tag-filter")
    renamed = [((*old[:2], "tag-filter-prefix") if at == old else at, text) for at, text in spec]
    splice = (key.start, key.end, f"{key.style}tag-filter-prefix{key.style}")
    yield _Correction(TAG_FILTER, key.line, "tag-filter is tag-filter-prefix.", splice, renamed)


def _identifier(spec: Leaves, node: Scalar | None) -> Iterator[_Correction]:
    if node is None or node.style not in ("", "'", '"') or "${{" in node.text:
        return
    meant = repository_in(node.text)
    if meant and meant != node.text:
        splice = (node.start, node.end, f"{node.style}{meant}{node.style}")
        after = _with(spec, ("update", "github", "identifier"), meant)
        yield _Correction(BAD_UPDATE_BLOCK, node.line, f"identifier: {meant}.", splice, after)


def _addresses(text: str, tree: Map) -> Iterator[tuple[Path, Scalar]]:
    """Yield the repositories of checkouts, with their paths, that nothing else reads."""
    for step in steps(tree):
        held = holder(tree, step, "repository", "") if step.uses == "git-checkout" else None
        node = held.scalar if held else step.inputs.scalar("repository")
        path: Path = held.path if held else (*step.path, "with", "repository")
        shared = path[0] == "vars" and text.count(f"vars.{path[1]}") > 1
        if step.uses == "git-checkout" and node and not shared and node.style in ("", "'", '"'):
            yield path, node


def _schemes(text: str, tree: Map, spec: Leaves) -> Iterator[_Correction]:
    for path, node in _addresses(text, tree):
        scheme = next((s for s in ("http://", _GIT_OVER_HTTPS) if node.text.startswith(s)), "")
        start = node.start + len(node.style)
        if scheme and text.startswith(scheme, start):
            end = start + scheme.index(":")
            after = f"https{node.text.removeprefix(text[start:end])}"
            splice = (start, end, "https")
            yield _Correction(
                INSECURE_SOURCE, node.line, f"{after[:100]}.", splice, _with(spec, path, after)
            )


def _strip_prefix(text: str, tree: Map, spec: Leaves, package: Package) -> Iterator[_Correction]:
    """Propose the prefix that the spec's own tag has before its version."""
    if package.upstream is None or package.upstream.datasource not in ("git", "github"):
        return
    name, update = package.upstream.datasource, tree.map("update") or Map(0, 1)
    node, block = update.entries[name], update.map(name) or Map(0, 1)
    known = own_scope(tree)
    rule = next((rule for rule, _, _ in of_own_tag(tree, package, known)), None)
    prefix = _literal_prefix(tree, package)
    written = _scalar(prefix)
    if (
        rule not in (OWN_TAG_DROPPED, PRERELEASE_NAME)
        or not written
        or "strip-prefix" in block.keys
    ):
        return
    splice = _insertion(text, update.keys[name], node, f"strip-prefix: {written}")
    if splice is None:
        return
    is_flow = isinstance(node, Map) and text[node.start] == "{"
    wanted = _with_entry(spec, ("update", name, "strip-prefix"), prefix, as_first=is_flow)
    yield _Correction(rule, node.line, f"strip-prefix: {prefix}.", splice, wanted)


def _with_entry(spec: Leaves, path: Path, value: str, *, as_first: bool) -> Leaves:
    """Return the leaves with one more of its mapping: behind the identifier, or the first."""
    inside = path[:-1]
    places = [index for index, (at, _) in enumerate(spec) if at[:-1] == inside]
    if not places:  # the mapping is empty, and a leaf itself
        return [(path, value) if at == inside else (at, leaf) for at, leaf in spec]
    named = [index + 1 for index in places if spec[index][0][-1] == "identifier"]
    index = places[0] if as_first or not named else named[0]
    return [*spec[:index], (path, value), *spec[index:]]


def _literal_prefix(tree: Map, package: Package) -> str:
    """Return what the tags of all versions begin with: that of this one, and of one unlike it."""
    unlike = re.sub("[0-9]", lambda digit: str(int(digit.group()) % 9 + 1), package.version)
    tags = [
        own_tag(tree, package.upstream, scope(tree, version, "0"))
        for version in (package.version, unlike)
    ]
    same = takewhile(lambda pair: pair[0] == pair[1], zip(*tags, strict=False))
    return "".join(one for one, _ in same) if all(tags) else ""


def _scalar(text: str) -> str:
    """Write a text as YAML does; empty when that would need escapes."""
    if _PLAIN.fullmatch(text) and text.lower() not in _RESERVED:
        return text
    return f"'{text}'" if _PRINTABLE.fullmatch(text) and "'" not in text else ""


def _insertion(text: str, key: Scalar, node: Node, entry: str) -> Splice | None:
    """Return the splice that adds an entry to a backend of the update block."""
    match node:
        case Scalar(text="", style="") if text[key.end : key.end + 1] == ":":
            return key.end + 1, key.end + 1, f" {{{entry}}}"
        case Map() if text[node.start] == "{":
            more = ", " if node.entries else ""
            return node.start + 1, node.start + 1, f"{entry}{more}"
        case Map():
            return _on_its_own_line(text, node, entry)
    return None


def _on_its_own_line(text: str, block: Map, entry: str) -> Splice | None:
    """Put an entry behind the identifier, or before the first entry of a block without one."""
    key = block.keys.get("identifier") or next(iter(block.keys.values()))
    indent = text[line_start(text, key.start) : key.start]
    if indent.strip(" "):
        return None
    if key.text != "identifier":
        return key.start, key.start, f"{entry}{_line_ending(text, key.start)}{indent}"
    end = lines_end(text, key.start, block.entries["identifier"])
    if text[:end].endswith("\n"):
        return end, end, f"{indent}{entry}{_line_ending(text, key.start)}"
    return end, end, f"\n{indent}{entry}"


def _line_ending(text: str, position: int) -> str:
    return "\r\n" if text[: line_end(text, position)].endswith("\r\n") else "\n"


def _with(spec: Leaves, path: Path, value: str) -> Leaves:
    return [(at, value if at == path else text) for at, text in spec]
