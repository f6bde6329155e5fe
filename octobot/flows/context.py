"""What a story may touch: one watched repository, what is remembered of it, and the ways out.

Every method of these may raise `TryLater` (the lane comes back by itself) and `Misconfigured`
(the operator must change something).
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from octobot.flows.graphs import Graphs
from octobot.flows.indexes import Indexes
from octobot.flows.upstreams import Upstreams
from octobot.flows.waiting import Waiting
from octobot.github.repository.repository import WatchedRepository
from octobot.model.ids import Key, PullNumber, RepositoryId, Watched
from octobot.model.suggestion import NO_QUESTIONS, Allowance
from octobot.specs.read.cache import Reader
from octobot.store.store import Store
from octobot.triage.log.triage import LogTriage
from octobot.triage.model.ask import Adviser

_SOON = timedelta(seconds=15)
_IN_A_ROW = 8
"""What takes GitHub longer than two minutes is stuck, or the base moves all the time."""


class Lanes(Protocol):
    """Where packages are hinted: the queue of a worker, or what holds hints back for a while."""

    async def hint(self, key: Key, *, urgent: bool = False) -> None:
        """Ask for a step of this package soon; hints while one is queued are one.

        An `urgent` one, of a person or for a security fix, goes before all others.
        """
        ...


@dataclass(frozen=True, slots=True)
class SoonAgain:
    """How often in a row each pull request waited for GitHub, or for its settings.

    One for the whole process; what a restart forgets costs nothing but some early looks.
    """

    _times: dict[tuple[RepositoryId, PullNumber], int] = field(default_factory=dict)

    def pause(self, repository: RepositoryId, pull: PullNumber, *, most: timedelta) -> timedelta:
        """Return a short pause, some times in a row, then `most`."""
        times = self._times[repository, pull] = self._times.get((repository, pull), 0) + 1
        return min(_SOON, most) if times <= _IN_A_ROW else most

    def longer(
        self, repository: RepositoryId, pull: PullNumber, *, first: timedelta, most: timedelta
    ) -> timedelta:
        """Return a pause that is twice as long each time, for what only people can change."""
        times = self._times[repository, pull] = self._times.get((repository, pull), 0) + 1
        return min(first * (1 << min(times - 1, 10)), most)

    def end(self, repository: RepositoryId, pull: PullNumber) -> None:
        """Record that a pull request waits for something else now, or is merged."""
        self._times.pop((repository, pull), None)


@dataclass(frozen=True, slots=True)
class RepoContext:
    """One watched repository with everything a story may touch."""

    watched: Watched
    github: WatchedRepository
    upstreams: Upstreams
    store: Store
    """What octobot remembers; losing it loses no effect, only patience."""
    lanes: Lanes
    triage: LogTriage
    clock: Callable[[], datetime]
    check_interval: timedelta
    """The pause between two checks of an upstream on GitHub, where the spec has no schedule."""
    recheck: timedelta
    """The pause between two checks of an open pull request that no hint announces."""
    bot: int
    """octobot's own numeric user id."""
    app: int
    """octobot's own App id."""
    reader: Reader = field(default_factory=Reader)
    """What is remembered of the texts of specs; one for the whole process."""
    graphs: Graphs = field(default_factory=Graphs, repr=False)
    """What is remembered of each distro's graph; one for the whole process."""
    indexes: Indexes = field(default_factory=Indexes, repr=False)
    """What is remembered of the indexes of built packages; one for the whole process."""
    waiting: Waiting = field(default_factory=Waiting)
    """What is remembered of pull requests that wait; one for the whole process."""
    soon_again: SoonAgain = field(default_factory=SoonAgain)
    paused: bool = False
    """The operator's kill switch: every repository is as if its file paused octobot."""
    check_interval_other_hosts: timedelta | None = None
    """The same for every other host; None: as for GitHub."""
    adviser: Adviser | None = None
    """Finds a fix for a failure that no rule knows; None: no model is asked."""
    allowance: Allowance = NO_QUESTIONS
    """How many questions a model may be asked in a day."""
