"""GraphQL's view of a repository: its refs, releases and pull requests."""

from dataclasses import dataclass

from octobot.sandbox.graphql.facts import RepositoryFacts
from octobot.sandbox.graphql.git import RefNode, object_node
from octobot.sandbox.graphql.objects import ObjectNode
from octobot.sandbox.graphql.pulls import PullNode
from octobot.sandbox.graphql.releases import ReleaseNode, latest_of
from octobot.sandbox.graphql.shown import Connection, Refused, Window, connect

Order = dict[str, str]


@dataclass(frozen=True, slots=True)
class RepositoryNode(RepositoryFacts):
    """A repository and what is in it."""

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
