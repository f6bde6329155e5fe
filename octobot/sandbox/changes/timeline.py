"""What people do to a pull request beside its code: drafts, conversations, and the timeline."""

from dataclasses import replace

from octobot.sandbox.http.call import Refusal
from octobot.sandbox.state.hub import Hub
from octobot.sandbox.state.nouns import Account, Issue, Pull
from octobot.sandbox.state.nouns_pull import EventKind, ReviewThread, TimelineEvent


def happened(
    hub: Hub,
    on: Issue | Pull,
    kind: EventKind,
    by: Account | None,
    *,
    label: str = "",
    reason: str | None = None,
) -> None:
    """Record an event in the timeline; nobody: GitHub did it itself."""
    number, actor = hub.state.next_id(), by.id if by else None
    event = TimelineEvent(number, on.repo, on.number, kind, actor, hub.state.now(), label, reason)
    hub.state.timeline.put(event)


def set_draft(hub: Hub, pull: Pull, by: Account, *, draft: bool) -> Pull:
    """Convert a pull request to a draft, or mark it ready for review."""
    if pull.draft == draft:
        raise Refusal(422, "Pull request is not a draft" if pull.draft else "It is a draft already")
    happened(hub, pull, "ConvertToDraftEvent" if draft else "ReadyForReviewEvent", by)
    return hub.state.pulls.put(replace(pull, draft=draft))


def start_conversation(hub: Hub, pull: Pull, body: str, by: Account) -> ReviewThread:
    """Start a conversation on a line."""
    number, now = hub.state.next_id(), hub.state.now()
    return hub.state.threads.put(ReviewThread(number, pull.repo, pull.number, by.id, body, now))


def resolve_conversation(hub: Hub, thread: ReviewThread, by: Account) -> ReviewThread:
    """Resolve a conversation."""
    return hub.state.threads.put(replace(thread, resolved_by=by.id))
