"""What the stories need of the outside, in their own words.

`app/` passes the real edges, tests pass fakes made of values.  Every method may raise
`TryLater` (the lane comes back by itself) and `Misconfigured` (the operator is told).
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal, Protocol

from octobot.flows.seams.looks import Looks
from octobot.flows.seams.steering import Steerings
from octobot.flows.seams.store import Gate, GoodConfigs, Ledger, RerunMemory, Spoken
from octobot.flows.seams.triage import Adviser, Suggestions
from octobot.github.repository.repository import WatchedRepository
from octobot.model.ids import Key, RepositoryId, Sha, Watched
from octobot.model.lookup import Request, Response
from octobot.model.memory import Row, Sighting
from octobot.model.package import Upstream
from octobot.model.pull_request import (
    FailedCheck,
)
from octobot.model.reasons import Reason
from octobot.model.suggestion import NO_QUESTIONS, Allowance
from octobot.model.triage import Diagnosis
from octobot.specs.read.cache import Reader


class Upstreams(Protocol):
    """The guarded road to everything that is not the watched repository."""

    async def send(self, request: Request) -> Response:
        """Carry one request of a datasource; failures are answers, not exceptions."""
        ...

    async def digest(self, uri: str, algorithm: Literal["sha256", "sha512"]) -> str | None:
        """Download and hash, streamed and capped; None when it cannot be had."""
        ...


class Store(
    Gate, GoodConfigs, Ledger, Looks, RerunMemory, Spoken, Steerings, Suggestions, Protocol
):
    """What octobot remembers; losing it loses no effect, only patience."""

    async def blobs(self, repository: RepositoryId) -> Mapping[str, Sha]:
        """Give path → blob id of the specs known."""
        ...

    async def put_specs(
        self, repository: RepositoryId, changed: Mapping[str, tuple[Sha, str]], gone: Sequence[str]
    ) -> None:
        """Take over specs: path → (blob id, text); what changed is due at once."""
        ...

    async def sighting(self, upstream: Upstream, name: str) -> Sighting | None:
        """Read what was seen of a name."""
        ...

    async def begin(self, key: Key, *, now: datetime) -> Row | None:
        """Start work on a package: next generation, and due again with back-off if we die."""
        ...

    async def record(
        self,
        key: Key,
        *,
        generation: int,
        reason: Reason,
        due: datetime | None,
        issue: int | None,
    ) -> None:
        """Finish work on a package; `due` None means: when a look or a hint brings it back."""
        ...

    async def row(self, key: Key) -> Row | None:
        """Read one package."""
        ...

    async def rows(self, repository: RepositoryId) -> tuple[Row, ...]:
        """Read all packages of a repository, by name."""
        ...

    async def some_rows(self, repository: RepositoryId, names: Sequence[str]) -> tuple[Row, ...]:
        """Read the packages of these names, by name."""
        ...

    async def stop_line(self, repository: RepositoryId, because: str) -> None:
        """No more merges in this repository until `release_line`."""
        ...

    async def line_stopped(self, repository: RepositoryId) -> str | None:
        """Say why the line is stopped, or None."""
        ...

    async def said(self, repository: RepositoryId, head: Sha) -> str | None:
        """Give the digest of the verdict last posted for a head commit."""
        ...

    async def say(self, repository: RepositoryId, head: Sha, digest: str) -> None:
        """Remember the digest of the verdict just posted, so that it is not posted again."""
        ...


class Lanes(Protocol):
    """The keyed work queue."""

    async def hint(self, key: Key, *, urgent: bool = False) -> None:
        """Ask for a look at this package soon; hints while one is queued are one.

        An `urgent` one, of a person or for a security fix, goes before all others.
        """
        ...


class Triage(Protocol):
    """From a log to what a person needs to read."""

    def diagnose(self, failed: FailedCheck, known: Collection[str] | None = None) -> Diagnosis:
        """Cut the log to its failing step and the lines that matter, and name the cause.

        `known` are the names of the distro's packages: no other is proposed.
        """
        ...


@dataclass(frozen=True, slots=True)
class World:
    """One watched repository with everything a story may touch."""

    watched: Watched
    github: WatchedRepository
    upstreams: Upstreams
    store: Store
    lanes: Lanes
    triage: Triage
    clock: Callable[[], datetime]
    look_every: timedelta
    """The pause between two looks at an upstream on GitHub, where the spec has no schedule."""
    recheck: timedelta
    """The pause between two looks at an open pull request that no hint announces."""
    bot: int
    """octobot's own numeric user id."""
    app: int
    """octobot's own App id."""
    reader: Reader = field(default_factory=Reader)
    """What is remembered of the texts of specs; one for the whole process."""
    paused: bool = False
    """The operator's kill switch: every repository is as if its file paused octobot."""
    look_every_host: timedelta | None = None
    """The same for every other host; None: as for GitHub."""
    adviser: Adviser | None = None
    """Who finds what would mend a failure beyond what rules know; None: nobody."""
    allowance: Allowance = NO_QUESTIONS
    """How many questions a model may be asked in a day."""
