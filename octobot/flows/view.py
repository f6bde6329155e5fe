"""What a package's next step is decided on, and the steps that a decision may give."""

from dataclasses import dataclass
from datetime import datetime

from octobot.model.bump import Bump, Proposed
from octobot.model.config import Config, PackagePolicy
from octobot.model.memory import Row, Sighting
from octobot.model.package import Package
from octobot.model.pull_request import PullRequest
from octobot.model.reasons import Reason


@dataclass(frozen=True, slots=True)
class Member:
    """A package of a proposal; most proposals have one, a group's has several."""

    row: Row
    package: Package


@dataclass(frozen=True, slots=True)
class View:
    """All that the decision rests on."""

    row: Row
    package: Package | Reason
    config: Config | Reason
    history: tuple[Proposed, ...]
    """The package's ledger rows, newest first."""
    pulls: tuple[PullRequest, ...]
    """The open pull requests from branches of this package in this repository."""
    open_pulls: int
    """How many pull requests of octobot's are open in the whole repository."""
    sighting: Sighting | None
    """What was ever seen of the target's name."""
    now: datetime
    new_pulls: int = 0
    """How many octobot opened within the last hour, where the repository's file limits that."""
    left: tuple[Proposed, ...] = ()
    """Open proposals of groups that have this package's file, and it is in none any more."""


@dataclass(frozen=True, slots=True)
class Rest:
    """Nothing to do, for this reason."""

    reason: Reason
    unmerge: tuple[PullRequest, ...] = ()
    """Pull requests whose merge may have been left to GitHub, and must not take place now."""
    again: bool = False
    """Looked at again before long, whatever the reason: a pause may end at any time."""


@dataclass(frozen=True, slots=True)
class Settle:
    """A proposal that was open is not listed any more: find out what became of it."""

    proposed: Proposed


@dataclass(frozen=True, slots=True)
class Withdraw:
    """Close pull requests that must not or need not be merged."""

    pulls: tuple[PullRequest, ...]
    reason: Reason


@dataclass(frozen=True, slots=True)
class Announce:
    """Open an issue: a person makes this bump."""

    bump: Bump


@dataclass(frozen=True, slots=True)
class Alarm:
    """Open an issue: something is wrong upstream and a person must look."""

    reason: Reason


@dataclass(frozen=True, slots=True)
class Propose:
    """Open a pull request, and close the older ones that it replaces."""

    bump: Bump
    replaces: tuple[PullRequest, ...]
    policy: PackagePolicy
    package: Package


@dataclass(frozen=True, slots=True)
class Land:
    """Judge this pull request and do what the verdict says."""

    pull: PullRequest
    package: Package
    newer: bool = False
    """Another commit takes its place as soon as more than time is missing."""


@dataclass(frozen=True, slots=True)
class Supersede:
    """Close pull requests that another one replaces: the try that opened it did not come so far."""

    pulls: tuple[PullRequest, ...]
    by: PullRequest


@dataclass(frozen=True, slots=True)
class Leave:
    """Let the lanes of groups give up the proposals that have this package's file."""

    proposals: tuple[Proposed, ...]


Step = Rest | Settle | Withdraw | Announce | Alarm | Propose | Supersede | Land | Leave
