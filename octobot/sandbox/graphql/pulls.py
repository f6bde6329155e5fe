"""GraphQL's view of pull requests."""

from dataclasses import dataclass
from typing import Literal

from octobot.model.ids import Sha
from octobot.sandbox.graphql.facts import AccountNode, RepositoryFacts
from octobot.sandbox.graphql.git import CommitNode, commit_node
from octobot.sandbox.graphql.people import ReviewNode
from octobot.sandbox.graphql.shown import Connection, Window, connect
from octobot.sandbox.state.hub import Hub
from octobot.sandbox.state.nouns import DeferredMerge, Issue, Pull, RepositoryState
from octobot.sandbox.views.pulls import issue_half, trial
from octobot.sandbox.views.required import opinions, protections, writers_opinions
from octobot.sandbox.views.views import node_id, when


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

    @property
    def is_in_merge_queue(self) -> bool:
        """Whether it waits in the merge queue."""
        return self.merge_queue_entry is not None

    @property
    def is_merge_queue_enabled(self) -> bool:
        """Whether its base has a merge queue."""
        return any(rule.queue for rule in protections(self.hub, self.repo, self.pull.base_ref))

    @property
    def merge_queue_entry(self) -> "QueueEntryNode | None":
        """Its place in the merge queue."""
        deferred = self.pull.deferred
        queued = deferred is not None and deferred.kind == "queue"
        return QueueEntryNode(self.hub, self.repo, self.pull) if queued else None

    @property
    def auto_merge_request(self) -> "AutoMergeNode | None":
        """Who wants GitHub to merge it."""
        deferred = self.pull.deferred
        if deferred is None or deferred.kind != "auto":
            return None
        return AutoMergeNode(self.hub, self, deferred)

    def latest_opinionated_reviews(
        self,
        writers_only: bool | None = None,  # noqa: FBT001  (GitHub's argument)
        **window: object,
    ) -> Connection[ReviewNode]:
        """Show each person's latest yes or no, be it dismissed; mere comments do not count."""
        found = (writers_opinions if writers_only else opinions)(self.hub, self.repo, self.pull)
        return connect(
            found,
            Window.of(window),
            lambda one: ReviewNode(self.hub, self.repo, one),
            "latestOpinionatedReviews",
        )

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


@dataclass(frozen=True, slots=True)
class AutoMergeNode:
    """A wish that GitHub merges when it can."""

    hub: Hub
    pull_request: PullNode
    deferred: DeferredMerge

    @property
    def enabled_at(self) -> str | None:
        """Since when."""
        return when(self.deferred.at)

    @property
    def enabled_by(self) -> AccountNode:
        """Whose wish it is."""
        return AccountNode(self.hub, self.hub.state.who(self.deferred.by))

    @property
    def merge_method(self) -> str:
        """How it is to be merged."""
        return self.deferred.method.upper()

    @property
    def commit_headline(self) -> str | None:
        """The commit's first line."""
        return self.deferred.title

    @property
    def commit_body(self) -> str | None:
        """The rest of it."""
        return self.deferred.message


@dataclass(frozen=True, slots=True)
class QueueEntryNode:
    """A place in the merge queue."""

    hub: Hub
    repo: RepositoryState
    pull: Pull
    typename = "MergeQueueEntry"
    jump = False
    solo = False
    state = "QUEUED"

    @property
    def id(self) -> str:
        """The node's id."""
        return node_id("MQE", self.pull.id)

    @property
    def pull_request(self) -> PullNode:
        """What waits here."""
        return PullNode(self.hub, self.repo, self.pull)

    @property
    def enqueuer(self) -> AccountNode:
        """Who put it here."""
        by = self.pull.deferred.by if self.pull.deferred else None
        return AccountNode(self.hub, self.hub.state.who(by))

    @property
    def enqueued_at(self) -> str | None:
        """Since when."""
        return when(self.pull.deferred.at if self.pull.deferred else self.hub.state.now())

    @property
    def position(self) -> int:
        """How many are before it, and itself."""
        queued = [p for p, _ in self.hub.state.open_pulls(self.repo.id) if p.deferred]
        mine = self.pull.deferred.at if self.pull.deferred else self.hub.state.now()
        return 1 + sum(p.deferred.at < mine for p in queued if p.deferred)
