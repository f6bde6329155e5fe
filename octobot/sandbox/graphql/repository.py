"""GraphQL's view of a repository: its refs, releases and pull requests."""

from functools import partial

from octobot.sandbox.graphql.facts import account_node, repository_facts
from octobot.sandbox.graphql.git import commit_named, object_node, ref_node
from octobot.sandbox.graphql.nodes import Node, Refused, connect
from octobot.sandbox.graphql.pulls import pull_node
from octobot.sandbox.state.hub import Hub
from octobot.sandbox.state.nouns import ReleaseState, RepositoryState
from octobot.sandbox.views.views import node_id, when

Order = dict[str, str]


def repository_node(hub: Hub, repo: RepositoryState) -> Node:
    """Show a repository with its content."""

    def latest_release() -> Node | None:
        found = hub.state.latest_release(repo.id)
        return _release_node(hub, repo, found) if found else None

    return {
        **repository_facts(hub, repo),
        "defaultBranchRef": lambda: _ref(hub, repo, f"refs/heads/{repo.default_branch}"),
        "ref": partial(_ref, hub, repo),
        "refs": partial(_refs, hub, repo),
        "object": partial(_object, hub, repo),
        "releases": partial(_releases, hub, repo),
        "release": partial(_release, hub, repo),
        "latestRelease": latest_release,
        "pullRequest": partial(_pull, hub, repo),
        "pullRequests": partial(_pulls, hub, repo),
        "mergeCommitAllowed": "merge" in repo.merge_methods,
        "squashMergeAllowed": "squash" in repo.merge_methods,
        "rebaseMergeAllowed": "rebase" in repo.merge_methods,
        "autoMergeAllowed": repo.allows_auto_merge,
    }


async def _ref(hub: Hub, repo: RepositoryState, qualified_name: str) -> Node | None:
    """Show one ref; a short name means a branch, then a tag."""
    names = [qualified_name, f"refs/heads/{qualified_name}", f"refs/tags/{qualified_name}"]
    for name in names if not qualified_name.startswith("refs/") else names[:1]:
        sha = await hub.git(repo).ref(name)
        if sha is not None:
            return ref_node(hub, repo, name, sha)
    return None


async def _refs(
    hub: Hub,
    repo: RepositoryState,
    *,
    ref_prefix: str,
    order_by: Order | None = None,
    direction: str | None = None,
    query: str | None = None,
    **window: object,
) -> Node:
    """List branches or tags, by name or by commit date."""
    found = await hub.git(repo).dated_refs(ref_prefix)
    if query:
        found = [one for one in found if query.lower() in one[0].lower()]
    order = order_by or {"field": "ALPHABETICAL", "direction": direction or "ASC"}
    if order["field"] == "TAG_COMMIT_DATE":
        found.sort(key=lambda one: (one[2], one[0]))
    if order["direction"] == "DESC":
        found.reverse()
    return connect(found, window, lambda one: ref_node(hub, repo, one[0], one[1]), "refs")


async def _object(
    hub: Hub, repo: RepositoryState, oid: str | None = None, expression: str | None = None
) -> Node | None:
    name = oid or expression
    if not name:
        raise Refused("ARGUMENT_ERROR", "`oid` or `expression` is required")
    return await object_node(hub, repo, name)


def _releases(
    hub: Hub, repo: RepositoryState, order_by: Order | None = None, **window: object
) -> Node:
    """List releases, published ones only."""
    found = [r for r in hub.state.releases.of(repo.id) if not r.draft]
    order = order_by or {"field": "CREATED_AT", "direction": "DESC"}
    by_name = order["field"] == "NAME"
    found.sort(key=lambda r: ((r.name or r.tag) if by_name else str(r.created_at), r.id))
    if order["direction"] == "DESC":
        found.reverse()
    return connect(found, window, partial(_release_node, hub, repo), "releases")


def _release_node(hub: Hub, repo: RepositoryState, one: ReleaseState) -> Node:
    """Show a release; the tag of a draft need not exist."""
    ref = f"refs/tags/{one.tag}"

    async def tag() -> Node | None:
        sha = await hub.git(repo).ref(ref)
        return ref_node(hub, repo, ref, sha) if sha else None

    return {
        "__typename": "Release",
        "id": node_id("RE", one.id),
        "databaseId": one.id,
        "tagName": one.tag,
        "name": one.name,
        "description": one.body,
        "isDraft": one.draft,
        "isPrerelease": one.prerelease,
        "createdAt": when(one.created_at),
        "updatedAt": when(one.published_at or one.created_at),
        "publishedAt": when(one.published_at),
        "url": f"{hub.html_url(repo)}/releases/tag/{one.tag}",
        "author": account_node(hub.state.who(one.author)),
        "tag": tag,
        "tagCommit": lambda: commit_named(hub, repo, ref),
    }


def _release(hub: Hub, repo: RepositoryState, tag_name: str) -> Node | None:
    """Show the release of a tag."""
    for one in hub.state.releases.of(repo.id):
        if one.tag == tag_name and not one.draft:
            return _release_node(hub, repo, one)
    return None


def _pulls(hub: Hub, repo: RepositoryState, **window: object) -> Node:
    """List the pull requests of any state, oldest first."""
    return connect(
        hub.state.pulls.of(repo.id), window, partial(pull_node, hub, repo), "pullRequests"
    )


def _pull(hub: Hub, repo: RepositoryState, number: int) -> Node:
    found = hub.state.pull(repo.id, number)
    if found is None:
        message = f"Could not resolve to a PullRequest with the number of {number}."
        raise Refused("NOT_FOUND", message)
    return pull_node(hub, repo, found)
