"""GraphQL's view of a pull request's labels, conversations and timeline."""

from collections.abc import Sequence
from functools import partial

from octobot.sandbox.graphql.nodes import Node, connect
from octobot.sandbox.graphql.people import author_node
from octobot.sandbox.state.hub import Hub
from octobot.sandbox.state.nouns import Pull, RepositoryState
from octobot.sandbox.state.nouns_pull import ReviewThread, TimelineEvent
from octobot.sandbox.views.required import protections
from octobot.sandbox.views.views import node_id, when


def labels(hub: Hub, pull: Pull, **window: object) -> Node:
    """List the labels."""
    issue = hub.state.issue(pull.repo, pull.number)
    return connect(issue.labels if issue else (), window, _label, "labels")


def _label(name: str) -> Node:
    return {"__typename": "Label", "id": node_id("LA", name), "name": name}


def threads(hub: Hub, pull: Pull, **window: object) -> Node:
    """List the conversations, oldest first."""
    found = hub.state.threads.find(pull.repo, pull.number)
    return connect(found, window, partial(_thread, hub), "reviewThreads")


def _thread(hub: Hub, one: ReviewThread) -> Node:
    return {
        "__typename": "PullRequestReviewThread",
        "id": node_id("PRRT", one.id),
        "isResolved": one.resolved_by is not None,
        "isOutdated": False,
        "comments": partial(_comments, hub, one),
    }


def _comments(hub: Hub, one: ReviewThread, **window: object) -> Node:
    shown = {
        "__typename": "PullRequestReviewComment",
        "id": node_id("PRRC", one.id),
        "body": one.body,
        "author": author_node(hub, one.author),
        "createdAt": when(one.at),
    }
    return connect((one,), window, lambda _: shown, "comments")


def timeline(
    hub: Hub, pull: Pull, item_types: Sequence[str] | None = None, **window: object
) -> Node:
    """List the events of these types, oldest first."""
    wanted = {name.replace("_", "").lower() for name in item_types or ()}
    found = [
        one
        for one in hub.state.timeline.find(pull.repo, pull.number)
        if item_types is None or one.kind.lower() in wanted
    ]
    return connect(found, window, partial(_event, hub), "timelineItems")


def _event(hub: Hub, one: TimelineEvent) -> Node:
    shown: dict[str, object] = {
        "__typename": one.kind,
        "id": node_id("EV", one.id),
        "actor": author_node(hub, one.actor),
        "createdAt": when(one.at),
    }
    if one.label:
        shown["label"] = _label(one.label)
    if one.kind in ("AutoMergeDisabledEvent", "RemovedFromMergeQueueEvent"):
        shown |= {"reason": one.reason, "reasonCode": one.reason}
    return shown


def update_rule(hub: Hub, repo: RepositoryState, pull: Pull) -> Node | None:
    """Show what branch protection requires, as far as everybody may know it."""
    rules = [one for one in protections(hub, repo, pull.base_ref) if not one.ruleset]
    if not rules:
        return None
    return {
        "__typename": "RefUpdateRule",
        "requiredApprovingReviewCount": max(rule.reviews for rule in rules),
        "requiresConversationResolution": any(rule.conversations for rule in rules),
        "requiresSignatures": any(rule.signatures for rule in rules),
        "requiresLinearHistory": any(rule.linear for rule in rules),
    }
