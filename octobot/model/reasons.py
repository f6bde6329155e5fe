"""Reason codes: every package always has exactly one, saying why it did not move.

The check run, the pull request, `octobot why` and the tables show the same value.
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
    # stuck: upstream continues, and the package does not
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
    DRAFT = "draft"
    BLOCKING_LABEL = "blocking-label"
    AUTO_MERGE_DISABLED = "auto-merge-disabled"
    DEQUEUED = "dequeued"
    UNRESOLVED_CONVERSATION = "unresolved-conversation"
    UNUSUAL_JUMP = "unusual-jump"
    OVERRIDE_DROPPED = "override-dropped"
    AUTOMERGE_OFF = "automerge-off"
    NOT_MERGEABLE = "not-mergeable"
    MERGE_NOT_ALLOWED = "merge-not-allowed"
    MERGE_REFUSED = "merge-refused"
    MERGE_QUEUE_FAILED = "merge-queue-failed"
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
    REVERTED_BY_USER = "reverted-by-user"
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
"""Upstream continues and the package does not, until a person changes its spec."""


MEANING: dict[ReasonCode, str] = {
    ReasonCode.UP_TO_DATE: "Upstream has nothing newer than the spec.",
    ReasonCode.MERGED: "The newest version was merged by octobot.",
    ReasonCode.NOT_ENABLED: "The spec's update block is missing or not `enabled: true`.",
    ReasonCode.MANUAL: "The spec sets `manual: true`: a person makes this bump, from an issue.",
    ReasonCode.NOT_SCHEDULED: "The spec's `schedule` does not allow a check yet.",
    ReasonCode.BAD_SPEC: "The spec cannot be read; file and line are named.",
    ReasonCode.BAD_UPDATE_BLOCK: "The update block has an unknown key or a wrong value.",
    ReasonCode.INVALID_REGEX: "A regular expression of the update block is not valid RE2.",
    ReasonCode.UNKNOWN_TEMPLATE: "A `${{...}}` that the bump depends on cannot be evaluated.",
    ReasonCode.UNSUPPORTED_SOURCE: "The update block names no datasource that octobot has.",
    ReasonCode.NOT_LOOKED_YET: "octobot has not checked the upstream yet.",
    ReasonCode.UPSTREAM_MISSING: "The upstream repository does not exist or is not public.",
    ReasonCode.UPSTREAM_UNREACHABLE: "The upstream did not answer, so nothing changes.",
    ReasonCode.NO_CANDIDATE: "No release passed the update block's filters and version grammar.",
    ReasonCode.WITHDRAWN_UPSTREAM: "The proposed version is no longer published.",
    ReasonCode.TAG_DELETED: "A tag that the spec checks out is gone: it cannot be built again.",
    ReasonCode.TAG_SCHEME_CHANGED: "Upstream names its tags otherwise than the spec's checkout.",
    ReasonCode.RELEASES_STOPPED: "Upstream has newer tags that have no release, which is followed.",
    ReasonCode.FILTERED_OUT: "The update block drops names that look like the next versions.",
    ReasonCode.NUMBERING_RESTARTED: "Upstream's newest version is lower in order than the spec's.",
    ReasonCode.BAD_VERSION: "The release's version is not a valid apk version.",
    ReasonCode.NOT_GREATER: "The version is not greater than the spec's by apk-tools and by apko.",
    ReasonCode.LEAVES_STREAM: "A newer version is outside the stream that the package's name says.",
    ReasonCode.PINS_UNCHANGED: "The bump would not change any pin: the source is the same.",
    ReasonCode.EPOCH_ONLY: "Only the epoch would change; that is not a new version.",
    ReasonCode.TAG_MOVED: "A known tag now points to another commit; a person must look.",
    ReasonCode.UPSTREAM_REPLACED: "Another repository has the upstream's name; a person must look.",
    ReasonCode.FIX_REJECTED: "A suggested edit does not fit, or changes a field that it may not.",
    ReasonCode.PIN_UNRESOLVED: "A commit or checksum that the bump needs could not be found.",
    ReasonCode.CHECKSUM_CHANGED: "A source file changed although its address has no version.",
    ReasonCode.UPDATE_FOUND: "A newer version was found and will be proposed.",
    ReasonCode.CHECKS_PENDING: "A required check has not finished on the head commit.",
    ReasonCode.CHECKS_FAILED: "A required check did not succeed; a comment explains a failure.",
    ReasonCode.MINIMUM_RELEASE_AGE: "octobot first saw the release less than the minimum age ago.",
    ReasonCode.SECOND_SOURCE_UNCONFIRMED: "The second source does not have this version.",
    ReasonCode.SECOND_SOURCE_AHEAD: "The second source has a newer version than the first.",
    ReasonCode.ON_HOLD: "A person or the repository's file put this package on hold.",
    ReasonCode.IGNORED: "A person ordered octobot to ignore this version.",
    ReasonCode.WAITS_FOR_GROUP: "Another package of the same group is not ready.",
    ReasonCode.NEEDS_APPROVAL: "A person must approve the pull request.",
    ReasonCode.CHANGES_REQUESTED: "Somebody who can write requested changes in a review.",
    ReasonCode.DRAFT: "The pull request is a draft.",
    ReasonCode.BLOCKING_LABEL: "The pull request has a label that forbids the merge.",
    ReasonCode.AUTO_MERGE_DISABLED: "Auto-merge, which octobot enabled, was disabled.",
    ReasonCode.DEQUEUED: "Somebody removed the pull request from the merge queue.",
    ReasonCode.UNRESOLVED_CONVERSATION: "A conversation must be resolved before the merge.",
    ReasonCode.UNUSUAL_JUMP: "The version jumps too far or is numbered in a new way; approve it.",
    ReasonCode.OVERRIDE_DROPPED: "A raised dependency would fall back to an older version.",
    ReasonCode.AUTOMERGE_OFF: "The repository's file turns automerge off.",
    ReasonCode.NOT_MERGEABLE: "GitHub cannot merge this yet, or it is closed already.",
    ReasonCode.MERGE_NOT_ALLOWED: "GitHub's settings do not allow this way of merging.",
    ReasonCode.MERGE_REFUSED: "GitHub refused the merge; octobot tries again later.",
    ReasonCode.MERGE_QUEUE_FAILED: "GitHub twice did not merge what octobot left to it.",
    ReasonCode.CONFLICT: "The spec changed under the pull request; octobot recreates its commit.",
    ReasonCode.BEHIND: "The branch needs the newest base commit; octobot recreates its commit.",
    ReasonCode.LEFT_TO_GITHUB: "All rules are satisfied; GitHub's queue or auto-merge merges it.",
    ReasonCode.OSCILLATING: "Proposed and closed too often; a person or a new version ends it.",
    ReasonCode.READY: "Every rule is satisfied; octobot merges exactly this head commit.",
    ReasonCode.NO_REQUIRED_CHECKS: "The base branch requires no check; octobot needs at least one.",
    ReasonCode.UNKNOWN_COMMIT: "The branch has a commit that octobot did not make.",
    ReasonCode.UNEXPECTED_CHANGE: "The pull request changes more than the spec's version and pins.",
    ReasonCode.HEAD_IN_FORK: "The head branch is not in this repository.",
    ReasonCode.WRONG_BASE: "The base branch is not the default branch.",
    ReasonCode.CLOSED_BY_USER: "A person closed the pull request; it is not proposed again.",
    ReasonCode.REVERTED_BY_USER: "People reverted a version that octobot had merged.",
    ReasonCode.PAUSED: "A person or the repository's file paused octobot.",
    ReasonCode.BAD_CONFIG: "`.github/octobot.yaml` has never been valid, so nothing is merged.",
    ReasonCode.MERGING_HALTED: "A merge did not result in the judged tree; a person must look.",
    ReasonCode.PR_LIMIT_REACHED: "The limit of open or new pull requests is reached.",
    ReasonCode.MISCONFIGURED: "octobot's operator must correct its setup.",
    ReasonCode.RETRY_LATER: "GitHub or an upstream asked to wait; octobot tries again by itself.",
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
    """Plain text; may quote untrusted text, so it is escaped before it is posted."""
    where: Where | None = None

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        return f"{self.code.value}: {place}{self.detail or MEANING[self.code]}"
