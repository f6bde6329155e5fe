"""GraphQL's view of what people write: comments, reviews and the first texts of issues."""

from octobot.sandbox.graphql.facts import account_node, repository_facts
from octobot.sandbox.graphql.nodes import Node
from octobot.sandbox.state.hub import Hub
from octobot.sandbox.state.nouns import Comment, Issue, RepositoryState, Review, ReviewComment
from octobot.sandbox.views.views import node_id, when


def author_node(hub: Hub, number: int | None) -> Node | None:
    """Show who wrote something; GraphQL shows null where REST shows the ghost."""
    found = None if number is None else hub.state.accounts.get(number)
    return None if found is None else account_node(found)


def comment_node(hub: Hub, repo: RepositoryState, one: Comment) -> Node:
    """Show a comment; only `lastEditedAt` proves an edit, `updatedAt` does not."""
    return {
        "__typename": "IssueComment",
        "id": node_id("IC", one.id),
        "fullDatabaseId": str(one.id),  # REST's number has outgrown GraphQL's integers
        **_comment(hub, one),
        "createdAt": when(one.created_at),
        "updatedAt": when(one.updated_at),
        "includesCreatedEdit": one.edited_at is not None,
        "repository": repository_facts(hub, repo),
    }


def _comment(hub: Hub, one: Comment | Issue | Review | ReviewComment) -> Node:
    """Show what GitHub's interface `Comment` has of every text."""
    return {
        "body": one.body or "",
        "author": author_node(hub, one.author),
        "lastEditedAt": when(one.edited_at),
        "editor": author_node(hub, one.editor),
    }


def review_comment_node(hub: Hub, one: ReviewComment) -> Node:
    """Show a comment on a line of a pull request's changes."""
    return {
        "__typename": "PullRequestReviewComment",
        "id": node_id("PRRC", one.id),
        "fullDatabaseId": str(one.id),
        **_comment(hub, one),
        "createdAt": when(one.created_at),
        "updatedAt": when(one.updated_at),
    }


def issue_node(hub: Hub, one: Issue) -> Node:
    """Show an issue, or a pull request's half of one."""
    return {
        "__typename": "PullRequest" if one.is_pull else "Issue",
        "id": node_id("I", one.id),
        "fullDatabaseId": str(one.id),
        "number": one.number,
        "title": one.title,
        **_comment(hub, one),
        "createdAt": when(one.created_at),
        "updatedAt": when(one.updated_at),
    }


def review_node(hub: Hub, one: Review) -> Node:
    """Show a review of a pull request."""
    return {
        "__typename": "PullRequestReview",
        "id": node_id("PRR", one.id),
        "fullDatabaseId": str(one.id),
        "state": one.state,
        **_comment(hub, one),
        "submittedAt": when(one.submitted_at),
    }
