"""What a story may touch: one watched repository, what is remembered of it, and the ways out.

Every method of these may raise `TryLater` (the lane comes back by itself) and `Misconfigured`
(the operator must change something).
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from octobot.flows.upstreams import Upstreams
from octobot.flows.waiting import Waiting
from octobot.github.repository.repository import WatchedRepository
from octobot.model.ids import Key, Watched
from octobot.model.suggestion import NO_QUESTIONS, Allowance
from octobot.specs.read.cache import Reader
from octobot.store.store import Store
from octobot.triage.log.triage import LogTriage
from octobot.triage.model.ask import Adviser


class Lanes(Protocol):
    """Where packages are hinted: the queue of a worker, or what holds hints back for a while."""

    async def hint(self, key: Key, *, urgent: bool = False) -> None:
        """Ask for a step of this package soon; hints while one is queued are one.

        An `urgent` one, of a person or for a security fix, goes before all others.
        """
        ...


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
    waiting: Waiting = field(default_factory=Waiting)
    """What is remembered of pull requests that wait; one for the whole process."""
    paused: bool = False
    """The operator's kill switch: every repository is as if its file paused octobot."""
    check_interval_other_hosts: timedelta | None = None
    """The same for every other host; None: as for GitHub."""
    adviser: Adviser | None = None
    """Finds a fix for a failure that no rule knows; None: no model is asked."""
    allowance: Allowance = NO_QUESTIONS
    """How many questions a model may be asked in a day."""
