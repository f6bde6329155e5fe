"""What happens to pull requests: opened, edited, reviewed, brought up to date, closed."""

from dataclasses import dataclass, replace

from octobot.model.ids import Sha
from octobot.sandbox.changes.announce import issue_changed, pull_changed, review_changed
from octobot.sandbox.changes.refs import announce_head, close_pull, commit_on, store_head
from octobot.sandbox.changes.timeline import happened
from octobot.sandbox.git.draft import Draft
from octobot.sandbox.http.call import Refusal, invalid
from octobot.sandbox.state.hub import Hub
from octobot.sandbox.state.nouns import Account, Issue, Pull, RepositoryState, Review
from octobot.sandbox.views.pulls import issue_half, signed_by, web_flow


@dataclass(frozen=True, slots=True)
class Opening:
    """The options of a new pull request."""

    title: str
    body: str | None
    head: str
    """`branch` or `owner:branch`."""
    base: str
    draft: bool = False


async def open_pull(hub: Hub, repo: RepositoryState, wanted: Opening, by: Account) -> Pull:
    """Open a pull request; 422 when there is nothing to open."""
    head_repo, branch = _head_of(hub, repo, wanted.head)
    base = await hub.git(repo).ref(f"refs/heads/{wanted.base}")
    head = await hub.git(head_repo).ref(f"refs/heads/{branch}")
    if base is None:
        raise invalid("PullRequest", "base", "invalid")
    if head is None:
        raise invalid("PullRequest", "head", "invalid")
    _refuse_second(hub, repo, (head_repo.id, branch, wanted.base))
    number, now = hub.state.next_number(repo.id), hub.state.now()
    pull = Pull(
        id=hub.state.next_id(),
        repo=repo.id,
        number=number,
        head_repo=head_repo.id,
        head_ref=branch,
        head_sha=head,
        base_ref=wanted.base,
        base_sha=base,
        draft=wanted.draft,
    )
    await store_head(hub, pull, head)
    if not await hub.git(repo).between(base, head):
        raise _refused(f"No commits between {wanted.base} and {branch}")
    issue = Issue(
        hub.state.next_id(),
        repo.id,
        number,
        wanted.title,
        wanted.body,
        by.id,
        now,
        now,
        is_pull=True,
    )
    hub.state.issues.put(issue)
    hub.state.pulls.put(pull)
    await pull_changed(hub, repo, pull, "opened", by)
    announce_head(hub, pull)
    return pull


def _refuse_second(hub: Hub, repo: RepositoryState, ends: tuple[int, str, str]) -> None:
    for pull, _ in hub.state.open_pulls(repo.id):
        if (pull.head_repo, pull.head_ref, pull.base_ref) == ends:
            label = f"{repo.full_name.partition('/')[0]}:{pull.head_ref}"
            raise _refused(f"A pull request already exists for {label}.")


def _refused(message: str) -> Refusal:
    error = {"resource": "PullRequest", "code": "custom", "message": message}
    return Refusal(422, "Validation Failed", errors=[error])


def _head_of(hub: Hub, repo: RepositoryState, head: str) -> tuple[RepositoryState, str]:
    owner, colon, branch = head.rpartition(":")
    if not colon or owner.lower() == repo.full_name.partition("/")[0].lower():
        return repo, branch
    for one in hub.state.repositories:
        if one.fork_of == repo.id and one.full_name.lower().startswith(f"{owner.lower()}/"):
            return one, branch
    raise invalid("PullRequest", "head", "invalid")


async def edit(hub: Hub, repo: RepositoryState, pull: Pull, changed: Issue, by: Account) -> Pull:
    """Store a new title, body or state, and send events for what changed."""
    before, now = issue_half(hub, pull), hub.state.now()
    changes = {
        name: {"from": getattr(before, name) or ""}
        for name in ("title", "body")
        if getattr(before, name) != getattr(changed, name)
    }
    if changes:
        text = _edited(replace(before, title=changed.title, updated_at=now), changed.body, by)
        hub.state.issues.put(text)
        await pull_changed(hub, repo, pull, "edited", by, changes=changes)
    if changed.state == before.state:
        return pull
    if changed.state == "closed":
        return await close_pull(hub, pull, by, merge_commit=None)
    return await _reopen(hub, repo, pull, by)


def _edited(one: Issue, body: str | None, by: Account) -> Issue:
    """Return a pull request's half with this text."""
    if (one.body or "") == (body or ""):
        return one
    return replace(one, body=body, edited_at=one.updated_at, editor=by.id)


async def _reopen(hub: Hub, repo: RepositoryState, pull: Pull, by: Account) -> Pull:
    head = await hub.git(hub.state.repositories[pull.head_repo]).ref(f"refs/heads/{pull.head_ref}")
    if pull.merged_at is not None or head is None:
        raise invalid("PullRequest", "state", "invalid", "state cannot be changed.")
    one = issue_half(hub, pull)
    hub.state.issues.put(
        replace(one, state="open", closed_at=None, closed_by=None, updated_at=hub.state.now())
    )
    if head != pull.head_sha:
        await store_head(hub, pull, head)
        pull = hub.state.pulls.put(replace(pull, head_sha=head))
    happened(hub, pull, "ReopenedEvent", by)
    await pull_changed(hub, repo, pull, "reopened", by)
    announce_head(hub, pull)
    return pull


