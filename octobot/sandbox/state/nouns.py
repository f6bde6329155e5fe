"""What the sandbox's GitHub stores outside git: frozen values, replaced when they change.

Ids are GitHub's kind of numbers, drawn from one counter; `repo` is always a repository's id.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from octobot.model.ids import Sha
from octobot.model.pull_request import Conclusion, LeftToGitHub, MergeMethod

Level = Literal["read", "write"]
Role = Literal["none", "read", "triage", "write", "maintain", "admin"]
CheckStatus = Literal["queued", "in_progress", "completed"]
StatusState = Literal["error", "failure", "pending", "success"]

GHOST = 10137
"""The account that GitHub shows for deleted accounts."""
CI_APP = 15368
"""GitHub Actions' App id: its check runs are jobs and have logs."""
WORKFLOW = "ci"
"""The name of the CI's workflow, unless a test says another."""
EVENT = "pull_request"
"""What starts it."""


@dataclass(frozen=True, slots=True)
class Account:
    """A person, an organization, or an App's bot."""

    id: int
    login: str
    kind: Literal["User", "Organization", "Bot"]
    created_at: datetime


@dataclass(frozen=True, slots=True)
class RepositoryState:
    """A repository; its branches, tags and files live in `git_dir`."""

    id: int
    owner: int
    full_name: str
    git_dir: str
    private: bool
    default_branch: str
    created_at: datetime
    pushed_at: datetime
    description: str | None = None
    archived: bool = False
    fork_of: int | None = None
    delete_branch_on_merge: bool = False
    merge_methods: frozenset[str] = frozenset({"merge", "squash", "rebase"})
    allows_auto_merge: bool = True
    has_issues: bool = True

    @property
    def name(self) -> str:
        """The part after the slash."""
        return self.full_name.partition("/")[2]


@dataclass(frozen=True, slots=True)
class Protection:
    """The requirements for moving a branch, from branch protection or from a ruleset."""

    id: int
    repo: int
    branch: str
    required: tuple[tuple[str, int | None], ...]
    """(context, App id); None: any App or a status will do."""
    strict: bool = False
    """The head must contain the base's tip."""
    reviews: int = 0
    """Approving reviews needed."""
    ruleset: bool = False
    """It is part of a ruleset: then only `/rules/branches` shows it."""
    queue: bool = False
    """The branch requires a merge queue."""
    conversations: bool = False
    """Every conversation must be resolved."""
    signatures: bool = False
    """Every commit must be signed."""
    linear: bool = False
    """No merge commits."""
    methods: frozenset[str] | None = None
    """The merge methods that a ruleset allows; None: as the repository."""


@dataclass(frozen=True, slots=True)
class Issue:
    """An issue, and the half of a pull request that it shares with issues."""

    id: int
    repo: int
    number: int
    title: str
    body: str | None
    author: int
    created_at: datetime
    updated_at: datetime
    state: Literal["open", "closed"] = "open"
    state_reason: str | None = None
    closed_at: datetime | None = None
    closed_by: int | None = None
    labels: tuple[str, ...] = ()
    is_pull: bool = False
    edited_at: datetime | None = None
    """When its text was last replaced."""
    editor: int | None = None


@dataclass(frozen=True, slots=True)
class DeferredMerge:
    """A merge that GitHub makes later: by the merge queue or by auto-merge."""

    kind: LeftToGitHub
    by: int
    at: datetime
    method: MergeMethod = "squash"
    title: str | None = None
    message: str | None = None


@dataclass(frozen=True, slots=True)
class Pull:
    """The other half of a pull request."""

    id: int
    repo: int
    number: int
    head_repo: int
    head_ref: str
    head_sha: Sha
    base_ref: str
    base_sha: Sha
    """The base branch's tip when the head last changed, as GitHub keeps it."""
    draft: bool = False
    merged_at: datetime | None = None
    merged_by: int | None = None
    merge_commit: Sha | None = None
    deferred: DeferredMerge | None = None


@dataclass(frozen=True, slots=True)
class Label:
    """A label of a repository."""

    id: int
    repo: int
    name: str
    color: str = "ededed"
    description: str | None = None


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment on an issue or pull request."""

    id: int
    repo: int
    number: int
    author: int
    body: str
    created_at: datetime
    updated_at: datetime
    app: int | None = None
    """The App through which it was written."""
    edited_at: datetime | None = None
    """When its text was last replaced; `updated_at` proves nothing about that."""
    editor: int | None = None
    """Who replaced it."""


@dataclass(frozen=True, slots=True)
class Reaction:
    """A thumb on an issue or comment."""

    id: int
    repo: int
    subject: int
    """Id of the issue, comment or review comment."""
    user: int
    content: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Review:
    """A review, bound to the head it was written on."""

    id: int
    repo: int
    number: int
    author: int
    state: Literal["APPROVED", "CHANGES_REQUESTED", "COMMENTED", "DISMISSED"]
    body: str
    commit: Sha
    submitted_at: datetime
    edited_at: datetime | None = None
    """When its text was last replaced."""
    editor: int | None = None


@dataclass(frozen=True, slots=True)
class ReviewComment:
    """A comment on a line of a pull request's changes; part of a review."""

    id: int
    repo: int
    number: int
    review: int
    author: int
    path: str
    body: str
    commit: Sha
    created_at: datetime
    updated_at: datetime
    edited_at: datetime | None = None
    """When its text was last replaced."""
    editor: int | None = None


@dataclass(frozen=True, slots=True)
class CheckSuite:
    """Some of an App's check runs on one commit; its status follows from theirs.

    Each run of a workflow of the CI has a suite of its own.
    """

    id: int
    repo: int
    app: int
    head_sha: Sha
    head_branch: str | None
    created_at: datetime
    updated_at: datetime
    before: Sha | None = None
    workflow: str = ""
    """The workflow of which it is a run; empty: of none."""
    event: str = ""
    """What started the workflow."""


@dataclass(frozen=True, slots=True)
class Output:
    """What a check run shows to people."""

    title: str | None = None
    summary: str | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True)
class CheckRunState:
    """A check run; one of the CI App is a job too, with the same id and a log."""

    id: int
    repo: int
    suite: int
    app: int
    name: str
    head_sha: Sha
    status: CheckStatus
    conclusion: Conclusion | None
    started_at: datetime
    completed_at: datetime | None = None
    output: Output = field(default_factory=Output)
    details_url: str | None = None
    external_id: str = ""
    log: str = ""


@dataclass(frozen=True, slots=True)
class Status:
    """A commit status: the older sibling of check runs, bound to no App."""

    id: int
    repo: int
    sha: Sha
    context: str
    state: StatusState
    description: str | None
    target_url: str | None
    creator: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class ReleaseState:
    """A release; a draft need not have its tag yet."""

    id: int
    repo: int
    tag: str
    name: str | None
    body: str
    author: int
    target: str
    created_at: datetime
    published_at: datetime | None
    draft: bool = False
    prerelease: bool = False
    immutable: bool = False


@dataclass(frozen=True, slots=True)
class RefIntent:
    """A ref change that belongs to a change of state: made at start when a crash prevented it."""

    id: int
    repo: int
    ref: str
    old: Sha
    new: Sha
