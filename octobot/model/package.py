"""What octobot knows of a spec: the package, its update block and where its sources come from."""

from dataclasses import dataclass
from typing import Literal

from octobot.model.ids import Sha, Version


@dataclass(frozen=True, slots=True)
class Transform:
    """One `version-transform` or `var-transforms` rule; Go's regexp dialect on both sides."""

    match: str
    replace: str


@dataclass(frozen=True, slots=True)
class Filters:
    """What a backend of the update block keeps of the upstream's names."""

    prefix: str = ""
    """`tag-filter-prefix`, the deprecated `tag-filter`, or `version-filter-prefix`."""
    contains: str = ""
    """`tag-filter-contains` or `version-filter-contains`."""
    strip_prefix: str = ""
    strip_suffix: str = ""


@dataclass(frozen=True, slots=True)
class Schedule:
    """The spec's own cadence."""

    period: Literal["daily", "weekly", "monthly"]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class UpdateBlock:
    """melange's `update:` block, evaluated.  Source: melange pkg/config, type Update."""

    enabled: bool = False
    manual: bool = False
    require_sequential: bool = False
    shared: bool = False
    exclude_reason: str = ""
    version_separator: str = ""
    ignore_regex_patterns: tuple[str, ...] = ()
    version_transform: tuple[Transform, ...] = ()
    enable_prerelease_tags: bool = False
    schedule: Schedule | None = None
    filters: Filters = Filters()


@dataclass(frozen=True, slots=True)
class Upstream:
    """The source to ask; equal values are asked once for all packages that share them."""

    datasource: str
    """A name in the table of `datasources`, such as `github` or `git`."""
    identifier: str
    """`owner/name` for github, the repository's URL for git."""
    kind: Literal["releases", "tags", "branch"]
    branch: str = ""
    """With kind `branch`: the branch to follow; empty means the default branch."""


@dataclass(frozen=True, slots=True)
class Pin:
    """One `expected-commit` as the spec has it, with what it pins evaluated."""

    repository: str
    ref: str
    """`refs/tags/NAME`, `refs/heads/NAME` or `HEAD`, evaluated for the spec's own version."""
    commit: Sha
    line: int


@dataclass(frozen=True, slots=True)
class Package:
    """One spec, read."""

    name: str
    version: Version
    epoch: int
    path: str
    """The spec's path within the distro, `NAME.yaml`."""
    update: UpdateBlock
    upstream: Upstream | None
    """None when the update block names no datasource."""
    pins: tuple[Pin, ...] = ()
    """Those whose repository and ref can be evaluated."""

    @property
    def full_version(self) -> str:
        """`1.2.3-r4`."""
        return f"{self.version}-r{self.epoch}"
