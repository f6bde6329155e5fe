"""Pull requests that wait, as they were when they were judged.

It is in memory only: a restart forgets it, and what is not here is read in full.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime

from octobot.flows.steps import Resting
from octobot.model.ids import Key


@dataclass(frozen=True, slots=True)
class Entry:
    """A package whose pull request was judged and waits."""

    resting: Resting
    due: datetime
    """What the store had been given: another time there means that there is news."""
    seen: str
    """The glance from before it was judged; empty: there was none."""


@dataclass(slots=True)
class Waiting:
    """The packages of one repository whose pull requests wait."""

    entries: dict[Key, Entry] = field(default_factory=dict)
    _glances: dict[Key, str] = field(default_factory=dict)
    """Of packages that are about to be judged."""

    def announce(self, key: Key, glance: str) -> None:
        """Remember what a glance showed of a package that is judged next."""
        self._glances[key] = glance

    def put(self, key: Key, entry: Entry, *, due: datetime) -> None:
        """Remember that a package is due at another time, unless it is judged meanwhile."""
        if key in self.entries:
            self.entries[key] = replace(entry, due=due)

    def begin(self, key: Key) -> str:
        """Forget how a package was judged; return the glance from before what is judged now."""
        self.entries.pop(key, None)
        return self._glances.pop(key, "")
