"""The index of built packages: what the repository has, and what is linked with what.

One index is one architecture's, as `apkindex.py` reads it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from octobot.model.memory import SeenIndex
from octobot.model.version import is_full_version, order_key

MOST_LOST = 0.05
"""The share of origins that an index may lose at once and be believed."""


@dataclass(frozen=True, slots=True)
class Built:
    """One package of the index."""

    name: str
    version: str
    """The full version, `1.2.3-r4`."""
    origin: str
    """The spec that it was built from."""
    time: int = 0
    """When it was built, in epoch seconds; 0: not known."""
    commit: str = ""
    provides: frozenset[str] = frozenset()
    """Without versions: `cmd:curl`, `pc:libcurl`, names."""
    depends: frozenset[str] = frozenset()
    sonames: frozenset[str] = frozenset()
    """What it provides as `so:`, without that prefix."""
    needs_sonames: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Index:
    """The packages of a repository for one architecture."""

    packages: Sequence[Built]
    """The newest of each name: what a build installs."""
    published: frozenset[tuple[str, str]]
    """Origin and full version of everything that can be installed."""
    newest: int = 0
    """When its last package was built, in epoch seconds."""
    digest: str = ""
    """SHA-256 of its packages' text."""

    @property
    def origins(self) -> frozenset[str]:
        """The specs that something of is published."""
        return frozenset(origin for origin, _ in self.published)


def index_of(packages: Iterable[Built], digest: str = "") -> Index:
    """Make an index: of several versions of a package the highest counts."""
    current: dict[str, Built] = {}
    published: set[tuple[str, str]] = set()
    newest = 0
    for each in packages:
        published.add((each.origin, each.version))
        newest = max(newest, each.time)
        before = current.get(each.name)
        if before is None or order_key(each.version) > order_key(before.version):
            current[each.name] = each
    return Index(tuple(current.values()), frozenset(published), newest, digest)


def merged(indexes: Sequence[Index]) -> Index:
    """Join the architectures: linked is what is linked on any, published what is on all."""
    packages = tuple(each for index in indexes for each in index.packages)
    published = frozenset.intersection(*(index.published for index in indexes))
    return Index(packages, published, min(index.newest for index in indexes))


def is_published(index: Index, spec: str, full_version: str) -> bool:
    """Return whether this version of a spec, or a higher one, can be installed."""
    if (spec, full_version) in index.published:
        return True
    wanted = order_key(full_version)
    return any(
        origin == spec and is_full_version(version) and order_key(version) > wanted
        for origin, version in index.published
    )


def broken(index: Index) -> Mapping[str, tuple[str, ...]]:
    """Return each spec that is linked with sonames which no package provides any more."""
    provided = frozenset(name for each in index.packages for name in each.sonames)
    found: dict[str, set[str]] = {}
    for each in index.packages:
        if missing := each.needs_sonames - provided:
            found.setdefault(each.origin, set()).update(missing)
    return {origin: tuple(sorted(found[origin])) for origin in sorted(found)}


def believe(seen: SeenIndex, index: Index) -> tuple[SeenIndex, str]:
    """Return what to remember, and why this index is not believed; empty: it is.

    A mirror that lags, or lost packages, must not open or close a wave.  What looks wrong is
    believed when the next look finds the very same index.
    """
    doubt = _doubt(seen, index)
    if doubt and index.digest != seen.doubted:
        return SeenIndex(seen.newest, seen.origins, index.digest), doubt
    return SeenIndex(index.newest, index.origins), ""


def _doubt(seen: SeenIndex, index: Index) -> str:
    if index.newest < seen.newest:
        return f"its newest package is {seen.newest - index.newest} s older than before"
    missing = len(seen.origins - index.origins)
    if missing > MOST_LOST * len(seen.origins):
        return f"{missing} of {len(seen.origins)} origins are gone"
    return ""
