"""Refs that move, and their consequences: deliveries, pull requests, the CI."""

from collections.abc import Sequence
from dataclasses import replace

from octobot.model.ids import Sha
from octobot.sandbox.changes.announce import RefChange, pull_changed, ref_moved, suite_changed
from octobot.sandbox.changes.timeline import happened
from octobot.sandbox.git.draft import Draft, is_ref_name
from octobot.sandbox.git.git import RefMoved
from octobot.sandbox.http.call import Refusal
from octobot.sandbox.state.hub import Hub, OnHead
from octobot.sandbox.state.nouns import (
    EVENT,
    WORKFLOW,
    Account,
    CheckSuite,
    Pull,
    RepositoryState,
)
from octobot.sandbox.views.pulls import issue_half
from octobot.sandbox.views.required import protections, unmet_checks

_TOO_MANY_TAGS = 3


async def move_ref(
    hub: Hub, repo: RepositoryState, change: RefChange, by: Account, *, force: bool = False
) -> None:
    """Move a ref for somebody: protection applies, and without `force` only forwards."""
    if change.old is None and not is_ref_name(change.ref):
        raise Refusal(422, f"{change.ref} is not a valid ref name.")
    await _refuse_protected(hub, repo, change)
    git = hub.git(repo)
    guarded = change.branch is not None and not force
    if guarded and change.old and change.new and not await git.is_ancestor(change.old, change.new):
        raise Refusal(422, "Update is not a fast forward")
    await put_ref(hub, repo, change, by)


async def put_ref(hub: Hub, repo: RepositoryState, change: RefChange, by: Account) -> None:
    """Move a ref without any check, with all consequences."""
    try:
        await hub.git(repo).move(change.ref, old=change.old, new=change.new)
    except RefMoved as moved:
        raise Refusal(409, "Reference was changed by somebody else") from moved
    await ref_was_moved(hub, repo, change, by)


async def _refuse_protected(hub: Hub, repo: RepositoryState, change: RefChange) -> None:
    rules = protections(hub, repo, change.branch or "")
    if not rules:
        return
    if change.new is None:
        raise Refusal(422, "Cannot delete this branch: it is protected")
    reasons = unmet_checks(hub, repo, change.branch or "", change.new)
    if any(rule.reviews for rule in rules):
        reasons.append("Changes must be made through a pull request.")
    if change.old and not await hub.git(repo).is_ancestor(change.old, change.new):
        reasons.append("Cannot force-push to this branch.")
    if reasons:
        raise Refusal(422, f"Protected branch update failed for {change.ref}. {reasons[0]}")


async def refs_were_pushed(
    hub: Hub, repo: RepositoryState, before: dict[str, Sha], after: dict[str, Sha], by: Account
) -> None:
    """Handle a real `git push`; pushing more than three tags at once sends no events for them."""
    moved = [
        RefChange(ref, before.get(ref), after.get(ref))
        for ref in sorted(before.keys() | after.keys())
        if before.get(ref) != after.get(ref)
    ]
    tags = [change for change in moved if change.branch is None]
    for change in moved:
        if change.branch is not None or len(tags) <= _TOO_MANY_TAGS:
            await ref_was_moved(hub, repo, change, by)


async def ref_was_moved(hub: Hub, repo: RepositoryState, change: RefChange, by: Account) -> None:
    """Handle a ref that has moved: events, check suites, pull requests."""
    if not change.ref.startswith(("refs/heads/", "refs/tags/")):
        return
    repo = hub.state.put_repository(replace(repo, pushed_at=hub.state.now()))
    await ref_moved(hub, repo, change, by)
    if change.branch is None:
        return
    hub.state.live.moved(repo.id, change.branch, hub.state.now())
    if change.new is not None:
        await _request_suite(hub, repo, change, by)
        await _mark_merged(hub, repo, change, by)
    for pull in tuple(hub.state.pulls):
        if (pull.head_repo, pull.head_ref) == (repo.id, change.branch):
            await _follow_head(hub, pull, change.new, by)


async def _request_suite(hub: Hub, repo: RepositoryState, change: RefChange, by: Account) -> None:
    """GitHub makes a suite for every App with checks:write on each push."""
    installation = hub.state.installation_of(hub.app.id, repo)
    if installation is None or change.new is None:
        return
    if dict(installation.permissions).get("checks") == "write":
        suite, is_new = suite_for(hub, repo, hub.app.id, change.new, change.branch)
        if is_new:
            await suite_changed(hub, repo, suite, "requested", by)


def suite_for(
    hub: Hub, repo: RepositoryState, app: int, sha: Sha, branch: str | None = None
) -> tuple[CheckSuite, bool]:
    """Return the newest suite of an App on a commit, and whether it was created for this call."""
    known = [s for s in hub.state.check_suites.of(repo.id) if (s.app, s.head_sha) == (app, sha)]
    if known:
        return known[-1], False
    started = (WORKFLOW, EVENT) if app == hub.state.actions_app else ("", "")
    return new_suite(hub, repo, app, sha, branch=branch, started=started), True


