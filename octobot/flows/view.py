"""What the next step of a change is decided on.

A change is what one pull request carries: one package, or several that move together.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from octobot.model.bump import Proposed
from octobot.model.config import Config, Group
from octobot.model.ids import Key, Sha
from octobot.model.memory import Row, Sighting, StuckRow
from octobot.model.orders import covers
from octobot.model.package import Package
from octobot.model.pull_request import PullRequest
from octobot.model.reasons import Reason, ReasonCode
from octobot.model.release import Candidate

Reasons = Mapping[str, Reason]
"""Package → why it is where it is."""

FREEZING = frozenset({ReasonCode.TAG_MOVED, ReasonCode.UPSTREAM_REPLACED})
"""Reasons of a check that stop a package until a person acts."""


@dataclass(frozen=True, slots=True)
class Member:
    """A package of a change, whose spec can be read."""

    row: Row
    package: Package


@dataclass(frozen=True, slots=True)
class Opened:
    """The release that an open pull request proposes, and what was ever seen of its name."""

    target: Candidate
    sighting: Sighting | None


@dataclass(frozen=True, slots=True)
class Revert:
    """People reverted the default branch to an older version than octobot merged."""

    proposed: Proposed
    commit: str
    """The commit that has the older version."""
    reported: bool
    """It is said on the pull request."""


@dataclass(frozen=True, slots=True)
class Found:
    """A package of a change, as it was found."""

    row: Row
    package: Package | Reason
    sighting: Sighting | None = None
    """What was ever seen of its target's name."""
    sightings: Mapping[str, Sighting] = field(default_factory=dict)
    """What was ever seen of each name that may become its target's once orders are applied."""
    opened: Opened | None = None
    """The release of an open pull request that is not its target's, as upstream still shows it."""
    revert: Revert | None = None
    """The merge that people reverted."""
    may_lag: bool = False
    """GitHub shows the default branch as it was before a merge: reset, or an old answer."""

    @property
    def name(self) -> str:
        """The package's name."""
        return self.row.key.package

    @property
    def is_kept_current(self) -> bool:
        """Whether its update block is enabled, as far as its spec can be read."""
        return isinstance(self.package, Reason) or self.package.update.enabled


@dataclass(frozen=True, slots=True)
class Change:
    """A change as the store has it, when a step begins."""

    key: Key
    group: Group | None
    """None: a lone package, or a group that the repository's file does not have any more."""
    packages: tuple[Found, ...]
    """Its members and, in a group, packages that are not kept current; begun, by name."""
    former: tuple[Row, ...]
    """Of packages that an open proposal has, and the group no more: their own lanes' business."""
    ledger: tuple[Proposed, ...]
    """Its ledger rows and, of a lone package, those of groups that had its file; newest first."""

    @property
    def rows(self) -> tuple[Row, ...]:
        """The rows of its packages."""
        return tuple(one.row for one in self.packages)

    @property
    def members(self) -> tuple[Found, ...]:
        """Its packages; of a group without those whose update block is not enabled."""
        return tuple(one for one in self.packages if not self.key.group or one.is_kept_current)


@dataclass(frozen=True, slots=True)
class PullOrder:
    """An open pull request that a person wants closed or recreated."""

    pull: PullRequest
    login: str
    foreign: bool = False
    """Commits that octobot did not make may be discarded with it."""


@dataclass(frozen=True, slots=True)
class OrderedRebuild:
    """A package that is rebuilt because a person said so."""

    member: Member
    accepted: tuple[tuple[str, Sha], ...]
    """Tags that a person accepted to have moved, and that the spec pins at another commit."""
    reason: str | None
    """As it was given; None: only tags moved."""
    despite: tuple[int, ...]
    """Pull requests that ended before somebody asked for this."""


@dataclass(frozen=True, slots=True)
class VersionOrders:
    """What people ordered about the choice of a package's next version."""

    ignored: tuple[tuple[str, str], ...] = ()
    """Versions, or streams of versions, each with the login of who had it ignored."""
    accepted: frozenset[tuple[str, Sha]] = frozenset()
    """Upstream names that may stand for a commit, though they were seen at another one."""

    def ignored_by(self, version: str) -> str | None:
        """Return the login of who had this version ignored; None: nobody did."""
        return next((login for what, login in self.ignored if covers(what, version)), None)

    def accepts(self, name: str, commit: Sha | None) -> bool:
        """Return whether a person accepted that this name moved to this commit."""
        return (name, commit) in self.accepted


ANY_VERSION = VersionOrders()
"""Nobody ordered anything."""


@dataclass(frozen=True, slots=True)
class OrderedSteps:
    """What people ordered that is a step of its own, by what is open now."""

    close: PullOrder | None = None
    recreate: PullOrder | None = None
    ignored: tuple[PullOrder, ...] = ()
    """Pull requests whose version is ignored."""
    rebuild: tuple[OrderedRebuild, ...] = ()
    newest: bool = False
    """What is wanted is proposed now: it waits for no older pull request, and no daily limit."""


@dataclass(frozen=True, slots=True)
class View:
    """All that the decision rests on, with people's orders applied."""

    key: Key
    group: Group | None
    """None: a lone package, or a group that the repository's file does not have any more."""
    members: tuple[Found, ...]
    config: Config | Reason
    history: tuple[Proposed, ...]
    """The change's ledger rows, newest first."""
    pulls: tuple[PullRequest, ...]
    """The open pull requests from branches of this change in this repository."""
    open_pulls: int
    """How many pull requests of octobot's are open in the whole repository."""
    new_pulls: int = 0
    """How many octobot opened within the last hour, where the repository's file limits that."""
    opened_today: tuple[datetime, ...] = ()
    """When octobot opened pull requests of this change within the last 24 hours, newest first."""
    urgent: bool = False
    """The newest version fixes a vulnerability of the one that the open pull request proposes."""
    lone_pulls: tuple[PullRequest, ...] = ()
    """Open pull requests of octobot's own for one member of a group alone."""
    lone_proposals: tuple[Proposed, ...] = ()
    """What the ledger has open of such, and no open pull request shows."""
    of_former_groups: tuple[Proposed, ...] = ()
    """Open proposals of groups that a lone package was in, and that have its file."""
    ordered: OrderedSteps = OrderedSteps()
    stuck: Mapping[str, StuckRow] = field(default_factory=dict)
    """Package → what is noted of it, where it is stuck or was."""
    versions: Mapping[str, VersionOrders] = field(default_factory=dict)
    """Of those: what people ordered about their next version."""
