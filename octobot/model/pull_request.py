"""A pull request and its state on GitHub, read at the moment of the decision."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from octobot.model.ids import PullNumber, RepositoryId, Sha


@dataclass(frozen=True, slots=True)
class PullRequest:
    """One pull request as GitHub showed it last."""

    number: PullNumber
    title: str
    state: Literal["open", "closed", "merged"]
    author: int
    """The author's numeric user id; names can be imitated."""
    head: Sha
    branch: str
    head_repository: RepositoryId | None
    """None when the fork it came from is gone."""
    base: str
    """The base branch's name."""
    mergeable: bool | None
    """None while GitHub computes it."""
    closed_by: int | None = None
    """The numeric user id of who closed it unmerged; None when open, merged or unknown."""
    merge_commit: Sha | None = None
    """Set once it is merged."""
    merged_at: datetime | None = None
    """By GitHub's clock; set once it is merged."""
    merged_by: int | None = None
    """The numeric user id of who merged it; of auto-merge, of who switched it on."""
    merged_by_person: bool = False
    """A person pressed the button, and neither an App nor GitHub's queue did."""
    behind: bool = False
    """GitHub would merge it, but protection requires the base's newest commits in it."""


Conclusion = Literal[
    "success",
    "failure",
    "neutral",
    "cancelled",
    "timed_out",
    "action_required",
    "skipped",
    "stale",
    "startup_failure",
]


@dataclass(frozen=True, slots=True)
class Workflow:
    """The workflow of GitHub Actions that a check suite is one run of, and what started it."""

    id: int
    name: str
    event: str
    """Such as `push` or `pull_request`; the same workflow started by both runs twice."""


@dataclass(frozen=True, slots=True)
class CheckRun:
    """One check run on the head commit."""

    id: int
    name: str
    app: int
    """The id of the App that posted it; the name alone can be imitated."""
    status: Literal["queued", "in_progress", "completed", "waiting", "requested", "pending"]
    conclusion: Conclusion | None
    url: str = ""
    summary: str = ""
    suite: int | None = None
    """The id of its check suite; None: not known."""
    workflow: Workflow | None = None
    """None: it belongs to no workflow, or GitHub does not say to which."""
    started_at: datetime | None = None
    completed_at: datetime | None = None


Accepted = Literal["skipped", "neutral"]
"""The conclusions without a result that the repository's file may accept for a check."""


@dataclass(frozen=True, slots=True, order=True)
class RequiredCheck:
    """A check that must succeed, named by protection, a ruleset or the repository's file."""

    name: str
    app: int | None = None
    """None: protection does not bind it to an App."""
    creator: int | None = None
    """Not a check run but a status, which counts only when this user (by number) set it."""
    accept: tuple[Accepted, ...] = ()
    """What the repository's file accepts beside `success`."""


@dataclass(frozen=True, slots=True)
class CommitStatus:
    """The latest status that one user set under one name on the head commit."""

    context: str
    creator: int
    """The numeric user id of who set it: anybody who can write may set any name."""
    state: Literal["error", "failure", "pending", "success"]


ObjectionKind = Literal["review", "draft", "label", "auto-merge", "merge-queue", "conversation"]
"""How somebody may object to a merge on GitHub."""


@dataclass(frozen=True, slots=True)
class Objection:
    """What a person did on GitHub to keep a pull request from being merged."""

    by: int
    """The numeric user id; 0 when the account is gone or not known."""
    login: str
    kind: ObjectionKind = "review"
    """`review`: requested changes, by somebody who can write, in that person's latest review."""
    on: int | None = None
    """The number of the older pull request that it was made on; None: the one that is judged."""
    label: str = ""
    """Every label is listed; the repository's file says which of them object."""


MergeMethod = Literal["merge", "squash", "rebase"]


@dataclass(frozen=True, slots=True)
class MergeRequirements:
    """What GitHub requires of a merge beside checks, as far as it shows that."""

    methods: tuple[MergeMethod, ...] = ("merge", "squash", "rebase")
    """The merge methods that the repository and all its rules allow."""
    auto_merge: bool = True
    """The repository allows auto-merge."""
    review: str = ""
    """GitHub's review decision while it forbids the merge, such as `REVIEW_REQUIRED`."""
    conversations: bool = False
    """Every conversation must be resolved."""
    unsigned: bool = False
    """Commits must be signed, and one is not."""


@dataclass(frozen=True, slots=True)
class TreeChange:
    """One path at which the head's tree differs from the tree it was based on."""

    path: str
    before_mode: str
    """Git's file mode such as `100644`; empty when the path is new."""
    after_mode: str
    """Empty when the path is gone."""
    before: str | None
    """The text before; None when absent, not a regular file, too large or not UTF-8."""
    after: str | None


LeftToGitHub = Literal["queue", "auto"]
"""What a merge was left to: GitHub's merge queue, or GitHub's auto-merge."""


