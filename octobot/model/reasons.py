"""Reason codes: every package always has exactly one, saying why it did not move.

The same value stands in the check run, the pull request, `octobot why` and the tables.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class ReasonCode(StrEnum):
    """Why a package is where it is; `MEANING` has a sentence for each."""

    # nothing to do
    UP_TO_DATE = "up-to-date"
    MERGED = "merged"
    NOT_ENABLED = "not-enabled"
    MANUAL = "manual"
    NOT_SCHEDULED = "not-scheduled"
    # the spec
    BAD_SPEC = "bad-spec"
    BAD_UPDATE_BLOCK = "bad-update-block"
    INVALID_REGEX = "invalid-regex"
    UNKNOWN_TEMPLATE = "unknown-template"
    UNSUPPORTED_SOURCE = "unsupported-source"
    # the upstream
    NOT_LOOKED_YET = "not-looked-yet"
    UPSTREAM_MISSING = "upstream-missing"
    UPSTREAM_UNREACHABLE = "upstream-unreachable"
    NO_CANDIDATE = "no-candidate"
    WITHDRAWN_UPSTREAM = "withdrawn-upstream"
    # stuck: upstream goes on, and the package does not
    TAG_DELETED = "tag-deleted"
    TAG_SCHEME_CHANGED = "tag-scheme-changed"
    RELEASES_STOPPED = "releases-stopped"
    FILTERED_OUT = "filtered-out"
    NUMBERING_RESTARTED = "numbering-restarted"
    # refused bumps
    BAD_VERSION = "bad-version"
    NOT_GREATER = "not-greater"
    LEAVES_STREAM = "leaves-stream"
    PINS_UNCHANGED = "pins-unchanged"
    EPOCH_ONLY = "epoch-only"
    TAG_MOVED = "tag-moved"
    UPSTREAM_REPLACED = "upstream-replaced"
    PIN_UNRESOLVED = "pin-unresolved"
    FIX_REJECTED = "fix-rejected"
    CHECKSUM_CHANGED = "checksum-changed"
    # a pull request on its way
    UPDATE_FOUND = "update-found"
    CHECKS_PENDING = "checks-pending"
    CHECKS_FAILED = "checks-failed"
    MINIMUM_RELEASE_AGE = "minimum-release-age"
    SECOND_SOURCE_UNCONFIRMED = "second-source-unconfirmed"
    SECOND_SOURCE_AHEAD = "second-source-ahead"
    ON_HOLD = "on-hold"
    IGNORED = "ignored"
    WAITS_FOR_GROUP = "waits-for-group"
    NEEDS_APPROVAL = "needs-approval"
    CHANGES_REQUESTED = "changes-requested"
    UNUSUAL_JUMP = "unusual-jump"
    OVERRIDE_DROPPED = "override-dropped"
    AUTOMERGE_OFF = "automerge-off"
    NOT_MERGEABLE = "not-mergeable"
    CONFLICT = "conflict"
    BEHIND = "behind"
    LEFT_TO_GITHUB = "left-to-github"
    OSCILLATING = "oscillating"
    READY = "ready"
    # a pull request that octobot will not touch
    NO_REQUIRED_CHECKS = "no-required-checks"
    UNKNOWN_COMMIT = "unknown-commit"
    UNEXPECTED_CHANGE = "unexpected-change"
    HEAD_IN_FORK = "head-in-fork"
    WRONG_BASE = "wrong-base"
    CLOSED_BY_USER = "closed-by-user"
    # the house
    PAUSED = "paused"
    BAD_CONFIG = "bad-config"
    MERGING_HALTED = "merging-halted"
    PR_LIMIT_REACHED = "pr-limit-reached"
    RETRY_LATER = "retry-later"
    MISCONFIGURED = "misconfigured"
    INTERNAL_ERROR = "internal-error"

    @classmethod
    def _missing_(cls, value: object) -> "ReasonCode | None":
        """Read a code's former name, in a saved file or an older row; it is written nowhere."""
        return FORMER_CODES.get(str(value))