async def rebase_onto(hub: Hub, repo: RepositoryState, pull: Pull, base: str, by: Account) -> Pull:
    """Point a pull request at another base branch."""
    tip = await hub.git(repo).ref(f"refs/heads/{base}")
    if tip is None:
        raise invalid("PullRequest", "base", "invalid")
    changes = {"base": {"ref": {"from": pull.base_ref}, "sha": {"from": pull.base_sha}}}
    pull = hub.state.pulls.put(replace(pull, base_ref=base, base_sha=tip))
    await pull_changed(hub, repo, pull, "edited", by, changes=changes)
    return pull


async def update_branch(
    hub: Hub, repo: RepositoryState, pull: Pull, expected: str | None, by: Account
) -> None:
    """Merge the base into the head branch, as the button on GitHub does."""
    if expected is not None and expected != pull.head_sha:
        raise Refusal(422, "expected_head_sha does not match the head of the pull request.")
    git = hub.git(repo)
    base = await git.ref(f"refs/heads/{pull.base_ref}")
    if base is None or await git.is_ancestor(base, pull.head_sha):
        raise Refusal(422, "There are no new commits on the base branch.")
    tree = await git.merge_tree(pull.head_sha, base)
    if tree is None:
        raise Refusal(422, "merge conflict between base and head")
    message = f"Merge branch '{pull.base_ref}' into {pull.head_ref}\n"
    parents = (pull.head_sha, base)
    draft = Draft(message, signed_by(by, hub), web_flow(hub), parents, tree)
    await commit_on(hub, hub.state.repositories[pull.head_repo], pull.head_ref, draft, by)


async def submit_review(
    hub: Hub, repo: RepositoryState, pull: Pull, review: Review, by: Account
) -> Review:
    """Store a review and send an event."""
    if review.state == "APPROVED" and issue_half(hub, pull).author == by.id:
        raise Refusal(422, "Can not approve your own pull request")
    hub.state.reviews.put(review)
    hub.state.issues.put(replace(issue_half(hub, pull), updated_at=hub.state.now()))
    await review_changed(hub, repo, pull, review, by)
    return review


async def edit_review(
    hub: Hub, repo: RepositoryState, pull: Pull, review: Review, body: str, by: Account
) -> Review:
    """Replace a review's text, which leaves its state alone, and announce it."""
    changes = {"changes": {"body": {"from": review.body}}}
    now = hub.state.now()
    review = hub.state.reviews.put(replace(review, body=body, edited_at=now, editor=by.id))
    hub.state.issues.put(replace(issue_half(hub, pull), updated_at=now))
    await review_changed(hub, repo, pull, review, by, "edited", **changes)
    return review


async def dismiss_review(
    hub: Hub, repo: RepositoryState, pull: Pull, review: Review, by: Account
) -> Review:
    """Dismiss an approval or a request for changes; other reviews cannot be dismissed."""
    if review.state not in ("APPROVED", "CHANGES_REQUESTED"):
        state = review.state.lower()
        raise Refusal(422, f"Can not dismiss a {state} pull request review")
    review = hub.state.reviews.put(replace(review, state="DISMISSED"))
    await review_changed(hub, repo, pull, review, by, "dismissed")
    return review


def new_review(hub: Hub, pull: Pull, by: Account, event: str, body: str) -> Review:
    """Return a review of the current head, from the `event` of GitHub's API."""
    number, now, sha = hub.state.next_id(), hub.state.now(), Sha(pull.head_sha)
    match event:
        case "APPROVE":
            return Review(number, pull.repo, pull.number, by.id, "APPROVED", body, sha, now)
        case "REQUEST_CHANGES":
            return Review(
                number, pull.repo, pull.number, by.id, "CHANGES_REQUESTED", body, sha, now
            )
        case "COMMENT":
            return Review(number, pull.repo, pull.number, by.id, "COMMENTED", body, sha, now)
        case _:
            raise invalid("PullRequestReview", "event", "invalid")


def close_issue(hub: Hub, repo: RepositoryState, changed: Issue, by: Account) -> Issue:
    """Store an edited issue, and send events when its text changed, it was opened or closed."""
    before = hub.state.issue(repo.id, changed.number)
    now = hub.state.now()
    changed = replace(changed, updated_at=now)
    if before is not None and before.body != changed.body:
        changed = hub.state.issues.put(replace(changed, edited_at=now, editor=by.id))
        changes = {"body": {"from": before.body or ""}}
        issue_changed(hub, repo, changed, "edited", by, changes=changes)
    if before is not None and before.state != changed.state:
        closing = changed.state == "closed"
        changed = replace(
            changed, closed_at=now if closing else None, closed_by=by.id if closing else None
        )
        hub.state.issues.put(changed)
        issue_changed(hub, repo, changed, "closed" if closing else "reopened", by)
    return hub.state.issues.put(changed)