def new_suite(
    hub: Hub,
    repo: RepositoryState,
    app: int,
    sha: Sha,
    *,
    branch: str | None = None,
    started: tuple[str, str] = ("", ""),
) -> CheckSuite:
    """Create one more suite of an App on a commit; `started` is its workflow and event."""
    if branch is None:
        heads = (p.head_ref for p in hub.state.pulls.of(repo.id) if p.head_sha == sha)
        branch = next(heads, None)
    now, (workflow, event) = hub.state.now(), started
    suite = CheckSuite(
        hub.state.next_id(),
        repo.id,
        app,
        sha,
        branch,
        now,
        now,
        workflow=workflow,
        event=event,
    )
    return hub.state.check_suites.put(suite)


async def _mark_merged(hub: Hub, repo: RepositoryState, change: RefChange, by: Account) -> None:
    """Mark pull requests as merged whose head the base now contains."""
    waiting = [p for p, _ in hub.state.open_pulls(repo.id) if p.base_ref == change.branch]
    if not waiting or change.old is None or change.new is None:
        return
    arrived = set(await hub.git(repo).between(change.old, change.new))
    for pull in waiting:
        if pull.head_sha in arrived:
            await close_pull(hub, pull, by, merge_commit=pull.head_sha)


async def _follow_head(hub: Hub, pull: Pull, new: Sha | None, by: Account) -> None:
    one = issue_half(hub, pull)
    if one.state != "open":
        return
    if new is None:
        await close_pull(hub, pull, by, merge_commit=None)
        return
    repo, before = hub.state.repositories[pull.repo], pull.head_sha
    await store_head(hub, pull, new)
    base = await hub.git(repo).ref(f"refs/heads/{pull.base_ref}")
    queued = pull.deferred is not None and pull.deferred.kind == "queue"  # a push takes it out
    deferred = None if queued else pull.deferred
    changed = replace(pull, head_sha=new, base_sha=base or pull.base_sha, deferred=deferred)
    if queued:
        happened(hub, pull, "RemovedFromMergeQueueEvent", None, reason="branch_invalidated")
    pull = hub.state.pulls.put(changed)
    hub.state.issues.put(replace(one, updated_at=hub.state.now()))
    if queued:
        await pull_changed(hub, repo, pull, "dequeued", by, reason="UNKNOWN_REMOVAL_REASON")
    await pull_changed(hub, repo, pull, "synchronize", by, before=before, after=new)
    announce_head(hub, pull)


async def catch_up(hub: Hub) -> None:
    """Update pull requests whose heads moved in git just before a crash."""
    nobody = hub.state.who(None)
    for repo in hub.state.repositories:
        for pull, _ in tuple(hub.state.open_pulls(repo.id)):
            there = hub.state.repositories[pull.head_repo]
            head = await hub.git(there).ref(f"refs/heads/{pull.head_ref}")
            if head != pull.head_sha:
                await _follow_head(hub, pull, head, nobody)


async def store_head(hub: Hub, pull: Pull, head: Sha) -> None:
    """Store the head under `refs/pull/N/head`, fetched from the fork when there is one."""
    git = hub.git(hub.state.repositories[pull.repo])
    if pull.head_repo != pull.repo:
        await git.fetch(hub.git(hub.state.repositories[pull.head_repo]).dir, head)
    await git.put(f"refs/pull/{pull.number}/head", head)


def announce_head(hub: Hub, pull: Pull, to: Sequence[OnHead] | None = None) -> None:
    """Call the subscribers of new heads (the CI), or only those in `to`."""
    name = hub.state.repositories[pull.repo].full_name
    for callback in hub.on_head if to is None else to:
        hub.outbox.spawn(_show(callback, name, pull))


async def _show(callback: OnHead, name: str, pull: Pull) -> None:
    await callback(name, pull.head_sha, pull.number, pull.head_ref)


async def close_pull(hub: Hub, pull: Pull, by: Account, *, merge_commit: Sha | None) -> Pull:
    """Close a pull request, merged or not, and send an event."""
    now, one = hub.state.now(), issue_half(hub, pull)
    hub.state.issues.put(
        replace(one, state="closed", closed_at=now, updated_at=now, closed_by=by.id)
    )
    if merge_commit is not None:
        pull = hub.state.pulls.put(
            replace(pull, merged_at=now, merged_by=by.id, merge_commit=merge_commit)
        )
    happened(hub, pull, "ClosedEvent", by)
    await pull_changed(hub, hub.state.repositories[pull.repo], pull, "closed", by)
    return pull


async def commit_on(hub: Hub, repo: RepositoryState, branch: str, draft: Draft, by: Account) -> Sha:
    """Put one commit on a branch, which is created when missing; protection applies."""
    made = await hub.git(repo).commit(draft)
    old = await hub.git(repo).ref(f"refs/heads/{branch}")
    await move_ref(hub, repo, RefChange(f"refs/heads/{branch}", old, made), by)
    return made
