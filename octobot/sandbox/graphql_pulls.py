"""GraphQL's view of pull requests."""

from dataclasses import dataclass
from typing import Literal

from octobot.model.ids import Sha
from octobot.sandbox.graphql_accounts import AccountNode
from octobot.sandbox.graphql_facts import RepositoryFacts
from octobot.sandbox.graphql_git import CommitNode, commit_node
from octobot.sandbox.hub import Hub
from octobot.sandbox.nouns import Issue, Pull, RepositoryState
from octobot.sandbox.pull_views import issue_half, trial
from octobot.sandbox.views import node_id, when


@dataclass(frozen=True, slots=True)
class PullNode:
    """A pull request."""

    hub: Hub
    repo: RepositoryState
    pull: Pull
    typename = "PullRequest"

    @property
    def _issue(self) -> Issue:
        return issue_half(self.hub, self.pull)

    @property
    def id(self) -> str:
        """The node's id."""
        return node_id("PR", self.pull.id)

    @property
    def database_id(self) -> int:
        """REST's number."""
        return self.pull.id

    @property
    def number(self) -> int:
        """The number within the repository."""
        return self.pull.number

    @property
    def title(self) -> str:
        """The title."""
        return self._issue.title

    @property
    def body(self) -> str:
        """The description."""
        return self._issue.body or ""

    @property
    def state(self) -> Literal["OPEN", "CLOSED", "MERGED"]:
        """Open, closed or merged."""
        if self.pull.merged_at is not None:
            return "MERGED"
        return "OPEN" if self._issue.state == "open" else "CLOSED"

    @property
    def is_draft(self) -> bool:
        """Whether it is a draft."""
        return self.pull.draft

    @property
    def merged(self) -> bool:
        """Whether it was merged."""
        return self.pull.merged_at is not None

    @property
    def merged_at(self) -> str | None:
        """When it was merged."""
        return when(self.pull.merged_at)

    @property
    def created_at(self) -> str | None:
        """When it was opened."""
        return when(self._issue.created_at)

    @property
    def updated_at(self) -> str | None:
        """When it changed last."""
        return when(self._issue.updated_at)

    @property
    def closed_at(self) -> str | None:
        """When it was closed."""
        return when(self._issue.closed_at)

    @property
    def url(self) -> str:
        """Its page."""
        return f"{self.hub.html_url(self.repo)}/pull/{self.pull.number}"

    @property
    def author(self) -> AccountNode:
        """Who opened it."""
        return AccountNode(self.hub, self.hub.state.who(self._issue.author))

    @property
    def head_ref_name(self) -> str:
        """The head branch."""
        return self.pull.head_ref

    @property
    def head_ref_oid(self) -> Sha:
        """The head commit."""
        return self.pull.head_sha

    @property
    def base_ref_name(self) -> str:
        """The base branch."""
        return self.pull.base_ref

    @property
    def base_ref_oid(self) -> Sha:
        """The base branch's tip when the head last changed."""
        return self.pull.base_sha

    @property
    def head_repository(self) -> RepositoryFacts:
        """Where the head branch is."""
        return RepositoryFacts(self.hub, self.hub.state.repositories[self.pull.head_repo])

    @property
    def is_cross_repository(self) -> bool:
        """Whether it comes from a fork."""
        return self.pull.head_repo != self.pull.repo

    async def mergeable(self) -> str:
        """Try the merge."""
        if self._issue.state != "open":
            return "UNKNOWN"
        merged = await trial(self.hub, self.repo, self.pull)
        return "CONFLICTING" if merged is None else "MERGEABLE"

    async def merge_commit(self) -> CommitNode | None:
        """Show what the merge made."""
        sha = self.pull.merge_commit
        return await commit_node(self.hub, self.repo, sha) if sha else None
