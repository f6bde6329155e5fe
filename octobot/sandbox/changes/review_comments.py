"""Comments on the lines of a pull request's changes, as they are written, edited and deleted."""

from dataclasses import replace

from octobot.sandbox.changes.announce import review_commented
from octobot.sandbox.changes.pulls import new_review, submit_review
from octobot.sandbox.state.hub import Hub
from octobot.sandbox.state.nouns import Account, Pull, RepositoryState, ReviewComment


async def add_review_comment(
    hub: Hub, repo: RepositoryState, pull: Pull, path: str, body: str, by: Account
) -> ReviewComment:
    """Comment on a file; as on GitHub, a single comment is a review without words of its own."""
    review = new_review(hub, pull, by, "COMMENT", "")
    await submit_review(hub, repo, pull, review, by)
    now = hub.state.now()
    made = ReviewComment(
        *(hub.state.next_id(), repo.id, pull.number, review.id, by.id, path, body),
        commit=pull.head_sha,
        created_at=now,
        updated_at=now,
    )
    hub.state.review_comments.put(made)
    await review_commented(hub, repo, made, "created", by)
    return made


async def edit_review_comment(
    hub: Hub, repo: RepositoryState, comment: ReviewComment, body: str, by: Account
) -> ReviewComment:
    """Replace a review comment's text and send an event."""
    now = hub.state.now()
    edited = replace(comment, body=body, updated_at=now, edited_at=now, editor=by.id)
    changed = hub.state.review_comments.put(edited)
    changes = {"body": {"from": comment.body}}
    await review_commented(hub, repo, changed, "edited", by, changes=changes)
    return changed


async def delete_review_comment(
    hub: Hub, repo: RepositoryState, comment: ReviewComment, by: Account
) -> None:
    """Delete a review comment and send an event."""
    hub.state.review_comments.drop(comment)
    await review_commented(hub, repo, comment, "deleted", by)
