"""GraphQL's view of what people write: comments and reviews."""

from octobot.sandbox.graphql.facts import account_node, repository_facts
from octobot.sandbox.graphql.nodes import Node
from octobot.sandbox.state.hub import Hub
from octobot.sandbox.state.nouns import Comment, RepositoryState, Review
from octobot.sandbox.views.views import node_id, when


def _author(hub: Hub, number: int | None) -> Node | None:
    """Show who wrote something; GraphQL shows null where REST shows the ghost."""
    found = None if number is None else hub.state.accounts.get(number)
    return None if found is None else account_node(found)


def comment_node(hub: Hub, repo: RepositoryState, one: Comment) -> Node:
    """Show a comment; only `lastEditedAt` proves an edit, `updatedAt` does not."""
    return {
        "__typename": "IssueComment",
        "id": node_id("IC", one.id),
        "fullDatabaseId": str(one.id),  # REST's number has outgrown GraphQL's integers
        "body": one.body,
        "author": _author(hub, one.author),
        "createdAt": when(one.created_at),
        "updatedAt": when(one.updated_at),
        "lastEditedAt": when(one.edited_at),
        "editor": _author(hub, one.editor),
        "includesCreatedEdit": one.edited_at is not None,
        "repository": repository_facts(hub, repo),
    }


def review_node(hub: Hub, one: Review) -> Node:
    """Show a review of a pull request."""
    return {
        "__typename": "PullRequestReview",
        "id": node_id("PRR", one.id),
        "fullDatabaseId": str(one.id),
        "state": one.state,
        "body": one.body,
        "author": _author(hub, one.author),
        "submittedAt": when(one.submitted_at),
    }