FORMER_CODES: Mapping[str, ReasonCode] = {
    "too-young": ReasonCode.MINIMUM_RELEASE_AGE,
    "our-bug": ReasonCode.INTERNAL_ERROR,
    "try-later": ReasonCode.RETRY_LATER,
    "line-stopped": ReasonCode.MERGING_HALTED,
    "queue-full": ReasonCode.PR_LIMIT_REACHED,
    "handed-over": ReasonCode.LEFT_TO_GITHUB,
    "mend-refused": ReasonCode.FIX_REJECTED,
    "foreign-commit": ReasonCode.UNKNOWN_COMMIT,
    "foreign-change": ReasonCode.UNEXPECTED_CHANGE,
    "foreign-head": ReasonCode.HEAD_IN_FORK,
    "registry-ahead": ReasonCode.SECOND_SOURCE_AHEAD,
    "unconfirmed": ReasonCode.SECOND_SOURCE_UNCONFIRMED,
    "digest-changed": ReasonCode.CHECKSUM_CHANGED,
    "bad-pattern": ReasonCode.INVALID_REGEX,
    "nothing-changes": ReasonCode.PINS_UNCHANGED,
    "held": ReasonCode.ON_HOLD,
    "closed-by-person": ReasonCode.CLOSED_BY_USER,
}
"""What the codes were called until 0.1; migration 0020 renames them in the database."""


STUCK = frozenset(
    {
        ReasonCode.TAG_DELETED,
        ReasonCode.TAG_SCHEME_CHANGED,
        ReasonCode.RELEASES_STOPPED,
        ReasonCode.FILTERED_OUT,
        ReasonCode.NUMBERING_RESTARTED,
    }
)
"""Upstream goes on and the package does not, until a person changes its spec."""


