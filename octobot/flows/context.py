"""What the stories need of the outside, in their own words.

`app/` passes the real edges, tests pass fakes made of values.  Every method may raise
`TryLater` (the lane comes back by itself) and `Misconfigured` (the operator is told).
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal, Protocol

from octobot.flows.seams.github import Commits, ConfigFiles, Merging, Reruns, Shown
from octobot.flows.seams.looks import Looks
from octobot.flows.seams.steering import Steerings, Talk
from octobot.flows.seams.store import Gate, GoodConfigs, Ledger, RerunMemory, Spoken
from octobot.flows.seams.triage import Adviser, Suggestions, Thumbs
from octobot.model.ids import Key, PullNumber, RepositoryId, Sha, Watched
from octobot.model.lookup import Request, Response
from octobot.model.memory import Row, Sighting
from octobot.model.package import Upstream
from octobot.model.pull_request import (
    CheckRun,
    FailedCheck,
    Merged,
    MergedTree,
    MergeMethod,
    NotMerged,
    Objection,
    Outline,
    PullRequest,
    PullState,
)
from octobot.model.reasons import Reason
from octobot.model.suggestion import NO_QUESTIONS, Allowance
from octobot.model.triage import Diagnosis
from octobot.specs.read.cache import Reader


class GitHub(Commits, ConfigFiles, Merging, Reruns, Shown, Talk, Thumbs, Protocol):
    """One watched repository on GitHub."""

    async def outline(self) -> Outline:
        """Read the default branch's commit and the specs in its root."""
        ...

    async def blobs(self, ids: Sequence[Sha]) -> Mapping[Sha, str | None]:
        """Read the texts of blobs; None for one that is missing, binary or over 1 MiB."""
        ...

    async def open_pulls(self) -> tuple[PullRequest, ...]:
        """List all open pull requests whose head branch starts with `octobot/`, every page."""
        ...

    async def pull(self, number: PullNumber) -> PullRequest:
        """Read one pull request."""
        ...

    async def pull_of(self, branch: str) -> PullRequest | None:
        """Find the newest pull request of any state from this branch of this repository."""
        ...

    async def state(self, number: PullNumber) -> PullState:
        """Read all that the policy judges, every page, at this moment."""
        ...

    async def objections(self, number: PullNumber) -> tuple[Objection, ...]:
        """Read who requested changes and can write, every page, at this moment."""
        ...

    async def branch_head(self, branch: str) -> Sha | None:
        """Read where a branch stands; None when it does not exist."""
        ...

    async def delete_branch(self, branch: str, *, expected: Sha) -> None:
        """Delete a branch, only if it still stands at `expected`; gone already is fine."""
        ...

    async def open_pull(self, *, branch: str, title: str, body: str) -> PullRequest:
        """Open a pull request against the default branch, or adopt the open one of this branch."""
        ...

    async def close_pull(self, number: PullNumber) -> None:
        """Close it unmerged; closed already is fine."""
        ...

    async def merge(
        self, number: PullNumber, *, head: Sha, method: MergeMethod, message: tuple[str, str]
    ) -> Merged | NotMerged:
        """Merge exactly `head`; a lost answer is settled by reading, never by asking twice."""
        ...

    async def merged_tree(self, commit: Sha) -> MergedTree:
        """Compare a merge's tree with that of its first parent."""
        ...

    async def rebased_tree(self, commit: Sha, number: PullNumber) -> MergedTree | None:
        """Compare it with that below all commits of a pull request that was merged by rebasing.

        None when it was merged in another way or has a single commit.
        """
        ...

    async def post_check(
        self,
        *,
        head: Sha,
        conclusion: Literal["success", "failure", "neutral"] | None,
        title: str,
        summary: str,
    ) -> None:
        """Create or update the check run `octobot` on `head`; no conclusion means in progress."""
        ...

    async def comment(self, number: PullNumber, *, tag: str, body: str) -> None:
        """Put one comment of ours on a pull request or issue, in place of the one with this tag."""
        ...

    async def issue(self, *, tag: str, title: str, body: str) -> int:
        """Open an issue of ours, or find the open one with this tag; give its number."""
        ...

    async def close_issue(self, number: int) -> None:
        """Close an issue of ours; closed already is fine."""
        ...

    async def failed_logs(self, checks: Sequence[CheckRun]) -> tuple[FailedCheck, ...]:
        """Fetch the logs of failed checks, the last 2 MiB of each."""
        ...


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
    github: GitHub
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