@dataclass(frozen=True, slots=True)
class PullState:
    """Everything from GitHub that the policy judges, for one head commit."""

    pull: PullRequest
    commits: tuple[Sha, ...]
    """All commits of the pull request, every page."""
    changes: tuple[TreeChange, ...]
    """Head tree against the tree of the commit it was based on."""
    checks: tuple[CheckRun, ...]
    """The latest run of each name in each check suite on the head commit, every page."""
    required: tuple[RequiredCheck, ...]
    """From branch protection and rulesets together; empty means that nothing is required."""
    approved: bool
    """An unstale approving review on exactly the head commit by somebody who can write."""
    objections: tuple[Objection, ...] | None = None
    """Every objection that its person did not lift since, whatever commit it was about, also those
    on the pull requests that this one replaces; None: not known, and that is not empty."""
    statuses: tuple[CommitStatus, ...] = ()
    """Each user's latest status of each name on the head commit, every page; empty also where the
    repository's file names no status, since none counts then."""
    behind: bool = False
    """Protection or a ruleset requires the base's tip in the head, and it is not there."""
    queue: bool = False
    """Protection or a ruleset makes the base branch take merges from a merge queue only."""
    at: datetime | None = None
    """GitHub's clock at the end of the reading; None: GitHub sent no time."""
    wants: MergeRequirements = MergeRequirements()
    left: LeftToGitHub | None = None
    """What octobot left the merge to, and where it still is."""
    hidden: frozenset[LeftToGitHub] = frozenset()
    """What GitHub does not show to octobot for want of a permission: merges are not left to it."""
    removed: str | None = None
    """Why that ended last: GitHub's reason, or `by` a person; None: the timeline shows no end."""
    reopened: bool = False
    """Somebody else than octobot reopened it after it was closed."""
    based: Sha | None = None
    """The commit on which it was based."""
    signed: bool = True
    """GitHub verified the signature of each commit."""


@dataclass(frozen=True, slots=True)
class MergeState:
    """What people and GitHub's settings say about a merge, read at one moment."""

    objections: tuple[Objection, ...]
    wants: MergeRequirements
    approved: bool = True
    """Somebody who can write approves some commit; True also where that is not known."""
    removed: str | None = None
    reopened: bool = False
    workflows: Mapping[int, Workflow] = field(default_factory=dict)
    """Of each check suite on the head commit, by the suite's id; empty when no head was given."""


@dataclass(frozen=True, slots=True)
class QueueState:
    """What GitHub shows of its merge queue and its auto-merge for one pull request."""

    left: LeftToGitHub | None = None
    """What octobot itself left the merge to; a person's request does not count."""
    enabled: bool = False
    """The base branch takes merges from a merge queue only."""
    hidden: frozenset[LeftToGitHub] = frozenset()
    """What GitHub does not show for want of a permission, or does not have."""


@dataclass(frozen=True, slots=True)
class MergeTry:
    """One request of octobot's that GitHub merge a head, or take it into its hands."""

    head: Sha
    way: Literal["api", "queue", "auto"]
    at: datetime
    refused: str = ""
    """GitHub's words; empty: it did not refuse."""
    cancelled: bool = False
    """octobot cancelled it."""


@dataclass(frozen=True, slots=True)
class Merged:
    """The merge was made; the audit has not checked it yet."""

    commit: Sha


@dataclass(frozen=True, slots=True)
class NotMerged:
    """GitHub declined: the head moved, the base moved, or it is not mergeable."""

    because: str
    base_moved: bool = False
    """Another merge came in between: GitHub would take this one the next moment."""


@dataclass(frozen=True, slots=True)
class MergedTree:
    """The effect of a merge: the paths at which its tree differs from its first parent's."""

    commit: Sha
    paths: tuple[tuple[str, Sha | None], ...]
    """(path, blob id afterwards; None when removed); a changed folder is named as such."""


@dataclass(frozen=True, slots=True)
class Outline:
    """The default branch at one moment."""

    commit: Sha
    specs: tuple[tuple[str, Sha], ...]
    """(path, blob id) of each regular file `NAME.yaml` in the repository's root."""
    at: datetime
    """GitHub's clock, from the answer's Date."""


@dataclass(frozen=True, slots=True)
class FailedCheck:
    """A failed check with the log it left, capped."""

    check: CheckRun
    log: str
    baseline: str = ""
    """The last successful log of the same job on the default branch; empty without one."""


@dataclass(frozen=True, slots=True)
class Rerun:
    """One order that runs some failed checks again."""

    checks: tuple[CheckRun, ...]
    run: int
    """The workflow run of GitHub Actions that they belong to, whose failed jobs run again
    together."""
    ready: bool = True
    """False while the workflow run is still at work: it cannot be run again before its end."""


@dataclass(frozen=True, slots=True)
class NotRerun:
    """A failed check that octobot could not have run again."""

    check: CheckRun
    why: Literal["other-app", "not-found", "running", "refused"]
    """`other-app`: only the App that posted a check can run it again, GitHub Actions aside."""
    words: str = ""
    """GitHub's, where it refused; foreign text."""