MEANING: dict[ReasonCode, str] = {
    ReasonCode.UP_TO_DATE: "Upstream has nothing newer than the spec.",
    ReasonCode.MERGED: "The newest version was merged by octobot.",
    ReasonCode.NOT_ENABLED: "The spec's update block is missing or not `enabled: true`.",
    ReasonCode.MANUAL: "The spec says `manual: true`: a person makes this bump, from an issue.",
    ReasonCode.NOT_SCHEDULED: "The spec's `schedule` says that it is not time to look yet.",
    ReasonCode.BAD_SPEC: "The spec cannot be read; file and line are named.",
    ReasonCode.BAD_UPDATE_BLOCK: "The update block has an unknown key or a wrong value.",
    ReasonCode.INVALID_REGEX: "A regular expression of the update block is not valid RE2.",
    ReasonCode.UNKNOWN_TEMPLATE: "A `${{...}}` that the bump depends on cannot be evaluated.",
    ReasonCode.UNSUPPORTED_SOURCE: "The update block names no datasource that octobot has.",
    ReasonCode.NOT_LOOKED_YET: "octobot has not asked the upstream yet.",
    ReasonCode.UPSTREAM_MISSING: "The upstream repository does not exist or is not public.",
    ReasonCode.UPSTREAM_UNREACHABLE: "The upstream did not answer; nothing is concluded from that.",
    ReasonCode.NO_CANDIDATE: "No release passed the update block's filters and the grammar.",
    ReasonCode.WITHDRAWN_UPSTREAM: "The version that was proposed is not published any more.",
    ReasonCode.TAG_DELETED: "A tag that the spec checks out is gone: it cannot be built again.",
    ReasonCode.TAG_SCHEME_CHANGED: "Upstream names its tags otherwise than the spec's checkout.",
    ReasonCode.RELEASES_STOPPED: "Upstream has newer tags that have no release, which is followed.",
    ReasonCode.FILTERED_OUT: "The update block drops names that look like the next versions.",
    ReasonCode.NUMBERING_RESTARTED: "Upstream's newest version is lower in order than the spec's.",
    ReasonCode.BAD_VERSION: "The release's version is outside apk's version grammar.",
    ReasonCode.NOT_GREATER: "The version is not greater than the spec's by apk-tools and by apko.",
    ReasonCode.LEAVES_STREAM: "A newer version is outside the stream that the package's name says.",
    ReasonCode.PINS_UNCHANGED: "The bump would not change any pin: the source did not move.",
    ReasonCode.EPOCH_ONLY: "Only the epoch would change; that is not a new version.",
    ReasonCode.TAG_MOVED: "A tag seen before now names another commit: a person must look.",
    ReasonCode.UPSTREAM_REPLACED: "Another repository has the upstream's name: a person must look.",
    ReasonCode.FIX_REJECTED: "A suggested edit does not fit the spec, or touches what it may not.",
    ReasonCode.PIN_UNRESOLVED: "A commit or digest that the bump needs could not be found.",
    ReasonCode.CHECKSUM_CHANGED: "A file that does not depend on the version changed its content.",
    ReasonCode.UPDATE_FOUND: "A newer version was found and is about to be proposed.",
    ReasonCode.CHECKS_PENDING: "A required check has not finished on the head commit.",
    ReasonCode.CHECKS_FAILED: "A required check failed; the comment says what broke.",
    ReasonCode.MINIMUM_RELEASE_AGE: "The release was first seen less than the minimum age ago.",
    ReasonCode.SECOND_SOURCE_UNCONFIRMED: "The second source does not have this version.",
    ReasonCode.SECOND_SOURCE_AHEAD: "The second source has a newer version than the first.",
    ReasonCode.ON_HOLD: "A person, or the repository's file, holds this package.",
    ReasonCode.IGNORED: "A person told octobot to ignore this version.",
    ReasonCode.WAITS_FOR_GROUP: "A package that moves together with this one is not ready.",
    ReasonCode.NEEDS_APPROVAL: "The repository's file wants a person's approval for this package.",
    ReasonCode.CHANGES_REQUESTED: "Somebody who can write requested changes in a review.",
    ReasonCode.UNUSUAL_JUMP: "The version jumps too far, or is numbered in a new way: approve it.",
    ReasonCode.OVERRIDE_DROPPED: "A raised dependency would fall back to an older version.",
    ReasonCode.AUTOMERGE_OFF: "The repository's file switches merging by octobot off.",
    ReasonCode.NOT_MERGEABLE: "GitHub cannot merge this yet, or it is closed already.",
    ReasonCode.CONFLICT: "The spec changed under the pull request; its commit is made anew.",
    ReasonCode.BEHIND: "The branch needs the newest base commit first; its commit is made anew.",
    ReasonCode.LEFT_TO_GITHUB: "Judged and left to GitHub's merge queue or auto-merge.",
    ReasonCode.OSCILLATING: "Proposed and taken back too often; a person or a new version ends it.",
    ReasonCode.READY: "Every rule is satisfied; octobot merges exactly this head commit.",
    ReasonCode.NO_REQUIRED_CHECKS: "Nothing is required on the base branch: empty is not green.",
    ReasonCode.UNKNOWN_COMMIT: "The branch has a commit that octobot did not make.",
    ReasonCode.UNEXPECTED_CHANGE: "The pull request changes more than the spec's version and pins.",
    ReasonCode.HEAD_IN_FORK: "The head branch is not in this repository.",
    ReasonCode.WRONG_BASE: "The base branch is not the default branch.",
    ReasonCode.CLOSED_BY_USER: "A person closed the pull request; it is not proposed again.",
    ReasonCode.PAUSED: "A person, or the repository's file, pauses octobot.",
    ReasonCode.BAD_CONFIG: "`.github/octobot.yaml` was never readable yet: nothing is merged.",
    ReasonCode.MERGING_HALTED: "A merge did not give the tree that was judged; a person must look.",
    ReasonCode.PR_LIMIT_REACHED: "As many pull requests are open, or new, as the settings allow.",
    ReasonCode.MISCONFIGURED: "octobot's own setup must be changed by its operator.",
    ReasonCode.RETRY_LATER: "GitHub or an upstream asked to wait; octobot returns by itself.",
    ReasonCode.INTERNAL_ERROR: "octobot failed here; the log has the details.",
}


@dataclass(frozen=True, slots=True)
class Where:
    """A place in a file that a person can open."""

    path: str
    line: int
    """Counted from 1."""

    def __str__(self) -> str:
        return f"{self.path}:{self.line}"


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason code with what it rests on, for one package at one time."""

    code: ReasonCode
    detail: str = ""
    """Plain text; may quote foreign text, so it passes the escaping outlet before it is posted."""
    where: Where | None = None

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        return f"{self.code.value}: {place}{self.detail or MEANING[self.code]}"
