"""Merging a pull request, with everything GitHub checks first.

The commit is made and the state is stored before the branch moves; the move is recorded as an
intent, so that a sandbox killed in between finishes the merge when it starts again.
"""

from dataclasses import dataclass

from octobot.model.ids import Sha
from octobot.model.pull_request import MergeMethod
from octobot.sandbox.changes.announce import RefChange
from octobot.sandbox.changes.refs import close_pull, put_ref, ref_was_moved
from octobot.sandbox.git.draft import Draft, Identity
from octobot.sandbox.git.git import Git
from octobot.sandbox.http.call import Refusal
from octobot.sandbox.state.hub import Hub
from octobot.sandbox.state.nouns import Account, Pull, RefIntent, RepositoryState
from octobot.sandbox.views.pulls import issue_half, signed_by, try_merge, web_flow
from octobot.sandbox.views.required import allowed_methods, protections, unmet


@dataclass(frozen=True, slots=True)
class Merging:
    """The options of a merge."""

    method: MergeMethod = "merge"
    sha: str | None = None
    """The head that must be merged."""
    title: str | None = None
    message: str | None = None
    from_queue: bool = False
    """GitHub itself makes this merge, from its queue or by auto-merge."""
    by_api: bool = False
    """It may race with another push to the base; a person takes longer to press the button."""


async def merge(hub: Hub, repo: RepositoryState, pull: Pull, wanted: Merging, by: Account) -> Sha:
    """Merge, or refuse as GitHub does: 405 not now, 409 another head."""
    await _refuse(hub, repo, pull, wanted)
    git = hub.git(repo)
    base = await git.ref(f"refs/heads/{pull.base_ref}")
    tried = await try_merge(hub, repo, pull)
    if hub.merges_stale_trees and tried:
        tried = pull.head_sha
    merged = await git.tree_of(tried) if tried else None
    if base is None or merged is None:
        raise Refusal(405, "Pull Request is not mergeable")
    made = await _make(hub, repo, pull, wanted, (base, merged[0], signed_by(by, hub)))
    ref = f"refs/heads/{pull.base_ref}"
    intent = hub.state.intents.put(RefIntent(hub.state.next_id(), repo.id, ref, base, made))
    await close_pull(hub, pull, by, merge_commit=made)
    await git.move(ref, old=base, new=made)
    hub.state.intents.drop(intent)
    await ref_was_moved(hub, repo, RefChange(ref, base, made), by)
    if repo.delete_branch_on_merge and pull.head_repo == repo.id:
        head = RefChange(f"refs/heads/{pull.head_ref}", pull.head_sha, None)
        await put_ref(hub, repo, head, by)
    return made


async def finish_intents(hub: Hub) -> None:
    """Do the merges that a crash interrupted between state and git."""
    for intent in hub.state.intents:
        git = hub.git(hub.state.repositories[intent.repo])
        if await git.ref(intent.ref) == intent.old:
            await git.move(intent.ref, old=intent.old, new=intent.new)
        hub.state.intents.drop(intent)


async def _refuse(hub: Hub, repo: RepositoryState, pull: Pull, wanted: Merging) -> None:
    if issue_half(hub, pull).state != "open":
        raise Refusal(405, "Pull Request is not mergeable")
    if pull.draft:
        raise Refusal(405, "Pull Request is still a draft")
    if wanted.sha is not None and wanted.sha != pull.head_sha:
        raise Refusal(409, "Head branch was modified. Review and try the merge again.")
    rules = protections(hub, repo, pull.base_ref)
    if wanted.method not in allowed_methods(repo, rules):
        name = {"merge": "Merge commits", "squash": "Squash merges", "rebase": "Rebase merges"}
        raise Refusal(405, f"{name[wanted.method]} are not allowed on this repository.")
    if not wanted.from_queue and any(rule.queue for rule in rules):
        raise Refusal(405, "Changes must be made through the merge queue")
    if reasons := await unmet(hub, repo, pull):
        raise Refusal(405, reasons[0])
    if wanted.by_api and hub.state.live.settles(repo.id, pull.base_ref, hub.state.now()):
        raise Refusal(405, "Base branch was modified. Review and try the merge again.")


async def _make(
    hub: Hub,
    repo: RepositoryState,
    pull: Pull,
    wanted: Merging,
    onto: tuple[Sha, Sha, Identity],
) -> Sha:
    base, tree, author = onto
    git, one, committer = hub.git(repo), issue_half(hub, pull), web_flow(hub)
    match wanted.method:
        case "merge":
            owner = hub.state.repositories[pull.head_repo].full_name.partition("/")[0]
            title = f"Merge pull request #{pull.number} from {owner}/{pull.head_ref}"
            message = _message(wanted, title, one.title)
            return await git.commit(Draft(message, author, committer, (base, pull.head_sha), tree))
        case "squash":
            message = _message(wanted, f"{one.title} (#{pull.number})", "")
            return await git.commit(Draft(message, author, committer, (base,), tree))
        case "rebase":
            return await _rebase(git, base, pull.head_sha, committer)


def _message(wanted: Merging, title: str, body: str) -> str:
    title = title if wanted.title is None else wanted.title
    body = body if wanted.message is None else wanted.message
    return f"{title}\n\n{body}".rstrip() + "\n"


async def _rebase(git: Git, base: Sha, head: Sha, committer: Identity) -> Sha:
    """Replay each commit: merged with a commit of the new tip's tree and its own parent."""
    tip = base
    for sha in await git.between(base, head):
        commit = await git.commit_of(sha)
        if commit is None or len(commit.parents) != 1:
            raise Refusal(405, "This branch can't be rebased")
        onto = await git.tree_of(tip)
        placeholder = await git.commit(
            Draft("placeholder", committer, committer, commit.parents, onto[0] if onto else None)
        )
        tree = await git.merge_tree(placeholder, sha)
        if tree is None:
            raise Refusal(405, "This branch can't be rebased due to conflicts")
        author = Identity(commit.author.name, commit.author.email, commit.author.at)
        tip = await git.commit(Draft(commit.message + "\n", author, committer, (tip,), tree))
    return tip
