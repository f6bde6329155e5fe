"""What the filters let in that is not this package's: other streams, other parts of a monorepo.

Nothing is read out of the filters themselves.  Names that upstream might publish are sent through
them, made as the spec makes the tag of its own version: so a prefix, a text that must be contained
and a pattern to ignore all count for what they do.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from octobot.model.package import Package
from octobot.specs.lint.own_tag import Found, own_tag, version_of
from octobot.specs.lint.rules import (
    PREFIX_ENDS_IN_DIGIT,
    STREAM_NOT_FILTERED,
    STRIP_PREFIX_NOT_FILTERED,
)
from octobot.specs.read.nodes import Map
from octobot.specs.read.substitution import scope
from octobot.specs.select.stream import in_stream, stream_of

_LONGEST_NUMBER = 3
"""Digits of a stream's last number that could well get one more; a year or a day does not."""
_FILTERS = ("tag-filter-prefix", "tag-filter", "version-filter-prefix")
_SET_OFF = re.compile(r".*(?:-[0-9]+|[0-9]+\.[0-9]+)")


def of_streams(tree: Map, package: Package) -> Iterator[Found]:
    """Check that a package of a version stream takes the versions of its stream only."""
    upstream, stream = package.upstream, stream_of(package.name, package.version)
    if not stream or not package.update.enabled or upstream is None or upstream.kind == "branch":
        return
    if _is_streams_own(upstream.identifier, stream) or not _is_understood(tree, package):
        return
    block = (tree.map("update") or Map(0, 1)).map(upstream.datasource)
    node = (tree.map("update") or Map(0, 1)).keys[upstream.datasource]
    for other in _other_streams(package.version, stream):
        if name := _taken(tree, package, other, stream):
            # `libxml2` is read as the stream 2, too, but nobody may ever make a `libxml3`.
            named = _SET_OFF.fullmatch(package.name)
            rule = STREAM_NOT_FILTERED if named else replace(STREAM_NOT_FILTERED, severity="note")
            yield rule, node, f"{package.name} is the stream {stream}, but {name} is taken as well."
            return
    if (longer := _longer(package.version, stream)) and (
        name := _taken(tree, package, longer, stream)
    ):
        key = next((block.keys[k] for k in _FILTERS if block and k in block.keys), node)
        yield PREFIX_ENDS_IN_DIGIT, key, f"{package.update.filters.prefix!r} lets {name} in."


def of_strip_prefix(tree: Map, package: Package) -> Iterator[Found]:
    """Check that a prefix that names a part of a monorepo is filtered by, and not only stripped."""
    strip = package.update.filters.strip_prefix
    if not package.update.enabled or package.upstream is None or not re.search("[/@]", strip):
        return
    if version_of(package, f"{strip}{package.version}") != package.version:
        return
    block = (tree.map("update") or Map(0, 1)).map(package.upstream.datasource)
    if block and version_of(package, package.version) == package.version:
        detail = f"{strip!r} is stripped, and names without it are taken, too."
        yield STRIP_PREFIX_NOT_FILTERED, block.keys["strip-prefix"], detail


def _is_streams_own(identifier: str, stream: str) -> bool:
    """Return whether upstream has a repository for this stream alone, as `openjdk/jdk17u`."""
    repository = identifier.rstrip("/").rpartition("/")[2]
    return re.search(rf"(?<![0-9.]){re.escape(stream)}(?![0-9])", repository) is not None


def _is_understood(tree: Map, package: Package) -> bool:
    """Return whether the spec's own version is found under the name that is made for it."""
    return version_of(package, _name_at(tree, package, package.version)) == package.version


def _taken(tree: Map, package: Package, version: str, stream: str) -> str:
    """Return the name of a version of another stream if the filters take it; else nothing."""
    name = _name_at(tree, package, version)
    taken = version_of(package, name)
    return name if taken is not None and not in_stream(taken, stream) else ""


def _name_at(tree: Map, package: Package, version: str) -> str:
    """Return the name that upstream gives a version: the tag that the spec builds, else a guess."""
    if tag := own_tag(tree, package.upstream, scope(tree, version, "0")):
        return tag
    filters = package.update.filters
    return f"{filters.strip_prefix}{version}{filters.strip_suffix}"


def _other_streams(version: str, stream: str) -> Iterator[str]:
    """Yield the same version in the streams that follow: of 2.0.1 in 2.0, 2.1.1 and 3.0.1."""
    numbers = stream.split(".")
    rest = version.removeprefix(stream)
    for index in reversed(range(len(numbers))):
        raised = [*numbers[:index], str(int(numbers[index]) + 1), *numbers[index + 1 :]]
        yield ".".join(raised) + rest


def _longer(version: str, stream: str) -> str:
    """Return the version with one more digit in the stream's last number: of 2.1 in 2, 20.1."""
    last = stream.rpartition(".")[2]
    if last == "0" or len(last) > _LONGEST_NUMBER:
        return ""
    return f"{stream}0{version.removeprefix(stream)}"
