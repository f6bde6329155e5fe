"""Distros to watch: the real one where it is at hand, or one made up in its proportions.

How many tags a repository has is made up in both: lognormal around sixty, by a hash of its name.
"""

import hashlib
import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import NormalDist
from urllib.parse import urlsplit

from octobot.cli.specs_on_disk import read_specs
from octobot.flows.lookup.fetch import place
from octobot.flows.lookup.source import repository_url
from octobot.model.package import Package, Upstream
from octobot.specs.read.package import read

SPEC = """\
package:
  name: {name}
  version: {version}
  epoch: 0
  description: Made up

pipeline:
  - uses: git-checkout
    with:
      repository: {url}
      tag: v${{{{package.version}}}}
      expected-commit: {commit}

update:
  enabled: true
  {block}
"""
_BLOCKS = (
    # Of a hundred packages, in the distro's proportions.
    *["github:\n    identifier: {path}\n    strip-prefix: v\n    use-tag: true"] * 45,
    *["github:\n    identifier: {path}\n    strip-prefix: v"] * 35,
    *["git:\n    strip-prefix: v"] * 11,
    *["release-monitor:\n    identifier: {number}"] * 9,
)
ARCHIVE = Path(__file__).parents[3] / "shared" / "data" / "wolfi-os-2026-08-22.tar.gz"
_SHARED = 0.6
"""Repositories a package: several packages follow one."""
_HOSTS = 12
"""Hosts, besides GitHub, that serve git."""


@dataclass
class Place:
    """What one upstream has to show."""

    old: int
    """Tags below every version that a spec has."""
    before: str
    after: str
    """What surrounds the number in an old tag's name."""
    new: list[str] = field(default_factory=list)
    """Tags of the specs' own versions and later ones, oldest first."""
    pinned: dict[str, str] = field(default_factory=dict)
    """Commits that specs have pinned of them."""

    def commit(self, key: str, name: str) -> str:
        """Return the commit of a tag of the place `key`."""
        return self.pinned.get(name) or commit_of(key, name)

    def names(self, start: int, stop: int) -> Iterator[str]:
        """Yield names from the newest on."""
        for index in range(start, min(stop, self.total)):
            if index < len(self.new):
                yield self.new[-1 - index]
            else:
                yield f"{self.before}0.0.0.{self.total - index}{self.after}"

    @property
    def total(self) -> int:
        """How many names there are."""
        return self.old + len(self.new)


def commit_of(key: str, name: str) -> str:
    """Return the commit of a tag; the same everywhere."""
    return hashlib.sha1(f"{key} {name}".encode(), usedforsecurity=False).hexdigest()


def key_of(upstream: Upstream) -> str:
    """Name the place of an upstream in the world: a host and a path."""
    asked = place(upstream)
    if asked.datasource == "github":
        return f"github.com/{asked.identifier}"
    if asked.datasource == "git":
        parts = urlsplit(asked.identifier)
        return f"{parts.netloc}{parts.path.rstrip('/')}"
    return f"{asked.datasource}/{asked.identifier}"


def made_up(count: int) -> dict[str, str]:
    """Make up a distro of so many specs."""
    repositories = max(1, int(count * _SHARED))
    specs = {}
    for number in range(count):
        name, which = f"package-{number:05}", number * 7919 % repositories
        block = _BLOCKS[which * 37 % 100]
        path = f"owner-{which % 997}/repository-{which}"
        # Half of the git repositories are on GitHub.
        host = (
            "github.com" if "github:" in block or which % 2 else f"git{which % _HOSTS}.example.org"
        )
        url = f"https://{host}/{path}"
        version = f"1.{number % 50}.{number % 7}"
        commit = commit_of(f"{host}/{path}", f"v{version}")
        specs[f"{name}.yaml"] = SPEC.format(
            name=name,
            version=version,
            url=url,
            commit=commit,
            block=block.format(path=path, number=which + 1),
        )
    return specs


def world_of(specs: Mapping[str, str]) -> tuple[dict[str, Package], dict[str, Place]]:
    """Read the specs and make a world in which every one of them is up to date."""
    packages = {
        path: package
        for path, text in specs.items()
        if isinstance(package := read(path, text), Package)
        and package.update.enabled
        and package.upstream
    }
    places: dict[str, Place] = {}
    for package in packages.values():
        if package.upstream is None:
            continue
        key, filters = key_of(package.upstream), package.update.filters
        before = max(filters.prefix, filters.strip_prefix, key=len)
        spot = places.setdefault(key, Place(_old_tags(key), before, filters.strip_suffix))
        name, commit = tag_of(package)
        if name not in spot.new:
            spot.new.append(name)
        if commit:
            spot.pinned[name] = commit
    return packages, places


def tag_of(package: Package) -> tuple[str, str]:
    """Return the tag of the spec's own version, its pin's or a guess, and its commit."""
    own = repository_url(package.upstream) if package.upstream else None
    for pin in package.pins:
        if own and pin.ref.startswith("refs/tags/") and pin.repository.startswith(own):
            return pin.ref.removeprefix("refs/tags/"), pin.commit
    filters = package.update.filters
    name = f"{filters.strip_prefix or filters.prefix}{package.version}{filters.strip_suffix}"
    return name, ""


def _old_tags(key: str) -> int:
    """Sixty in the middle, 140 on average, one in a hundred above 1,200."""
    share = int(hashlib.sha256(key.encode()).hexdigest()[:8], 16) / 2**32
    return min(
        5000, round(60 * math.exp(1.3 * NormalDist().inv_cdf(min(max(share, 1e-9), 1 - 1e-9))))
    )


@dataclass(frozen=True, slots=True)
class Watched:
    """What a bench needs to know of a package, so that it need not hold all specs read."""

    path: str
    name: str
    datasource: str
    identifier: str
    kind: str
    key: str
    """Its place in the world."""
    next: str
    """A tag that its filters let through and that is newer than its version."""


def write(count: int, folder: Path) -> None:
    """Write the world of so many specs (0: of the real ones) and its packages into a folder."""
    packages, places = world_of(specs_of(count))
    world = {key: asdict(one) for key, one in places.items()}
    (folder / "world.json").write_text(json.dumps(world))
    watched = [
        asdict(_watched(package, package.upstream))
        for package in packages.values()
        if package.upstream
    ]
    (folder / "watched.json").write_text(json.dumps(watched))


def _watched(package: Package, upstream: Upstream) -> Watched:
    filters = package.update.filters
    before = max(filters.prefix, filters.strip_prefix, key=len)
    tag = f"{before}9999.0.{sum(map(ord, package.name))}{filters.strip_suffix}"
    return Watched(
        package.path,
        package.name,
        upstream.datasource,
        upstream.identifier,
        upstream.kind,
        key_of(upstream),
        tag,
    )


def read_world(folder: Path) -> dict[str, Place]:
    """Read what `write` wrote of the upstreams."""
    found = json.loads((folder / "world.json").read_text())
    return {key: Place(**one) for key, one in found.items()}


def read_watched(folder: Path) -> list[Watched]:
    """Read what `write` wrote of the packages."""
    return [Watched(**one) for one in json.loads((folder / "watched.json").read_text())]


def specs_of(count: int) -> dict[str, str]:
    """Return a distro: so many made-up specs, or with 0 the real ones where they are at hand."""
    if count:
        return made_up(count)
    return read_specs(ARCHIVE) if ARCHIVE.exists() else made_up(3220)
