"""Merges that GitHub makes later: by the merge queue, and by auto-merge.

Both are requested for one head, and stored with who requested it.  Nothing merges by itself here:
`merge_deferred` is the moment at which GitHub makes these merges.
"""

from dataclasses import replace

from octobot.model.ids import Sha
from octobot.sandbox.changes.announce import pull_changed
from octobot.sandbox.changes.merge import Merging, merge
from octobot.sandbox.changes.timeline import happened
from octobot.sandbox.http.call import Refusal
from octobot.sandbox.state.hub import Hub
from octobot.sandbox.state.nouns import Account, DeferredMerge, Pull, RepositoryState
from octobot.sandbox.state.nouns_pull import EventKind
from octobot.sandbox.views.pulls import issue_half, try_merge
from octobot.sandbox.views.required import protections, unmet

MOVED = "Expected head sha does not match the head of the pull request"

_ENDS: dict[str, tuple[EventKind, str]] = {
    "queue": ("RemovedFromMergeQueueEvent", "dequeued"),
    "auto": ("AutoMergeDisabledEvent", "auto_merge_disabled"),
}
"""How the end of a deferred merge shows in the timeline, and as the action of a delivery."""


def has_queue(hub: Hub, repo: RepositoryState, branch: str) -> bool:
    """Return whether a branch requires a merge queue."""
    return any(rule.queue for rule in protections(hub, repo, branch))


async def enqueue(
    hub: Hub, repo: RepositoryState, pull: Pull, expected: Sha | None, by: Account
) -> Pull:
    """Put a pull request at the end of its base's merge queue, or refuse."""
    if not has_queue(hub, repo, pull.base_ref):
        raise Refusal(422, "The base branch does not have a merge queue enabled")
    await _refuse(hub, repo, pull, expected)
    if reasons := await unmet(hub, repo, pull):
        raise Refusal(422, reasons[0])
    happened(hub, pull, "AddedToMergeQueueEvent", by)
    deferred = DeferredMerge("queue", by.id, hub.state.now())
    pull = hub.state.pulls.put(replace(pull, deferred=deferred))
    await pull_changed(hub, repo, pull, "enqueued", by)
    return pull


async def enable_auto(
    hub: Hub, repo: RepositoryState, pull: Pull, expected: Sha | None, deferred: DeferredMerge
) -> Pull:
    """Enable auto-merge: GitHub merges when all requirements are met; or refuse."""
    await _refuse(hub, repo, pull, expected)
    if not repo.allows_auto_merge:
        raise Refusal(422, "Auto merge is not allowed for this repository")
    if not await unmet(hub, repo, pull):
        raise Refusal(422, "Pull request Pull request is in clean status")
    pull = hub.state.pulls.put(replace(pull, deferred=deferred))
    happened(hub, pull, "AutoMergeEnabledEvent", hub.state.who(deferred.by))
    await pull_changed(hub, repo, pull, "auto_merge_enabled", hub.state.who(deferred.by))
    return pull


async def cancel(hub: Hub, repo: RepositoryState, pull: Pull, kind: str, by: Account) -> Pull:
    """Take a pull request out of the queue, or switch its auto-merge off."""
    if pull.deferred is None or pull.deferred.kind != kind:
        state = {"queue": "not in a merge queue", "auto": "not set to merge automatically"}[kind]
        raise Refusal(422, f"Pull request is {state}")
    return await _end(hub, repo, pull, by, "manual" if kind == "queue" else None)


async def eject(hub: Hub, repo: RepositoryState, pull: Pull, reason: str) -> Pull:
    """Let GitHub itself end a deferred merge, such as a queue whose checks failed."""
    return await _end(hub, repo, pull, None, reason)


async def _end(
    hub: Hub, repo: RepositoryState, pull: Pull, by: Account | None, reason: str | None
) -> Pull:
    """End a deferred merge; nobody: GitHub did it itself."""
    queued = pull.deferred is not None and pull.deferred.kind == "queue"
    event, action = _ENDS["queue" if queued else "auto"]
    happened(hub, pull, event, by, reason=reason)
    pull = hub.state.pulls.put(replace(pull, deferred=None))
    shown = reason.upper() if reason else "Auto merge was disabled manually"
    await pull_changed(hub, repo, pull, action, by or hub.state.who(None), reason=shown)
    return pull


async def merge_deferred(hub: Hub, repo: RepositoryState) -> tuple[int, ...]:
    """Make the deferred merges that are possible now; return the numbers."""
    done = []
    waiting = [pull for pull, _ in hub.state.open_pulls(repo.id) if pull.deferred is not None]
    for pull in sorted(
        waiting, key=lambda one: one.deferred.at if one.deferred else repo.created_at
    ):
        if pull.deferred is None or await unmet(hub, repo, pull):
            continue
        if await try_merge(hub, repo, pull) is None:
            await eject(hub, repo, pull, "merge_conflict")
            continue
        deferred = pull.deferred
        wanted = Merging(
            deferred.method, title=deferred.title, message=deferred.message, from_queue=True
        )
        by = hub.state.who(deferred.by)
        if deferred.kind == "queue":
            await pull_changed(hub, repo, pull, "dequeued", by, reason="MERGE")
        await merge(hub, repo, pull, wanted, by)
        done.append(pull.number)
    return tuple(done)


async def _refuse(hub: Hub, repo: RepositoryState, pull: Pull, expected: Sha | None) -> None:
    if issue_half(hub, pull).state != "open" or pull.draft:
        raise Refusal(422, "Pull request is not open")
    if expected is not None and expected != pull.head_sha:
        raise Refusal(422, MOVED)
    if await try_merge(hub, repo, pull) is None:
        raise Refusal(422, "Pull request has merge conflicts")
