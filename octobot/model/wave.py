"""A wave: the rebuilds behind one trigger, as they were intended."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from octobot.model.rebuild import Trigger

WaveState = Literal["open", "held", "stopped", "done"]


@dataclass(frozen=True, slots=True)
class Intended:
    """One rebuild of a wave."""

    of: str
    """The spec's full version when the wave took it up; another one counts as its rebuild."""
    ordered: bool = False
    """Whether its lane has the order: a wave orders it once."""


@dataclass(frozen=True, slots=True)
class NewWave:
    """A wave that is to begin."""

    trigger: Trigger
    specs: Mapping[str, str]
    """What is on its plan: name → full version."""
    by: str = ""
    """The login of who ordered it; empty: a merge was the trigger."""
    because: str = ""
    order: str = ""
    """What distinguishes a person's order from the same one at another time; empty: a merge."""

    @property
    def name(self) -> str:
        """What no other wave of the repository has."""
        return f"{self.trigger} {self.order}".rstrip()


@dataclass(frozen=True, slots=True)
class Wave:
    """What is remembered of a wave; its plan is computed at each step."""

    id: int
    trigger: Trigger
    state: WaveState
    because: str
    """Why it is held or stopped, or the reason of the person who ordered it."""
    by: str
    """The login of who ordered it; empty: a merge was the trigger."""
    since: datetime
    issue: int | None = None
    """Of the tracking issue; None: it was not opened yet, or issues are switched off."""
    digest: str = ""
    """Of what the tracking issue says."""
    said: datetime | None = None
    """When that was written."""
    specs: Mapping[str, Intended] = field(default_factory=dict)

    @property
    def is_running(self) -> bool:
        """Whether it may still continue."""
        return self.state in ("open", "held")


@dataclass(frozen=True, slots=True)
class WavePull:
    """The newest pull request for a spec since a wave began."""

    spec: str
    number: int | None
    state: str
    """As the ledger has it."""
    is_rebuild: bool
