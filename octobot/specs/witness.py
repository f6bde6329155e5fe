"""Whether a second source knows a version.

Registries and tags write one version in several ways: with a `v` in front, without leading zeros
(PyPI), with `.0` behind.  Neither the tag filters nor the patterns of the update block are about
the second source's names, but its separator and transforms are tried.
"""

from collections.abc import Sequence
from dataclasses import replace

from octobot.model.ids import Version
from octobot.model.package import Filters, Package, UpdateBlock
from octobot.model.reasons import Reason
from octobot.model.release import Release
from octobot.specs.selection import newest


def confirms(package: Package, version: Version, releases: Sequence[Release]) -> bool:
    """Tell whether `releases` hold the version; drafts and yanked ones do not count."""
    block = package.update
    plain = UpdateBlock(enable_prerelease_tags=True, filters=Filters(strip_prefix="v"))
    made = replace(
        plain,
        version_separator=block.version_separator,
        version_transform=block.version_transform,
    )
    known = (_versions(package, way, releases) for way in (plain, made))
    return any(_loose(version) in versions for versions in known)


def _versions(package: Package, block: UpdateBlock, releases: Sequence[Release]) -> frozenset[str]:
    found = newest(replace(package, update=block, upstream=None), releases)
    if isinstance(found, Reason) or found.newest is None:
        return frozenset()
    return frozenset(_loose(each.version) for each in (found.newest, *found.unchosen))


def _loose(version: str) -> str:
    parts = [part.lstrip("0") or "0" if part.isdigit() else part for part in version.split(".")]
    while len(parts) > 1 and parts[-1] == "0":
        parts.pop()
    return ".".join(parts)
