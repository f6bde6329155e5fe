"""What GitHub's bodies look like: by which keys they tell themselves apart, which actions matter.

Two tables for the one reader of deliveries; the event's name travels unsigned, so it must fit the
body that it comes with.
Source: docs.github.com, "Webhook events and payloads".
"""

from collections.abc import Mapping

MARKERS = frozenset({
    "zen", "commits", "pull_request", "review", "comment", "thread", "check_run", "check_suite",
    "context", "repositories_added", "issue", "release", "deployment", "label", "member",
    "pusher_type",
})  # fmt: skip
"""Top-level keys by which GitHub's bodies tell themselves apart."""

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
    "issue_comment": frozenset({"issue", "comment"}),
}
"""Exactly these of the markers must be there."""

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
        "converted_to_draft",
    }),
    "pull_request_review": frozenset({"submitted", "edited", "dismissed"}),
    "check_run": frozenset({"completed", "rerequested"}),
    "check_suite": frozenset({"completed", "rerequested"}),
    # An edited comment is never a command.
    "issue_comment": frozenset({"created"}),
}  # fmt: skip
"""The actions that can change what octobot does next; an event without an entry has none."""
