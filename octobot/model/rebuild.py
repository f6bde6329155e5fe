"""What must be built again behind a merge: the trigger, and the plan in levels."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from octobot.model.errors import UserError


class TriggerKind(StrEnum):
    """What causes a rebuild."""

    PACKAGE = "package"
    """A new version of a toolchain, a language or a library."""
    SONAME = "soname"
    """A shared library with a new name."""
    STREAM = "stream"
    """Specs move from one version stream to the next."""
    USERS = "users-of"
    """A person's order: all that build with a package."""
    PIPELINE = "pipeline"
    """A person's order: all that build through a pipeline."""
    NAMES = "names"
    """A person's order: these specs, by a glob."""


@dataclass(frozen=True, slots=True)
class Trigger:
    """One cause of a rebuild."""

    kind: TriggerKind
    name: str
    """The spec, package, pipeline, soname or glob."""
    old: str = ""
    """The version before, or the stream that is left."""
    new: str = ""
    """The version that was merged; the full one where an epoch alone counts."""
    commit: str = ""
    """The commit on the default branch that merged it."""

    def __str__(self) -> str:
        if self.kind is TriggerKind.STREAM:
            return f"stream:{self.old}..{self.name}"
        if self.kind in (TriggerKind.PACKAGE, TriggerKind.NAMES):
            return f"{self.name}={self.old}..{self.new}" if self.new else self.name
        return f"{self.kind.value}:{self.name}"


@dataclass(frozen=True, slots=True)
class Rebuild:
    """A spec on the plan."""

    spec: str
    why: str
    """Such as "builds with `go-1.26` through pipeline `go/build`"."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What one trigger rebuilds, and in which order."""

    trigger: Trigger
    levels: tuple[tuple[Rebuild, ...], ...]
    """A level needs only what is in the levels before it, cycles apart; by name within a level."""
    skipped: tuple[Rebuild, ...] = ()
    """Specs that the trigger is about and that stay as they are, each with the reason."""
    certain: bool = True
    """False: found from the specs alone, and may be more than needed."""

    @property
    def count(self) -> int:
        """The number of rebuilds."""
        return sum(len(level) for level in self.levels)

    @property
    def specs(self) -> Mapping[str, int]:
        """Each spec on the plan with its level, counted from 1."""
        numbered = enumerate(self.levels, 1)
        return {each.spec: number for number, level in numbered for each in level}


@dataclass(frozen=True, slots=True)
class AskedRebuild:
    """A person's order whose plan was shown to them, and that they have to confirm."""

    trigger: Trigger
    because: str
    digest: str
    """Of the plan that was shown."""
    at: datetime
    """When they asked, by GitHub's clock."""


class UnknownTriggerError(UserError):
    """What a trigger names does not exist, or cannot be read; the text is shown unchanged."""
