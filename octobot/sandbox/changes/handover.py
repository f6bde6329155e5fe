"""Merges that GitHub makes later by itself: the merge queue, and auto-merge.

Both are asked for with the head that is meant, and remembered with who asked.  Nothing moves by
itself here: `carry_on` is the moment at which GitHub gets round to it.
"""

from dataclasses import replace

from octobot.model.ids import Sha
from octobot.sandbox.changes.merge import Merging, merge
from octobot.sandbox.http.call import Refusal
from octobot.sandbox.state.hub import Hub
from octobot.sandbox.state.nouns import Account, Handover, Pull, RepositoryState
from octobot.sandbox.views.pulls import issue_half, trial
from octobot.sandbox.views.required import protections, unmet

MOVED = "Expected head sha does not match the head of the pull request"


def has_queue(hub: Hub, repo: RepositoryState, branch: str) -> bool:
    """Tell whether a branch takes merges from a queue only."""
    return any(rule.queue for rule in protections(hub, repo, branch))


async def enqueue(
    hub: Hub, repo: RepositoryState, pull: Pull, expected: Sha | None, by: Account
) -> Pull:
    """Put a pull request at the end of its base's merge queue, or refuse."""
    if not has_queue(hub, repo, pull.base_ref):
        raise Refusal(422, "The base branch does not have a merge queue enabled")
    await _refuse(hub, repo, pull, expected)
    if said := await unmet(hub, repo, pull):
        raise Refusal(422, said[0])
    handed = Handover("queue", by.id, hub.state.now())
    return hub.state.pulls.put(replace(pull, handed=handed))


async def enable_auto(
    hub: Hub, repo: RepositoryState, pull: Pull, expected: Sha | None, handed: Handover
) -> Pull:
    """Let GitHub merge as soon as everything it requires is there, or refuse."""
    await _refuse(hub, repo, pull, expected)
    if not repo.allows_auto_merge:
        raise Refusal(422, "Auto merge is not allowed for this repository")
    if not await unmet(hub, repo, pull):
        raise Refusal(422, "Pull request Pull request is in clean status")
    return hub.state.pulls.put(replace(pull, handed=handed))


def take_back(hub: Hub, pull: Pull, kind: str) -> Pull:
    """Take a pull request out of the queue, or switch its auto-merge off."""
    if pull.handed is None or pull.handed.kind != kind:
        said = {"queue": "not in a merge queue", "auto": "not set to merge automatically"}[kind]
        raise Refusal(422, f"Pull request is {said}")
    return hub.state.pulls.put(replace(pull, handed=None))


async def carry_on(hub: Hub, repo: RepositoryState) -> tuple[int, ...]:
    """Merge what was left to GitHub and may be merged now; gives the numbers."""
    done = []
    waiting = [pull for pull, _ in hub.state.open_pulls(repo.id) if pull.handed is not None]
    for pull in sorted(waiting, key=lambda one: one.handed.at if one.handed else repo.created_at):
        if pull.handed is None or await unmet(hub, repo, pull):
            continue
        if await trial(hub, repo, pull) is None:
            hub.state.pulls.put(replace(pull, handed=None))
            continue
        handed = pull.handed
        wanted = Merging(handed.method, title=handed.title, message=handed.message, from_queue=True)
        await merge(hub, repo, pull, wanted, hub.state.who(handed.by))
        done.append(pull.number)
    return tuple(done)


async def _refuse(hub: Hub, repo: RepositoryState, pull: Pull, expected: Sha | None) -> None:
    if issue_half(hub, pull).state != "open" or pull.draft:
        raise Refusal(422, "Pull request is not open")
    if expected is not None and expected != pull.head_sha:
        raise Refusal(422, MOVED)
    if await trial(hub, repo, pull) is None:
        raise Refusal(422, "Pull request has merge conflicts")
