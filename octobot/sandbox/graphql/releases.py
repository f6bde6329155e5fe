"""GraphQL's view of releases."""

from dataclasses import dataclass

from octobot.sandbox.graphql.facts import AccountNode
from octobot.sandbox.graphql.git import CommitNode, RefNode, commit_node
from octobot.sandbox.state.hub import Hub
from octobot.sandbox.state.nouns import ReleaseState, RepositoryState
from octobot.sandbox.views.views import node_id, when


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
        """Show the commit that the tag names."""
        return await commit_node(self.hub, self.repo, f"refs/tags/{self.release.tag}")


def latest_of(hub: Hub, repo: RepositoryState) -> ReleaseState | None:
    """Return the newest release that is neither draft nor prerelease."""
    full = [r for r in hub.state.releases.of(repo.id) if not r.draft and not r.prerelease]
    return max(full, key=lambda r: (r.created_at, r.id), default=None)
