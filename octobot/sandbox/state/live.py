"""What the live GitHub does beyond what its schemas say; each of it can be turned.

No fault of single requests (`http/faults.py`): each lasts until somebody ends it.

What GitHub does always is on by default.  Sources: `docs/architecture.md`, "Platform facts".
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from octobot.model.ids import Sha
from octobot.model.pull_request import LeftToGitHub

Attempt = tuple[int, Sha, Sha]
"""The pull request's id, the tip of its base, its head."""


@dataclass(slots=True)
class Live:
    """The behaviour of one sandbox."""

    mergeability_lag: timedelta = timedelta(seconds=2)
    """How long after the first reading `mergeable` is null; each base and head has its own."""
    base_settles: timedelta = timedelta()
    """How long after a push to it a merge into a branch is answered 405 "was modified"."""
    foreign_reruns: bool = False
    """An App may have the check run of another App run again."""
    hidden: frozenset[LeftToGitHub] = frozenset()
    """What GraphQL keeps from the App for want of a permission: the merge queue, auto-merge."""
    token_lag: timedelta = timedelta()
    """How long a new installation token is unknown (the first half of it: 401), and then known
    without its permissions (403, and FORBIDDEN in GraphQL)."""
    graphql_repositories: int = 100
    """Foreign repositories that one query has resources for; RESOURCE_LIMITS_EXCEEDED beyond."""
    ip_allow_lists: frozenset[str] = frozenset()
    """Owners whose repositories are shown to the anonymous only, from everywhere else."""
    refs_need_contents: bool = False
    """In GraphQL an App needs `contents: read` even for the refs of public repositories."""
    without_fields: frozenset[str] = frozenset()
    """What the GraphQL of an older GitHub Enterprise Server lacks: `Type`, `Mutation.updateRefs`,
    `Type.field(argument)`, `Enum.VALUE`."""
    free_plan: bool = False
    """Private repositories have neither rulesets nor branch protection: 403."""
    actions_app: int | None = None
    """The App id of GitHub Actions, where it is not github.com's."""
    _read: dict[Attempt, datetime] = field(default_factory=dict)
    _moved: dict[tuple[int, str], datetime] = field(default_factory=dict)

    def is_computed(self, attempt: Attempt, now: datetime) -> bool:
        """Return whether GitHub has tried this merge; asking starts that."""
        return now >= self._read.setdefault(attempt, now) + self.mergeability_lag

    def moved(self, repository: int, branch: str, now: datetime) -> None:
        """Record that a branch moved."""
        self._moved[repository, branch] = now

    def settles(self, repository: int, branch: str, now: datetime) -> bool:
        """Return whether a branch moved so lately that GitHub refuses a merge into it."""
        at = self._moved.get((repository, branch))
        return at is not None and now < at + self.base_settles
