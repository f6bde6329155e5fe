"""Whether a second source knows a version, and whether it knows a newer one.

Registries and tags write one version in several ways: with a `v` in front, without leading zeros
(PyPI), with `.0` behind.  Neither the tag filters nor the patterns of the update block are about
the second source's names, but its separator and transforms are tried.
"""

from collections.abc import Sequence
from dataclasses import replace

from octobot.model.ids import Version
from octobot.model.package import Filters, Package, UpdateBlock
from octobot.model.reasons import Reason
from octobot.model.release import Candidate, Release
from octobot.model.version import order_key
from octobot.specs.select.newest import newest


def confirms(package: Package, version: Version, releases: Sequence[Release]) -> bool:
    """Return whether `releases` contain the version; drafts and yanked ones do not count."""
    # A person may order a version outside the stream: the second source is asked for it, too.
    package = replace(package, version=version)
    known = (_versions(package, way, releases) for way in _ways(package, prereleases=True))
    return any(_loose(version) in map(_loose, versions) for versions in known)


def ahead(package: Package, own: Sequence[Release], releases: Sequence[Release]) -> Version | None:
    """Return the newest version that `releases` contain and the package's `own` source does not.

    Only final versions count, greater than all in `own`, that the update block would accept if they
    were tagged like the others.  A way of reading the names is used only where it finds a known
    version: otherwise the two sources number differently, and nothing can be compared.
    """
    found = newest(package, own)
    if isinstance(found, Reason) or found.newest is None:
        return None
    shown = (found.newest, *found.unchosen)
    known = {_loose(each.version) for each in shown} | {_loose(package.version)}
    top = max(order_key(found.newest.version), order_key(package.version))
    for way in _ways(package, prereleases=False):
        versions = _versions(package, way, releases)
        if known.isdisjoint(map(_loose, versions)):
            continue
        newer = (v for v in versions if order_key(v) > top and _loose(v) not in known)
        wanted = next((v for v in newer if _is_wanted(package, v, found.newest)), None)
        if wanted:
            return wanted
    return None


def _ways(package: Package, *, prereleases: bool) -> tuple[UpdateBlock, UpdateBlock]:
    """Return the ways of reading a second source's names: as they are, and by the update block."""
    block = package.update
    plain = UpdateBlock(enable_prerelease_tags=prereleases, filters=Filters(strip_prefix="v"))
    made = replace(
        plain, version_separator=block.version_separator, version_transform=block.version_transform
    )
    return plain, made


def _versions(
    package: Package, block: UpdateBlock, releases: Sequence[Release]
) -> tuple[Version, ...]:
    """Read the versions of a second source's names, newest first."""
    found = newest(replace(package, update=block, upstream=None), releases)
    if isinstance(found, Reason) or found.newest is None:
        return ()
    return tuple(each.version for each in (found.newest, *found.unchosen))


def _is_wanted(package: Package, version: Version, like: Candidate) -> bool:
    """Return whether the update block would accept a version if it were tagged like another one."""
    filters = package.update.filters
    plain = f"{filters.strip_prefix}{version}{filters.strip_suffix}"
    names = {like.release.name.replace(like.version, version), plain}
    found = newest(package, [Release(name) for name in names])
    taken = None if isinstance(found, Reason) else found.newest
    return taken is not None and _loose(taken.version) == _loose(version)


def _loose(version: str) -> str:
    parts = [part.lstrip("0") or "0" if part.isdigit() else part for part in version.split(".")]
    while len(parts) > 1 and parts[-1] == "0":
        parts.pop()
    return ".".join(parts)
