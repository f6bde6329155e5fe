"""GraphQL's view of accounts, and of a repository without its content."""

from octobot.sandbox.graphql.nodes import Node
from octobot.sandbox.state.hub import Hub
from octobot.sandbox.state.nouns import Account, RepositoryState
from octobot.sandbox.views.views import node_id, when


def account_node(one: Account) -> Node:
    """Show a person, bot or organization; GraphQL leaves out a bot's `[bot]`."""
    return {
        "__typename": one.kind,
        "id": node_id("U", one.id),
        "databaseId": one.id,
        "login": one.login.removesuffix("[bot]"),
    }


def viewer_node(one: Account) -> Node:
    """Show the caller, with the whole login."""
    return {**account_node(one), "__typename": "User", "login": one.login}


def repository_facts(hub: Hub, repo: RepositoryState) -> Node:
    """Show a repository without its content."""
    return {
        "__typename": "Repository",
        "id": node_id("R", repo.id),
        "databaseId": repo.id,
        "name": repo.name,
        "nameWithOwner": repo.full_name,
        "owner": account_node(hub.state.who(repo.owner)),
        "url": hub.html_url(repo),
        "isPrivate": repo.private,
        "description": repo.description,
        "createdAt": when(repo.created_at),
        "updatedAt": when(repo.pushed_at),
    }
