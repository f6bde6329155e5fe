"""How issues, comments, reactions and reviews look in GitHub's JSON."""

from collections import Counter

from octobot.sandbox.http.fields import Json
from octobot.sandbox.state.hub import Hub
from octobot.sandbox.state.nouns import (
    Comment,
    Issue,
    Reaction,
    RepositoryState,
    Review,
    ReviewComment,
)
from octobot.sandbox.views.views import account, app, label, node_id, when

REACTIONS = ("+1", "-1", "laugh", "hooray", "confused", "heart", "rocket", "eyes")


def association(hub: Hub, repo: RepositoryState, user: int) -> str:
    """Return an author's association with a repository, simplified: nothing relies on it."""
    if user == repo.owner:
        return "OWNER"
    named = any(one.user == user for one in hub.state.collaborators.of(repo.id))
    return "COLLABORATOR" if named else "NONE"


def rollup(hub: Hub, repo: RepositoryState, subject: int, url: str) -> Json:
    """Count the reactions to something."""
    those = (r for r in hub.state.reactions.of(repo.id) if r.subject == subject)
    counts = Counter(r.content for r in those)
    return {
        "url": f"{url}/reactions",
        "total_count": counts.total(),
        **{name: counts[name] for name in REACTIONS},
    }


def labels(hub: Hub, repo: RepositoryState, issue: Issue) -> list[Json]:
    """Show an issue's labels."""
    known = {one.name: one for one in hub.state.labels.of(repo.id)}
    return [label(hub, repo, known[name]) for name in issue.labels if name in known]


def issue(hub: Hub, repo: RepositoryState, one: Issue) -> Json:
    """Show an issue, or a pull request as an issue."""
    state, repo_url = hub.state, hub.repo_url(repo)
    url = f"{repo_url}/issues/{one.number}"
    kind = "pull" if one.is_pull else "issues"
    comments = sum(comment.number == one.number for comment in state.comments.of(repo.id))
    shown: Json = {
        "url": url,
        "repository_url": repo_url,
        "labels_url": f"{url}/labels{{/name}}",
        "comments_url": f"{url}/comments",
        "events_url": f"{url}/events",
        "html_url": f"{hub.html_url(repo)}/{kind}/{one.number}",
        "id": one.id,
        "node_id": node_id("I", one.id),
        "number": one.number,
        "title": one.title,
        "user": account(hub, state.who(one.author)),
        "labels": labels(hub, repo, one),
        "state": one.state,
        "locked": False,
        "assignee": None,
        "assignees": [],
        "milestone": None,
        "comments": comments,
        "created_at": when(one.created_at),
        "updated_at": when(one.updated_at),
        "closed_at": when(one.closed_at),
        "author_association": association(hub, repo, one.author),
        "active_lock_reason": None,
        "body": one.body,
        "closed_by": account(hub, state.who(one.closed_by)) if one.closed_by else None,
        "reactions": rollup(hub, repo, one.id, url),
        "timeline_url": f"{url}/timeline",
        "performed_via_github_app": None,
        "state_reason": one.state_reason,
    }
    return {**shown, **_pull_part(hub, repo, one)} if one.is_pull else shown


def _pull_part(hub: Hub, repo: RepositoryState, one: Issue) -> Json:
    pull = hub.state.pull(repo.id, one.number)
    html = f"{hub.html_url(repo)}/pull/{one.number}"
    return {
        "draft": bool(pull and pull.draft),
        "pull_request": {
            "url": f"{hub.repo_url(repo)}/pulls/{one.number}",
            "html_url": html,
            "diff_url": f"{html}.diff",
            "patch_url": f"{html}.patch",
            "merged_at": when(pull.merged_at if pull else None),
        },
    }


def comment(hub: Hub, repo: RepositoryState, one: Comment) -> Json:
    """Show a comment."""
    url = f"{hub.repo_url(repo)}/issues/comments/{one.id}"
    about = hub.state.issue(repo.id, one.number)
    kind = "pull" if about and about.is_pull else "issues"
    return {
        "url": url,
        "html_url": f"{hub.html_url(repo)}/{kind}/{one.number}#issuecomment-{one.id}",
        "issue_url": f"{hub.repo_url(repo)}/issues/{one.number}",
        "id": one.id,
        "node_id": node_id("IC", one.id),
        "user": account(hub, hub.state.who(one.author)),
        "created_at": when(one.created_at),
        "updated_at": when(one.updated_at),
        "author_association": association(hub, repo, one.author),
        "body": one.body,
        "reactions": rollup(hub, repo, one.id, url),
        "performed_via_github_app": app(hub, hub.state.apps[one.app]) if one.app else None,
    }


def reaction(hub: Hub, one: Reaction) -> Json:
    """Show a reaction."""
    return {
        "id": one.id,
        "node_id": node_id("REA", one.id),
        "user": account(hub, hub.state.who(one.user)),
        "content": one.content,
        "created_at": when(one.created_at),
    }


def review(hub: Hub, repo: RepositoryState, one: Review) -> Json:
    """Show a review."""
    html = f"{hub.html_url(repo)}/pull/{one.number}#pullrequestreview-{one.id}"
    pull = f"{hub.repo_url(repo)}/pulls/{one.number}"
    return {
        "id": one.id,
        "node_id": node_id("PRR", one.id),
        "user": account(hub, hub.state.who(one.author)),
        "body": one.body,
        "state": one.state,
        "html_url": html,
        "pull_request_url": pull,
        "author_association": association(hub, repo, one.author),
        "_links": {"html": {"href": html}, "pull_request": {"href": pull}},
        "submitted_at": when(one.submitted_at),
        "commit_id": one.commit,
    }


def review_comment(hub: Hub, repo: RepositoryState, one: ReviewComment) -> Json:
    """Show a review comment, on the first line of its file."""
    url = f"{hub.repo_url(repo)}/pulls/comments/{one.id}"
    html = f"{hub.html_url(repo)}/pull/{one.number}#discussion_r{one.id}"
    pull = f"{hub.repo_url(repo)}/pulls/{one.number}"
    return {
        "url": url,
        "pull_request_review_id": one.review,
        "id": one.id,
        "node_id": node_id("PRRC", one.id),
        "diff_hunk": "@@ -1 +1 @@",
        "path": one.path,
        "position": 1,
        "original_position": 1,
        "commit_id": one.commit,
        "original_commit_id": one.commit,
        "user": account(hub, hub.state.who(one.author)),
        "body": one.body,
        "created_at": when(one.created_at),
        "updated_at": when(one.updated_at),
        "html_url": html,
        "pull_request_url": pull,
        "author_association": association(hub, repo, one.author),
        "_links": {"self": {"href": url}, "html": {"href": html}, "pull_request": {"href": pull}},
        "reactions": rollup(hub, repo, one.id, url),
        "start_line": None,
        "original_start_line": None,
        "start_side": None,
        "line": 1,
        "original_line": 1,
        "side": "RIGHT",
        "subject_type": "line",
    }
