"""What the filters let in that is not this package's: other streams, other parts of a monorepo.

Nothing is read out of the filters themselves.  Names that upstream might publish are sent through
them, made as the spec makes the tag of its own version: so a prefix, a text that must be contained
and a pattern to ignore all count for what they do.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from octobot.model.package import Package, Upstream
from octobot.model.stream import is_inside, stream_of
from octobot.specs.lint.own_tag import Found, checkouts_of, own_tag, version_of
from octobot.specs.lint.rules import (
    PREFIX_ENDS_IN_DIGIT,
    STREAM_NOT_FILTERED,
    STRIP_PREFIX_NOT_FILTERED,
    Rule,
)
from octobot.specs.read.nodes import Map
from octobot.specs.read.substitution import Scope, Unknown, evaluate, scope

_FILTERS = (
    "tag-filter-prefix",
    "tag-filter",
    "version-filter-prefix",
    "tag-filter-contains",
    "version-filter-contains",
)
_NUMBERS = re.compile(r"[0-9]+(?:\.[0-9]+)*")
_MOST_DIGITS = 18
"""Of one number of a stream; a second has fourteen."""
_LONGEST_NUMBER = 3
"""Digits of a number that could well get one more; a year or a day does not."""


def of_streams(tree: Map, package: Package, known: Scope) -> Iterator[Found]:
    """Check that a package of a version stream takes the versions of its stream only."""
    upstream, stream = package.upstream, stream_of(package.name, package.version)
    if not stream or not package.update.enabled or upstream is None or upstream.kind == "branch":
        return
    if _is_streams_own(upstream.identifier, stream) or not _is_understood(tree, package, known):
        return
    others = (
        _taken(tree, package, each, stream) for each in _other_streams(package.version, stream)
    )
    if name := next(filter(None, others), ""):
        node = (tree.map("update") or Map(0, 1)).keys[upstream.datasource]
        detail = f"{package.name} is the stream {stream}, but {name} is taken as well."
        yield _not_filtered(upstream), node, detail
    else:
        yield from _of_last_digit(tree, package, upstream, stream)


def _not_filtered(upstream: Upstream) -> Rule:
    """Return the rule, as a note where a project of the release monitor may be the stream's own.

    All that a spec says of one is its number.
    """
    monitored = upstream.datasource == "release-monitor"
    return replace(STREAM_NOT_FILTERED, severity="note") if monitored else STREAM_NOT_FILTERED


def _of_last_digit(tree: Map, package: Package, upstream: Upstream, stream: str) -> Iterator[Found]:
    block = (tree.map("update") or Map(0, 1)).map(upstream.datasource) or Map(0, 1)
    key = next((key for key in _FILTERS if block.text(key)[-1:].isdigit()), "")
    longer = _with_longer_number(package.version, stream)
    own = _name_at(tree, package, package.version)
    filtered = evaluate(block.text(key), scope(tree, package.version, "0"))
    if not key or not longer or isinstance(filtered, Unknown) or own.endswith(filtered):
        return
    if name := _taken(tree, package, longer, stream):
        follows = own.partition(filtered)[2][:1]
        detail = f"{filtered!r} lets {name} in, {filtered + follows!r} does not."
        yield PREFIX_ENDS_IN_DIGIT, block.keys[key], detail


def of_strip_prefix(tree: Map, package: Package, known: Scope) -> Iterator[Found]:
    """Check that a prefix that names a part of a monorepo is filtered by, and not only stripped."""
    strip = package.update.filters.strip_prefix
    if not package.update.enabled or package.upstream is None or not re.search("[/@]", strip):
        return
    if version_of(package, f"{strip}{package.version}") != package.version:
        return
    block = (tree.map("update") or Map(0, 1)).map(package.upstream.datasource)
    own = own_tag(tree, package.upstream, known)
    built = not own or own.startswith(strip)
    if block and built and version_of(package, package.version) == package.version:
        detail = f"{strip!r} is stripped, and names without it are taken, too."
        yield STRIP_PREFIX_NOT_FILTERED, block.keys["strip-prefix"], detail


def _is_streams_own(identifier: str, stream: str) -> bool:
    """Return whether upstream has a repository for this stream alone, as `openjdk/jdk17u`."""
    repository = identifier.rstrip("/").rpartition("/")[2]
    return re.search(rf"(?<![0-9.]){re.escape(stream)}(?![0-9])", repository) is not None


def _is_understood(tree: Map, package: Package, known: Scope) -> bool:
    """Return whether the spec's own version is found under the name that is made for it."""
    if not own_tag(tree, package.upstream, known) and checkouts_of(tree, package.upstream, known):
        return False  # it builds a branch or a commit, which says nothing of tags
    return version_of(package, _name_at(tree, package, package.version)) == package.version


def _taken(tree: Map, package: Package, version: str, stream: str) -> str:
    """Return the name of a version of another stream if the filters take it; else nothing."""
    name = _name_at(tree, package, version)
    taken = version_of(package, name)
    return "" if taken is None or is_inside(stream, taken) else name


def _name_at(tree: Map, package: Package, version: str) -> str:
    """Return upstream's name of a version: the tag that the spec builds, else a guess."""
    if tag := own_tag(tree, package.upstream, scope(tree, version, "0")):
        return tag
    filters = package.update.filters
    return f"{filters.strip_prefix}{version}{filters.strip_suffix}"


def _other_streams(version: str, stream: str) -> Iterator[str]:
    """Yield the same version in the streams that follow: of 2.0.1 in 2.0, 2.1.1 and 3.0.1."""
    numbers, rest = _split(version, stream)
    for index in reversed(range(len(numbers))):
        if len(numbers[index]) <= _MOST_DIGITS:
            raised = str(int(numbers[index]) + 1)
            yield ".".join([*numbers[:index], raised, *numbers[index + 1 :]]) + rest


def _with_longer_number(version: str, stream: str) -> str:
    """Return the version with one more digit in the stream's last number: of 2.1 in 2, 20.1."""
    numbers, rest = _split(version, stream)
    last = numbers[-1]
    return (
        "" if last.startswith("0") or len(last) > _LONGEST_NUMBER else f"{'.'.join(numbers)}0{rest}"
    )


def _split(version: str, stream: str) -> tuple[list[str], str]:
    """Return as many numbers of a version's beginning as a stream has, and the rest of it."""
    found = _NUMBERS.match(version)
    numbers = (found.group() if found else "0").split(".")[: stream.count(".") + 1]
    return numbers, version[len(".".join(numbers)) :]
