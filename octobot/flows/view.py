"""What the next step of a package, or of a group, is decided on, and the steps there are.

A group's steps are those of a package, for several; each says what to record of each package.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from octobot.flows.outcome import Done
from octobot.model.bump import Bump, Proposed
from octobot.model.config import Config, Group, PackagePolicy
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


Reasons = Mapping[str, Reason]
"""Package → why it is where it is."""


@dataclass(frozen=True, slots=True)
class Peer:
    """One package of a group, as it was found."""

    row: Row
    package: Package | Reason
    sighting: Sighting | None
    """What was ever seen of its target's name."""

    @property
    def name(self) -> str:
        """The package's name."""
        return self.row.key.package


@dataclass(frozen=True, slots=True)
class GroupView:
    """All that the decision rests on."""

    group: Group | None
    """None: the repository's file does not have it any more."""
    peers: tuple[Peer, ...]
    """Its packages, by name, without those whose update block is not enabled."""
    config: Config | Reason
    history: tuple[Proposed, ...]
    """The group's ledger rows, newest first."""
    pulls: tuple[PullRequest, ...]
    """The open pull requests from branches of this group in this repository."""
    singles: tuple[PullRequest, ...]
    """Open pull requests of octobot's own for one of the packages alone."""
    open_pulls: int
    """How many pull requests of octobot's are open in the whole repository."""
    new_pulls: int = 0
    """How many octobot opened within the last hour, where the repository's file limits that."""


@dataclass(frozen=True, slots=True)
class RestTogether:
    """Nothing to do, for these reasons."""

    reasons: Reasons
    unmerge: tuple[PullRequest, ...] = ()
    """Pull requests whose merge may have been left to GitHub, and must not take place now."""
    again: bool = False
    """Looked at again before long, whatever the reason: a pause may end at any time."""


@dataclass(frozen=True, slots=True)
class WithdrawTogether:
    """Close pull requests that must not or need not be merged."""

    pulls: tuple[PullRequest, ...]
    reason: Reason
    reasons: Reasons


@dataclass(frozen=True, slots=True)
class AlarmTogether:
    """Open one issue: something is wrong upstream and a person must look."""

    reason: Reason
    reasons: Reasons
    about: tuple[str, ...]
    """The packages that something is wrong with."""


@dataclass(frozen=True, slots=True)
class AnnounceTogether:
    """Open one issue: a person makes these bumps."""

    bumps: tuple[Bump, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """One package's bump within a group's proposal."""

    member: Member
    bump: Bump
    policy: PackagePolicy


@dataclass(frozen=True, slots=True)
class ProposeTogether:
    """Open one pull request for all, and close the older ones that it replaces."""

    group: Group
    parts: tuple[Part, ...]
    replaces: tuple[PullRequest, ...]


@dataclass(frozen=True, slots=True)
class LandTogether:
    """Judge this pull request by each of its packages and do what the verdict says."""

    pull: PullRequest
    members: tuple[Member, ...]


GroupStep = (
    RestTogether
    | Settle
    | Supersede
    | WithdrawTogether
    | AnnounceTogether
    | AlarmTogether
    | ProposeTogether
    | LandTogether
)


@dataclass(frozen=True, slots=True)
class GroupDone:
    """What one step of a group's lane came to."""

    done: Done
    reasons: Reasons | None = None
    """Package → its reason, where the step told them apart."""
    issues: Mapping[str, int | None] | None = None
    """Package → its open issue, where the step changed that."""
