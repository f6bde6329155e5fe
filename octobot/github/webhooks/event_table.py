"""What GitHub's bodies look like, and the digest of what each is about.

Two tables for the one reader of deliveries list the keys that distinguish bodies, and the actions
that matter.  The event's name is not signed, so it must fit the body that it comes with.

The GUID is not signed either: a replay of one signed body may come under any GUID, and two hooks
report one change under two GUIDs, in bodies that differ only in the addressee.  Both are recognised
by their content: every state of an object has its own times and numbers.
Source: docs.github.com, "Webhook events and payloads".
"""

import hashlib
import json
from collections.abc import Mapping

MARKERS = frozenset({
    "zen", "commits", "pull_request", "review", "comment", "thread", "check_run", "check_suite",
    "context", "repositories_added", "issue", "release", "deployment", "label", "member",
    "pusher_type",
})  # fmt: skip
"""Top-level keys that distinguish GitHub's bodies."""

SHAPES: Mapping[str, frozenset[str]] = {
    "ping": frozenset({"zen"}),
    "installation": frozenset(),
    "installation_repositories": frozenset({"repositories_added"}),
    "repository": frozenset(),
    "push": frozenset({"commits"}),
    "create": frozenset({"pusher_type"}),
    "release": frozenset({"release"}),
    "pull_request": frozenset({"pull_request"}),
    "pull_request_review": frozenset({"pull_request", "review"}),
    "check_run": frozenset({"check_run"}),
    "check_suite": frozenset({"check_suite"}),
    "status": frozenset({"context"}),
    "pull_request_review_comment": frozenset({"pull_request", "comment"}),
    "issues": frozenset({"issue"}),
    "issue_comment": frozenset({"issue", "comment"}),
}
"""Exactly these of the markers must be there."""

BESIDE: Mapping[tuple[str, str], frozenset[str]] = {
    ("pull_request", "labeled"): frozenset({"label"}),
    ("pull_request", "unlabeled"): frozenset({"label"}),
}
"""Event and action → the markers that may be there, too: a label may be deleted by then."""

ACTIONS: Mapping[str, frozenset[str]] = {
    "installation": frozenset({
        "created", "deleted", "suspend", "unsuspend", "new_permissions_accepted",
    }),
    "installation_repositories": frozenset({"added", "removed"}),
    "repository": frozenset({
        "renamed", "transferred", "archived", "unarchived", "deleted", "edited",
    }),
    "release": frozenset({
        "created", "published", "released", "prereleased", "edited", "unpublished", "deleted",
    }),
    "pull_request": frozenset({
        "opened", "reopened", "closed", "edited", "synchronize", "ready_for_review",
        "converted_to_draft", "labeled", "unlabeled", "dequeued", "auto_merge_disabled",
    }),
    "pull_request_review": frozenset({"submitted", "edited", "dismissed"}),
    "check_run": frozenset({"completed", "rerequested"}),
    "check_suite": frozenset({"completed", "rerequested"}),
    # An edited text is never a command.
    "pull_request_review_comment": frozenset({"created"}),
    "issues": frozenset({"opened"}),
    "issue_comment": frozenset({"created"}),
}  # fmt: skip
"""The actions that can change what octobot does next; an event without an entry has none."""


_ADDRESSEE = frozenset({"installation", "organization", "enterprise", "hook", "hook_id", "sender"})
"""Keys about the hook or the addressee, and not about the object."""

_OF_THE_ACCOUNT = frozenset({"installation", "installation_repositories", "repository"})
"""Events whose object is the installation itself."""


def object_of(name: str, payload: Mapping[str, object]) -> str:
    """Return the SHA-256 of what `payload` is about, in hexadecimal; `name` is the event's.

    Keys in another order, or another spelling of the same JSON, are the same object.
    """
    content = payload if name in _OF_THE_ACCOUNT else _without_addressee(payload)
    text = json.dumps([name, content], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _without_addressee(payload: Mapping[str, object]) -> Mapping[str, object]:
    return {key: value for key, value in payload.items() if key not in _ADDRESSEE}
