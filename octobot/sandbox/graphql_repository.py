"""GraphQL's view of a repository: its refs, releases and pull requests."""

from dataclasses import dataclass
from typing import Literal

from octobot.model.ids import Sha
from octobot.sandbox.graphql_git import (
    CommitNode,
    ObjectNode,
    RefNode,
    commit_node,
    object_node,
)
from octobot.sandbox.graphql_shown import Connection, Refused, Window, connect
from octobot.sandbox.hub import Hub
from octobot.sandbox.nouns import Account, Issue, Pull, ReleaseState, RepositoryState
from octobot.sandbox.pull_views import issue_half, trial
from octobot.sandbox.views import node_id, when

Order = dict[str, str]


@dataclass(frozen=True, slots=True)
class AccountNode:
    """A person, bot or organization."""

    hub: Hub
    account: Account

    @property
    def typename(self) -> str:
        """User, Bot or Organization."""
        return self.account.kind

    @property
    def login(self) -> str:
        """The login; GraphQL leaves a bot's `[bot]` out, except for the viewer."""
        return self.account.login.removesuffix("[bot]")

    @property
    def id(self) -> str:
        """The node's id."""
        return node_id("U", self.account.id)

    @property
    def database_id(self) -> int:
        """REST's number."""
        return self.account.id


@dataclass(frozen=True, slots=True)
class ViewerNode(AccountNode):
    """Who asks."""

    typename = "User"

    @property
    def login(self) -> str:
        """The whole login."""
        return self.account.login


@dataclass(frozen=True, slots=True)
class ReleaseNode:
    """A release."""

    hub: Hub
    repo: RepositoryState
    release: ReleaseState
    typename = "Release"

    @property
    def id(self) -> str:
        """The node's id."""
        return node_id("RE", self.release.id)

    @property
    def database_id(self) -> int:
        """REST's number."""
        return self.release.id

    @property
    def tag_name(self) -> str:
        """The tag's name, which need not exist for a draft."""
        return self.release.tag

    @property
    def name(self) -> str | None:
        """The title."""
        return self.release.name

    @property
    def description(self) -> str:
        """The notes."""
        return self.release.body

    @property
    def is_draft(self) -> bool:
        """Whether it is unpublished."""
        return self.release.draft

    @property
    def is_prerelease(self) -> bool:
        """Whether its publisher calls it a prerelease."""
        return self.release.prerelease

    @property
    def immutable(self) -> bool:
        """Whether tag and assets are locked."""
        return self.release.immutable

    @property
    def is_latest(self) -> bool:
        """Whether it is the one `/releases/latest` shows."""
        return latest_of(self.hub, self.repo) == self.release

    @property
    def created_at(self) -> str | None:
        """When it was made."""
        return when(self.release.created_at)

    @property
    def updated_at(self) -> str | None:
        """When it was published last."""
        return when(self.release.published_at or self.release.created_at)

    @property
    def published_at(self) -> str | None:
        """When it was published; None for drafts."""
        return when(self.release.published_at)

    @property
    def url(self) -> str:
        """The release's page."""
        return f"{self.hub.html_url(self.repo)}/releases/tag/{self.release.tag}"

    @property
    def author(self) -> AccountNode:
        """Who published it."""
        return AccountNode(self.hub, self.hub.state.who(self.release.author))

    async def tag(self) -> RefNode | None:
        """Show the tag's ref."""
        name = f"refs/tags/{self.release.tag}"
        sha = await self.hub.git(self.repo).ref(name)
        return RefNode(self.hub, self.repo, name, sha) if sha else None

    async def tag_commit(self) -> CommitNode | None:
        """Show the commit the tag stands for."""
        return await commit_node(self.hub, self.repo, f"refs/tags/{self.release.tag}")


def latest_of(hub: Hub, repo: RepositoryState) -> ReleaseState | None:
    """Give the newest release that is neither draft nor prerelease."""
    full = [r for r in hub.state.releases.of(repo.id) if not r.draft and not r.prerelease]
    return max(full, key=lambda r: (r.created_at, r.id), default=None)


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
    def head_repository(self) -> "RepositoryNode":
        """Where the head branch is."""
        return RepositoryNode(self.hub, self.hub.state.repositories[self.pull.head_repo])

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


