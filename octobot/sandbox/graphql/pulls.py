"""GraphQL's view of pull requests."""

from functools import partial
from typing import Literal, TypeVar

from octobot.model.ids import Sha
from octobot.model.pull_request import LeftToGitHub
from octobot.sandbox.graphql.checks import rollup_of
from octobot.sandbox.graphql.facts import account_node
from octobot.sandbox.graphql.git import commit_named
from octobot.sandbox.graphql.nodes import Node, Refused, connect
from octobot.sandbox.graphql.people import review_node
from octobot.sandbox.graphql.timeline import labels, threads, timeline, update_rule
from octobot.sandbox.state.hub import Hub
from octobot.sandbox.state.nouns import Pull, RepositoryState
from octobot.sandbox.views.pulls import issue_half, mergeable, mergeable_state
from octobot.sandbox.views.required import approvals, opinions, protections, writers_opinions
from octobot.sandbox.views.views import node_id, when


def _state(hub: Hub, pull: Pull) -> Literal["OPEN", "CLOSED", "MERGED"]:
    """Return whether a pull request is open, closed or merged."""
    if pull.merged_at is not None:
        return "MERGED"
    return "OPEN" if issue_half(hub, pull).state == "open" else "CLOSED"


def pull_node(hub: Hub, repo: RepositoryState, pull: Pull) -> Node:
    """Show a pull request."""
    one = issue_half(hub, pull)
    return {
        "__typename": "PullRequest",
        "id": node_id("PR", pull.id),
        "databaseId": pull.id,
        "number": pull.number,
        "title": one.title,
        "body": one.body or "",
        "state": _state(hub, pull),
        "isDraft": pull.draft,
        "merged": pull.merged_at is not None,
        "createdAt": when(one.created_at),
        "updatedAt": when(one.updated_at),
        "url": f"{hub.html_url(repo)}/pull/{pull.number}",
        "author": account_node(hub.state.who(one.author)),
        "headRefName": pull.head_ref,
        "headRefOid": pull.head_sha,
        "headRepository": partial(_head_repository, hub, pull),
        "baseRefName": pull.base_ref,
        "baseRefOid": pull.base_sha,
        "commits": partial(_commits, hub, repo, pull),
        "latestOpinionatedReviews": partial(_reviews, hub, repo, pull),
        "mergeable": partial(_mergeable, hub, repo, pull),
        "mergeStateStatus": partial(_merge_state, hub, repo, pull),
        "statusCheckRollup": partial(rollup_of, hub, repo, pull.head_sha),
        "labels": partial(labels, hub, pull),
        "reviewThreads": partial(threads, hub, pull),
        "timelineItems": partial(timeline, hub, pull),
        "reviewDecision": _decision(hub, repo, pull),
        "viewerCanMergeAsAdmin": False,
        "baseRef": {"refUpdateRule": lambda: update_rule(hub, repo, pull)},
        **_deferred(hub, repo, pull),
    }


async def _commits(hub: Hub, repo: RepositoryState, pull: Pull, **window: object) -> Node:
    """List the commits of a pull request, oldest first."""
    shas = await hub.git(repo).between(pull.base_sha, pull.head_sha)

    def show(sha: Sha) -> Node:
        return {"commit": partial(commit_named, hub, repo, sha)}

    return connect(shas, window, show, "commits")


def _decision(hub: Hub, repo: RepositoryState, pull: Pull) -> str | None:
    """Return GitHub's decision by all reviews; None where no review is required."""
    needed = max((rule.reviews for rule in protections(hub, repo, pull.base_ref)), default=0)
    if not needed:
        return None
    if any(one.state == "CHANGES_REQUESTED" for one in writers_opinions(hub, repo, pull)):
        return "CHANGES_REQUESTED"
    return "APPROVED" if approvals(hub, repo, pull) >= needed else "REVIEW_REQUIRED"


def _deferred(hub: Hub, repo: RepositoryState, pull: Pull) -> Node:
    """Show the fields about the merge queue and auto-merge."""
    deferred = pull.deferred
    queued = deferred is not None and deferred.kind == "queue"
    requested = None
    if deferred is not None and deferred.kind == "auto":
        requested = {
            "enabledAt": when(deferred.at),
            "enabledBy": account_node(hub.state.who(deferred.by)),
            "mergeMethod": deferred.method.upper(),
            "commitHeadline": deferred.title,
            "commitBody": deferred.message,
            "pullRequest": lambda: pull_node(hub, repo, pull),
        }
    queue = any(rule.queue for rule in protections(hub, repo, pull.base_ref))
    return {
        "isMergeQueueEnabled": lambda: shown(hub, "queue", queue),
        "mergeQueueEntry": lambda: shown(
            hub, "queue", queue_entry_node(hub, repo, pull) if queued else None
        ),
        "autoMergeRequest": lambda: shown(hub, "auto", requested),
    }


T = TypeVar("T")


def shown(hub: Hub, what: LeftToGitHub, value: T) -> T:
    """Return what is about the merge queue or auto-merge, or refuse for want of a permission."""
    if what in hub.state.live.hidden:
        raise Refused("FORBIDDEN", "Resource not accessible by integration")
    return value


def _reviews(
    hub: Hub,
    repo: RepositoryState,
    pull: Pull,
    writers_only: bool | None = None,  # noqa: FBT001  (GitHub's argument)
    **window: object,
) -> Node:
    """Show each person's latest approval or request for changes, also when it is dismissed."""
    found = (writers_opinions if writers_only else opinions)(hub, repo, pull)
    return connect(found, window, partial(review_node, hub), "latestOpinionatedReviews")


def _head_repository(hub: Hub, pull: Pull) -> Node:
    repo = hub.state.repositories[pull.head_repo]
    return {
        "__typename": "Repository",
        "id": node_id("R", repo.id),
        "databaseId": repo.id,
        "nameWithOwner": repo.full_name,
    }


async def _merge_state(hub: Hub, repo: RepositoryState, pull: Pull) -> str:
    can_merge = await mergeable(hub, repo, pull)
    return (await mergeable_state(hub, repo, pull, can_merge=can_merge)).upper()


async def _mergeable(hub: Hub, repo: RepositoryState, pull: Pull) -> str:
    can_merge = await mergeable(hub, repo, pull)
    return "UNKNOWN" if can_merge is None else "MERGEABLE" if can_merge else "CONFLICTING"


def queue_entry_node(hub: Hub, repo: RepositoryState, pull: Pull) -> Node:
    """Show a pull request's place in the merge queue."""
    deferred = pull.deferred
    since = deferred.at if deferred else hub.state.now()
    queued = [p.deferred for p, _ in hub.state.open_pulls(repo.id) if p.deferred]
    return {
        "__typename": "MergeQueueEntry",
        "id": node_id("MQE", pull.id),
        "pullRequest": lambda: pull_node(hub, repo, pull),
        "enqueuer": account_node(hub.state.who(deferred.by if deferred else None)),
        "position": 1 + sum(one.at < since for one in queued),
        "jump": False,
        "state": "QUEUED",
    }
