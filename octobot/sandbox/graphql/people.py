"""GraphQL's view of what people write: comments and reviews."""

from dataclasses import dataclass

from octobot.sandbox.graphql.facts import AccountNode, RepositoryFacts
from octobot.sandbox.state.hub import Hub
from octobot.sandbox.state.nouns import Comment, RepositoryState, Review
from octobot.sandbox.views.views import node_id, when


def _author(hub: Hub, number: int) -> AccountNode | None:
    """Show who wrote something; GraphQL has no ghost, but nobody."""
    found = hub.state.accounts.get(number)
    return None if found is None else AccountNode(hub, found)


@dataclass(frozen=True, slots=True)
class CommentNode:
    """A comment on an issue or pull request."""

    hub: Hub
    repo: RepositoryState
    comment: Comment
    typename = "IssueComment"

    @property
    def id(self) -> str:
        """The node's id."""
        return node_id("IC", self.comment.id)

    @property
    def full_database_id(self) -> str:
        """REST's number, which has outgrown GraphQL's integers."""
        return str(self.comment.id)

    @property
    def body(self) -> str:
        """The text as it is now."""
        return self.comment.body

    @property
    def author(self) -> AccountNode | None:
        """Who wrote it first."""
        return _author(self.hub, self.comment.author)

    @property
    def created_at(self) -> str | None:
        """When it was written."""
        return when(self.comment.created_at)

    @property
    def updated_at(self) -> str | None:
        """When GitHub changed anything about it; not a proof of an edit."""
        return when(self.comment.updated_at)

    @property
    def last_edited_at(self) -> str | None:
        """When its text was replaced; null unless it was."""
        return when(self.comment.edited_at)

    @property
    def editor(self) -> AccountNode | None:
        """Who replaced the text; null unless it was edited."""
        return None if self.comment.editor is None else _author(self.hub, self.comment.editor)

    @property
    def includes_created_edit(self) -> bool:
        """Whether it was edited, and the first text is among the edits."""
        return self.comment.edited_at is not None

    @property
    def repository(self) -> RepositoryFacts:
        """The repository it belongs to."""
        return RepositoryFacts(self.hub, self.repo)


@dataclass(frozen=True, slots=True)
class ReviewNode:
    """A review of a pull request."""

    hub: Hub
    repo: RepositoryState
    review: Review
    typename = "PullRequestReview"

    @property
    def id(self) -> str:
        """The node's id."""
        return node_id("PRR", self.review.id)

    @property
    def full_database_id(self) -> str:
        """REST's number."""
        return str(self.review.id)

    @property
    def state(self) -> str:
        """What it says now."""
        return self.review.state

    @property
    def body(self) -> str:
        """Its text."""
        return self.review.body

    @property
    def author(self) -> AccountNode | None:
        """Who wrote it."""
        return _author(self.hub, self.review.author)

    @property
    def submitted_at(self) -> str | None:
        """When it was submitted."""
        return when(self.review.submitted_at)