@dataclass(frozen=True, slots=True)
class RepositoryNode:
    """A repository."""

    hub: Hub
    repo: RepositoryState
    typename = "Repository"

    @property
    def id(self) -> str:
        """The node's id."""
        return node_id("R", self.repo.id)

    @property
    def database_id(self) -> int:
        """REST's number, which survives renames."""
        return self.repo.id

    @property
    def name(self) -> str:
        """The part after the slash."""
        return self.repo.name

    @property
    def name_with_owner(self) -> str:
        """`owner/name`."""
        return self.repo.full_name

    @property
    def owner(self) -> AccountNode:
        """Whose it is."""
        return AccountNode(self.hub, self.hub.state.who(self.repo.owner))

    @property
    def url(self) -> str:
        """Its page."""
        return self.hub.html_url(self.repo)

    @property
    def is_private(self) -> bool:
        """Whether the public cannot see it."""
        return self.repo.private

    @property
    def is_archived(self) -> bool:
        """Whether it is read-only for good."""
        return self.repo.archived

    @property
    def is_fork(self) -> bool:
        """Whether it is a fork."""
        return self.repo.fork_of is not None

    @property
    def is_disabled(self) -> bool:
        """Never here."""
        return False

    @property
    def description(self) -> str | None:
        """What its owner says of it."""
        return self.repo.description

    @property
    def created_at(self) -> str | None:
        """When it was made."""
        return when(self.repo.created_at)

    @property
    def pushed_at(self) -> str | None:
        """When a ref moved last."""
        return when(self.repo.pushed_at)

    @property
    def updated_at(self) -> str | None:
        """When anything changed last."""
        return when(self.repo.pushed_at)

    async def default_branch_ref(self) -> RefNode | None:
        """Show the default branch; None while the repository is empty."""
        return await self.ref(f"refs/heads/{self.repo.default_branch}")

    async def ref(self, qualified_name: str) -> RefNode | None:
        """Show one ref; a short name is taken for a branch, then a tag."""
        names = [qualified_name, f"refs/heads/{qualified_name}", f"refs/tags/{qualified_name}"]
        for name in names if not qualified_name.startswith("refs/") else names[:1]:
            sha = await self.hub.git(self.repo).ref(name)
            if sha is not None:
                return RefNode(self.hub, self.repo, name, sha)
        return None

    async def refs(
        self,
        ref_prefix: str,
        order_by: Order | None = None,
        direction: str | None = None,
        query: str | None = None,
        **window: object,
    ) -> Connection[RefNode]:
        """List branches or tags, by name or by commit date."""
        found = await self.hub.git(self.repo).dated_refs(ref_prefix)
        if query:
            found = [one for one in found if query.lower() in one[0].lower()]
        order = order_by or {"field": "ALPHABETICAL", "direction": direction or "ASC"}
        if order["field"] == "TAG_COMMIT_DATE":
            found.sort(key=lambda one: (one[2], one[0]))
        if order["direction"] == "DESC":
            found.reverse()
        return connect(
            found,
            Window.of(window),
            lambda one: RefNode(self.hub, self.repo, one[0], one[1]),
            "refs",
        )

    async def git_object(
        self, oid: str | None = None, expression: str | None = None
    ) -> ObjectNode | None:
        """Show any git object."""
        name = oid or expression
        if not name:
            raise Refused("ARGUMENT_ERROR", "`oid` or `expression` is required")
        return await object_node(self.hub, self.repo, name)

    def releases(self, order_by: Order | None = None, **window: object) -> Connection[ReleaseNode]:
        """List releases, published ones only."""
        found = [r for r in self.hub.state.releases.of(self.repo.id) if not r.draft]
        order = order_by or {"field": "CREATED_AT", "direction": "DESC"}
        by_name = order["field"] == "NAME"
        found.sort(key=lambda r: ((r.name or r.tag) if by_name else str(r.created_at), r.id))
        if order["direction"] == "DESC":
            found.reverse()
        return connect(
            found,
            Window.of(window),
            lambda one: ReleaseNode(self.hub, self.repo, one),
            "releases",
        )

    def release(self, tag_name: str) -> ReleaseNode | None:
        """Show the release of a tag."""
        for one in self.hub.state.releases.of(self.repo.id):
            if one.tag == tag_name and not one.draft:
                return ReleaseNode(self.hub, self.repo, one)
        return None

    def latest_release(self) -> ReleaseNode | None:
        """Show the newest full release."""
        found = latest_of(self.hub, self.repo)
        return ReleaseNode(self.hub, self.repo, found) if found else None

    def pull_request(self, number: int) -> PullNode:
        """Show one pull request."""
        found = self.hub.state.pull(self.repo.id, number)
        if found is None:
            message = f"Could not resolve to a PullRequest with the number of {number}."
            raise Refused("NOT_FOUND", message)
        return PullNode(self.hub, self.repo, found)

    def pull_requests(
        self,
        states: list[str] | None = None,
        head_ref_name: str | None = None,
        base_ref_name: str | None = None,
        order_by: Order | None = None,
        **window: object,
    ) -> Connection[PullNode]:
        """List pull requests by state and branches."""
        every = [PullNode(self.hub, self.repo, p) for p in self.hub.state.pulls.of(self.repo.id)]
        found = [
            one
            for one in every
            if (states is None or one.state in states)
            and head_ref_name in (None, one.pull.head_ref)
            and base_ref_name in (None, one.pull.base_ref)
        ]
        if order_by and order_by["field"] == "UPDATED_AT":
            found.sort(key=lambda one: str(one.updated_at))
        if order_by and order_by["direction"] == "DESC":
            found.reverse()
        given = Window.of(window)
        return connect(found, given, lambda one: one, "pullRequests")
