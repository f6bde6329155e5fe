"""Issues, comments, reactions and releases as they are created and changed."""

from dataclasses import replace

from octobot.sandbox.changes.announce import commented, issue_changed, pull_changed, released
from octobot.sandbox.changes.timeline import happened
from octobot.sandbox.state.hub import Hub
from octobot.sandbox.state.nouns import (
    Account,
    Comment,
    Issue,
    Label,
    Reaction,
    ReleaseState,
    RepositoryState,
)
from octobot.sandbox.state.nouns_pull import EventKind
from octobot.sandbox.views import views


def open_issue(hub: Hub, repo: RepositoryState, title: str, body: str | None, by: Account) -> Issue:
    """Open an issue and send an event."""
    now, number = hub.state.now(), hub.state.next_number(repo.id)
    issue = Issue(hub.state.next_id(), repo.id, number, title, body, by.id, now, now)
    hub.state.issues.put(issue)
    issue_changed(hub, repo, issue, "opened", by)
    return issue


def add_comment(
    hub: Hub, repo: RepositoryState, issue: Issue, body: str, by: Account, app: int | None = None
) -> Comment:
    """Comment on an issue or pull request and send an event."""
    now = hub.state.now()
    number, updated = hub.state.next_id(), now + hub.state.comment_drift
    comment = Comment(number, repo.id, issue.number, by.id, body, now, updated, app=app)
    hub.state.comments.put(comment)
    hub.state.issues.put(replace(issue, updated_at=now))
    commented(hub, repo, comment, "created", by)
    return comment


def edit_comment(
    hub: Hub, repo: RepositoryState, comment: Comment, body: str, by: Account
) -> Comment:
    """Replace a comment's text and send an event."""
    now = hub.state.now()
    edited = replace(comment, body=body, updated_at=now, edited_at=now, editor=by.id)
    changed = hub.state.comments.put(edited)
    commented(hub, repo, changed, "edited", by, changes={"body": {"from": comment.body}})
    return changed


def delete_comment(hub: Hub, repo: RepositoryState, comment: Comment, by: Account) -> None:
    """Delete a comment and send an event."""
    hub.state.comments.drop(comment)
    commented(hub, repo, comment, "deleted", by)


def react(
    hub: Hub, repo: RepositoryState, subject: int, content: str, by: Account
) -> tuple[Reaction, bool]:
    """Add a reaction, once per person and kind; GitHub sends no event."""
    for one in hub.state.reactions.of(repo.id):
        if (one.subject, one.user, one.content) == (subject, by.id, content):
            return one, False
    made = Reaction(hub.state.next_id(), repo.id, subject, by.id, content, hub.state.now())
    return hub.state.reactions.put(made), True


def put_labels(
    hub: Hub, repo: RepositoryState, issue: Issue, names: tuple[str, ...], by: Account
) -> Issue:
    """Set the labels of an issue and send an event for each that changed.

    Unknown labels are created, as on GitHub.
    """
    known = {label.name for label in hub.state.labels.of(repo.id)}
    for name in names:
        if name not in known:
            hub.state.labels.put(Label(hub.state.next_id(), repo.id, name, description=""))
    unique = tuple(dict.fromkeys(names))
    changed = hub.state.issues.put(replace(issue, labels=unique, updated_at=hub.state.now()))
    pull = hub.state.pull(repo.id, issue.number)
    for action, name in _differences(issue.labels, unique):
        event: EventKind = "LabeledEvent" if action == "labeled" else "UnlabeledEvent"
        happened(hub, issue, event, by, label=name)
        labels = (label for label in hub.state.labels.of(repo.id) if label.name == name)
        shown = views.label(hub, repo, next(labels))
        if pull is None:
            issue_changed(hub, repo, changed, action, by, label=shown)
        else:
            hub.outbox.spawn(pull_changed(hub, repo, pull, action, by, label=shown))
    return changed


def _differences(before: tuple[str, ...], after: tuple[str, ...]) -> list[tuple[str, str]]:
    gone = [("unlabeled", name) for name in before if name not in after]
    return gone + [("labeled", name) for name in after if name not in before]


def publish(hub: Hub, repo: RepositoryState, release: ReleaseState, by: Account) -> ReleaseState:
    """Store a release and, unless it is a draft, send an event."""
    hub.state.releases.put(release)
    if not release.draft:
        released(hub, repo, release, by)
    return release
