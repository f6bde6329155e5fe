"""What a check of one package leaves to be remembered.

A target that its upstream does not show any more is given up only when a second check misses it
too: a list can be cut short in ways that nobody notices.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from octobot.flows.lookup.contain import is_of_a_check
from octobot.flows.lookup.fetch import Tally
from octobot.flows.lookup.select import Lookup
from octobot.flows.view import ANY_VERSION, VersionOrders
from octobot.flows.watch.schedule import Budget
from octobot.model.memory import Checked, Row
from octobot.model.package import Package, Upstream
from octobot.model.reasons import STUCK, Reason, ReasonCode
from octobot.model.release import Candidate, Release
from octobot.model.version import order_key

SHARE = 120
"""Upstreams of one host asked in one pass: two minutes, at one a second."""
GONE = 2
"""Checks in a row that must miss a target before it counts as withdrawn."""


OF_A_CHECK = frozenset(
    {
        ReasonCode.NOT_LOOKED_YET,
        ReasonCode.NOT_ENABLED,
        ReasonCode.UNSUPPORTED_SOURCE,
        ReasonCode.BAD_SPEC,
        ReasonCode.BAD_UPDATE_BLOCK,
        ReasonCode.INVALID_REGEX,
        ReasonCode.UP_TO_DATE,
        ReasonCode.NO_CANDIDATE,
        ReasonCode.WITHDRAWN_UPSTREAM,
        ReasonCode.UPSTREAM_MISSING,
        ReasonCode.UPSTREAM_UNREACHABLE,
        ReasonCode.IGNORED,
        ReasonCode.LEAVES_STREAM,
        *STUCK,
    }
)
"""Reasons of a check that a later check may replace without news."""


NOTHING_SEEN = (ReasonCode.UPSTREAM_UNREACHABLE, ReasonCode.INTERNAL_ERROR)
"""Nothing was learned of the upstream, so nothing changes: no news is never "all gone"."""


@dataclass(frozen=True, slots=True)
class PassState:
    """What the batches of one pass share."""

    now: datetime
    other_hosts: bool
    """Other hosts than GitHub are asked."""
    budget: Budget
    """What limits leave for each check."""
    tally: Tally
    hosts: Counter[str] = field(default_factory=Counter)
    """How many upstreams of each host this pass asked for, or left to the next one."""

    @property
    def left_turns(self) -> bool:
        """Whether a host's share of turns was not enough for all that is due of it."""
        return max(self.hosts.values(), default=0) > SHARE


@dataclass(frozen=True, slots=True)
class Work:
    """One package whose upstream may have shown something new."""

    row: Row
    package: Package | Reason
    found: Sequence[Release] | Reason
    upstream: Upstream | None = None
    """The upstream that was asked; None when the package has none."""
    digest: str = ""
    """Of what was found."""
    prefix: str = ""
    polite: bool = False
    """Another host than GitHub's API was asked."""
    orders: VersionOrders = ANY_VERSION
    """What people ordered about the next version."""


@dataclass(frozen=True, slots=True)
class Pause:
    """Until the next check."""

    rhythm: timedelta
    wait: timedelta
    """What the budget makes of it now."""


def outcome(one: Work, found: Lookup, state: PassState, pause: Pause) -> Checked:
    """Return what to remember of a check."""
    row, target, reason = one.row, found.target, found.reason
    # Without the digest the next check selects again, whether or not upstream changed.
    digest = "" if found.provisional else one.digest
    missed = 0 if target else row.missed
    if reason.code in NOTHING_SEEN:
        target, digest, missed = row.target, "", row.missed
    elif row.target and _misses(one, found, row.target):
        missed = row.missed + 1
        if missed < GONE:  # checked once more before anything is done about it
            target, reason, digest = row.target, row.reason, ""
        elif isinstance(one.found, Reason):
            missed = 0  # the repository is gone or renamed, which says nothing about a version
        elif target is None:
            detail = f"{row.target.release.name} is not published any more"
            reason = Reason(ReasonCode.WITHDRAWN_UPSTREAM, detail)
    return Checked(
        row.key,
        target,
        one.upstream,
        _reason_to_keep(row, target, reason),
        again=state.now + pause.wait,
        pause=pause.rhythm,
        digest=digest,
        prefix=one.prefix,
        far=state.other_hosts,
        missed=missed,
    )


def _misses(one: Work, found: Lookup, target: Candidate) -> bool:
    """Return whether the upstream stopped showing a target, and nothing newer replaces it."""
    if isinstance(one.package, Reason):
        return False
    wanted = order_key(target.version)
    if wanted <= order_key(one.package.version):
        return False
    if found.target and order_key(found.target.version) >= wanted:
        return False
    if isinstance(one.found, Reason):
        return one.found.code is ReasonCode.UPSTREAM_MISSING
    if one.upstream and one.upstream.kind == "branch":
        head = found.selection.newest if found.selection else None
        return head is not None and order_key(head.version) < wanted  # it was reset
    return not any(_is_published(release, target.release) for release in one.found)


def _is_published(release: Release, before: Release) -> bool:
    """Return whether a name is published as it was: not drafted again, yanked or demoted since."""
    withdrawn = release.draft or release.yanked or release.unreleased > before.unreleased
    withdrawn = withdrawn or release.prerelease > before.prerelease
    return release.name == before.name and not withdrawn


def _reason_to_keep(row: Row, target: Candidate | None, reason: Reason) -> Reason:
    """Return the reason that the lane found, unless this check found something new.

    The lane's reasons (`checks-pending`, `merged`, …) say more than a repeated check can.  A tag
    that moved is not forgotten because it is gone or back where it was: a person must look.
    """
    if row.reason.code is ReasonCode.TAG_MOVED and reason.code is not ReasonCode.UPSTREAM_REPLACED:
        return row.reason
    if row.reason.code in OF_A_CHECK or is_of_a_check(row.reason) or target != row.target:
        return reason
    if reason.code in (ReasonCode.UPDATE_FOUND, *NOTHING_SEEN):
        return row.reason
    of_the_lane = row.reason.code in (
        ReasonCode.MERGED,
        ReasonCode.SECOND_SOURCE_AHEAD,
        ReasonCode.REVERTED_BY_USER,
    )
    return row.reason if of_the_lane and reason.code is ReasonCode.UP_TO_DATE else reason
