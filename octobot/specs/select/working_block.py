"""The update block that would find what an update block misses, tried on the names that were seen.

A block is only proposed when octobot, reading the spec with it, finds the version.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from octobot.model.package import Package, UpdateBlock
from octobot.model.reasons import Reason, ReasonCode
from octobot.model.release import Release, WorkingBlock
from octobot.model.version import is_greater
from octobot.specs.read.package import read
from octobot.specs.select.evidence import Stuck
from octobot.specs.select.newest import newest
from octobot.specs.select.tag_names import TagName, read_name
from octobot.specs.select.update_text import update_text, with_update

_HOPELESS = frozenset({ReasonCode.TAG_DELETED, ReasonCode.NUMBERING_RESTARTED})
"""What no update block can change."""


def working_block(
    package: Package, text: str, releases: Sequence[Release], stuck: Stuck, wanted: Sequence[str]
) -> WorkingBlock | None:
    """Return the block with the fewest changes that finds what is there; None: none does.

    `wanted`: the tags that the spec would check out at that version, as far as they are known.
    """
    if stuck.release is None or stuck.reason.code in _HOPELESS:
        return None
    tag = read_name(stuck.release.name)
    if tag is None:
        return None
    for proposed in _changed(package, tag, stuck):
        found = _found(proposed, text, releases, tag)
        if found:
            return replace(found, tag="") if not wanted or tag.name in wanted else found
    return None


def _changed(package: Package, tag: TagName, stuck: Stuck) -> Iterator[Package]:
    """Yield update blocks with more and more changes."""
    upstream, block = package.upstream, package.update
    if upstream is None:
        return
    if stuck.release and stuck.release.unreleased:
        package = replace(package, upstream=replace(upstream, kind="tags"))
    yield package
    filters = replace(block.filters, strip_prefix=tag.head, strip_suffix=tag.tail)
    separator = block.version_separator if tag.separator == "." else tag.separator
    block = replace(block, filters=filters, version_separator=separator)
    yield replace(package, update=block)
    yield replace(package, update=_let_in(block, tag))
    block = replace(_let_in(block, tag), ignore_regex_patterns=())
    yield replace(package, update=block)
    yield replace(package, update=replace(block, version_transform=()))


def _let_in(block: UpdateBlock, tag: TagName) -> UpdateBlock:
    filters = block.filters
    prefix = filters.prefix if tag.name.startswith(filters.prefix) else tag.head
    contains = filters.contains if filters.contains in tag.name else ""
    return replace(block, filters=replace(filters, prefix=prefix, contains=contains))


def _found(
    package: Package, text: str, releases: Sequence[Release], tag: TagName
) -> WorkingBlock | None:
    """Read the spec with a block as if a person had written it, and choose by it."""
    yaml = update_text(package)
    there = read(package.path, with_update(text, yaml))
    if isinstance(there, Reason) or there.update != replace(package.update, exclude_reason=""):
        return None
    all_ = there.upstream is not None and there.upstream.kind == "tags"
    shown = [replace(one, unreleased=False) for one in releases] if all_ else releases
    selection = newest(there, shown)
    if isinstance(selection, Reason) or selection.newest is None:
        return None
    best = selection.newest
    like = read_name(best.release.name)
    if is_greater(tag.version, best.version) or like is None or like.head != tag.head:
        return None
    return WorkingBlock(yaml, best.version, best.release.name, like.template or like.name)
