"""The steps that a decision may return, and how one of them ended."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from octobot.flows.view import Found, Member, Reasons
from octobot.model.bump import Bump, Proposed
from octobot.model.config import Group, PackagePolicy
from octobot.model.ids import PullNumber
from octobot.model.pull_request import PullRequest
from octobot.model.reasons import Reason


@dataclass(frozen=True, slots=True)
class MemberBump:
    """One member's bump within a proposal."""

    member: Member
    bump: Bump
    policy: PackagePolicy


@dataclass(frozen=True, slots=True)
class Rest:
    """Nothing to do, for these reasons."""

    reasons: Reasons
    unmerge: tuple[PullRequest, ...] = ()
    """Pull requests whose merge may have been left to GitHub, and must not take place now."""
    again: bool = False
    """Checked again before long, whatever the reason: a pause may end at any time."""


@dataclass(frozen=True, slots=True)
class RecordEnd:
    """A proposal that was open is not listed any more: find out how it ended."""

    proposed: Proposed


@dataclass(frozen=True, slots=True)
class Close:
    """Close pull requests that must not or need not be merged."""

    pulls: tuple[PullRequest, ...]
    reason: Reason
    """What the comment says."""
    reasons: Reasons


@dataclass(frozen=True, slots=True)
class Abandon:
    """End proposals that are open in the ledger, and that no open pull request is known of."""

    proposals: tuple[Proposed, ...]
    reason: Reason
    """What the comment says where there is one after all."""


@dataclass(frozen=True, slots=True)
class Announce:
    """Open an issue: a person makes these bumps."""

    bumps: tuple[Bump, ...]


@dataclass(frozen=True, slots=True)
class Alarm:
    """Open an issue: something is wrong upstream and a person must look."""

    reason: Reason
    reasons: Reasons
    about: tuple[str, ...]
    """The packages that something is wrong with."""


@dataclass(frozen=True, slots=True)
class ReportReverts:
    """Say on merged pull requests that people reverted them, and record that."""

    packages: tuple[Found, ...]
    reasons: Reasons


@dataclass(frozen=True, slots=True)
class Propose:
    """Open a pull request, and close the older ones that it replaces."""

    group: Group | None
    parts: tuple[MemberBump, ...]
    replaces: tuple[PullRequest, ...]


@dataclass(frozen=True, slots=True)
class Land:
    """Judge this pull request by each of its members and do what the verdict says."""

    pull: PullRequest
    members: tuple[Member, ...]
    newer: bool = False
    """Another commit takes its place as soon as more than time is missing."""


@dataclass(frozen=True, slots=True)
class Supersede:
    """Close pull requests that another one replaces: the step that opened it did not get so far."""

    pulls: tuple[PullRequest, ...]
    by: PullRequest


@dataclass(frozen=True, slots=True)
class Leave:
    """Let the lanes of groups abandon the proposals that have this package's file."""

    proposals: tuple[Proposed, ...]


@dataclass(frozen=True, slots=True)
class Resting:
    """A pull request that is taken further by nothing but a change of it on GitHub, or by time."""

    number: PullNumber
    pause: timedelta
    """Between two glances at it."""
    until: datetime
    """When it is read in full all the same."""


@dataclass(frozen=True, slots=True)
class Done:
    """The end of a step: each package's reason now, and when to return."""

    reason: Reason | None
    """None: each package keeps its own."""
    due: timedelta | None = None
    """From now; None: when a check or a hint brings it back."""
    again: bool = False
    """True: the next step should follow at once."""
    package: str = ""
    """Whose reason it is, the other members wait for it; empty: it is every package's."""
    reasons: Reasons | None = None
    """Package → its reason, where the step knows them one by one; any other keeps its own."""
    issues: Mapping[str, int | None] = field(default_factory=dict)
    """Package → its open issue, or None if it has none any more, where the step changed that."""
    resting: Resting | None = None
    """None: the next step reads everything in full."""


Step = (
    Rest
    | RecordEnd
    | Close
    | Abandon
    | Announce
    | Alarm
    | ReportReverts
    | Propose
    | Supersede
    | Land
    | Leave
)
