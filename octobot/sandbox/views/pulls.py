"""How a pull request looks, and the questions to git behind that: its commits, changes, merge."""

from dataclasses import dataclass

from octobot.model.ids import Sha
from octobot.sandbox.git.draft import Draft, Identity
from octobot.sandbox.git.objects import Change
from octobot.sandbox.http.fields import Json
from octobot.sandbox.state.hub import Hub
from octobot.sandbox.state.nouns import Account, Issue, Pull, RepositoryState
from octobot.sandbox.views import issues as views_issues
from octobot.sandbox.views import views
from octobot.sandbox.views.git import WEB_FLOW
from octobot.sandbox.views.required import OUT_OF_DATE, unmet

_UNUSED: Json = {
    "locked": False,
    "active_lock_reason": None,
    "assignee": None,
    "assignees": [],
    "requested_reviewers": [],
    "requested_teams": [],
    "milestone": None,
    "auto_merge": None,
}
"""Fields of a pull request that the sandbox does not use."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What a pull request consists of."""

    commits: tuple[Sha, ...]
    """Oldest first."""
    base: Sha
    """Where it left the base branch."""
    changes: tuple[Change, ...]


def signed_by(account: Account, hub: Hub) -> Identity:
    """Return the name and address under which GitHub commits for an account, now."""
    email = f"{account.id}+{account.login}@users.noreply.github.com"
    return Identity(account.login, email, hub.state.now())


def web_flow(hub: Hub) -> Identity:
    """Return GitHub's own committer identity, now."""
    return Identity("GitHub", WEB_FLOW, hub.state.now())


async def shape(hub: Hub, repo: RepositoryState, pull: Pull) -> Shape:
    """Work out commits and changes; the answer never changes for one base and head."""
    key = ("shape", repo.id, pull.base_sha, pull.head_sha)
    known = hub.memo.get(key)
    if isinstance(known, Shape):
        return known
    git = hub.git(repo)
    base = await git.merge_base(pull.base_sha, pull.head_sha) or pull.base_sha
    commits = tuple(await git.between(pull.base_sha, pull.head_sha))
    found = Shape(commits, base, tuple(await git.diff(base, pull.head_sha)))
    hub.memo[key] = found
    return found


async def try_merge(hub: Hub, repo: RepositoryState, pull: Pull) -> Sha | None:
    """Try the merge with the base's tip; return the test merge commit, None on conflicts."""
    git = hub.git(repo)
    base = await git.ref(f"refs/heads/{pull.base_ref}")
    if base is None:
        return None
    key = ("merge", repo.id, base, pull.head_sha)
    if key not in hub.memo:
        tree = await git.merge_tree(base, pull.head_sha)
        made = None
        if tree is not None:
            message = f"Merge {pull.head_sha} into {base}\n"
            me = web_flow(hub)
            made = await git.commit(Draft(message, me, me, (base, pull.head_sha), tree))
        hub.memo[key] = made
    known = hub.memo["merge", pull.id] = hub.memo[key]
    return Sha(known) if isinstance(known, str) else None


async def mergeable(hub: Hub, repo: RepositoryState, pull: Pull) -> bool | None:
    """Return whether a pull request can be merged; None while GitHub computes it, or if closed."""
    base = await hub.git(repo).ref(f"refs/heads/{pull.base_ref}")
    if issue_half(hub, pull).state != "open" or base is None:
        return None
    if not hub.state.live.is_computed((pull.id, base, pull.head_sha), hub.state.now()):
        return None
    return await try_merge(hub, repo, pull) is not None


async def mergeable_state(
    hub: Hub, repo: RepositoryState, pull: Pull, *, can_merge: bool | None
) -> str:
    """Return GitHub's word for what an open pull request lacks before it can be merged."""
    if can_merge is None:
        return "unknown"
    if pull.draft:
        return "draft"
    if not can_merge:
        return "dirty"
    if said := await unmet(hub, repo, pull):
        return "behind" if said == [OUT_OF_DATE] else "blocked"
    runs = hub.state.runs_on(repo.id, pull.head_sha)
    statuses = hub.state.statuses_on(repo.id, pull.head_sha)
    fine = all(r.conclusion in ("success", "neutral", "skipped") for r in runs)
    return "clean" if fine and all(s.state == "success" for s in statuses) else "unstable"


def _end(hub: Hub, repo: RepositoryState, ref: str, sha: Sha) -> Json:
    owner = hub.state.who(repo.owner)
    return {
        "label": f"{owner.login}:{ref}",
        "ref": ref,
        "sha": sha,
        "user": views.account(hub, owner),
        "repo": views.full_repository(hub, repo),
    }


def _links(hub: Hub, repo: RepositoryState, pull: Pull) -> Json:
    url = hub.repo_url(repo)
    here, issue = f"{url}/pulls/{pull.number}", f"{url}/issues/{pull.number}"
    return {
        "self": here,
        "html": f"{hub.html_url(repo)}/pull/{pull.number}",
        "issue": issue,
        "comments": f"{issue}/comments",
        "review_comments": f"{here}/comments",
        "review_comment": f"{url}/pulls/comments{{/number}}",
        "commits": f"{here}/commits",
        "statuses": f"{url}/statuses/{pull.head_sha}",
    }


def _auto_merge(hub: Hub, pull: Pull) -> Json | None:
    deferred = pull.deferred
    if deferred is None or deferred.kind != "auto":
        return None
    return {
        "enabled_by": views.account(hub, hub.state.who(deferred.by)),
        "merge_method": deferred.method,
        "commit_title": deferred.title or "",
        "commit_message": deferred.message or "",
    }


def issue_half(hub: Hub, pull: Pull) -> Issue:
    """Return the half that a pull request shares with issues."""
    found = hub.state.issue(pull.repo, pull.number)
    if found is None:
        raise LookupError(f"pull request {pull.number} has no issue half")
    return found


async def pull_view(hub: Hub, repo: RepositoryState, pull: Pull) -> Json:
    """Show a pull request as lists do."""
    one, links = issue_half(hub, pull), _links(hub, repo, pull)
    sha = pull.merge_commit
    if (
        one.state == "open"
    ):  # the latest known result: a list does not make GitHub try the merge again
        tried = hub.memo.get(("merge", pull.id))
        sha = Sha(tried) if isinstance(tried, str) else None
    return {
        "url": links["self"],
        "id": pull.id,
        "node_id": views.node_id("PR", pull.id),
        "html_url": links["html"],
        "diff_url": f"{links['html']}.diff",
        "patch_url": f"{links['html']}.patch",
        "issue_url": links["issue"],
        "number": pull.number,
        "state": one.state,
        "title": one.title,
        "user": views.account(hub, hub.state.who(one.author)),
        "body": one.body,
        "created_at": views.when(one.created_at),
        "updated_at": views.when(one.updated_at),
        "closed_at": views.when(one.closed_at),
        "merged_at": views.when(pull.merged_at),
        "merge_commit_sha": sha,
        "labels": views_issues.labels(hub, repo, one),
        **_UNUSED,
        "auto_merge": _auto_merge(hub, pull),
        "draft": pull.draft,
        "commits_url": links["commits"],
        "review_comments_url": links["review_comments"],
        "review_comment_url": links["review_comment"],
        "comments_url": links["comments"],
        "statuses_url": links["statuses"],
        "head": _end(hub, hub.state.repositories[pull.head_repo], pull.head_ref, pull.head_sha),
        "base": _end(hub, repo, pull.base_ref, pull.base_sha),
        "_links": {name: {"href": href} for name, href in links.items()},
        "author_association": views_issues.association(hub, repo, one.author),
    }


async def full_pull(hub: Hub, repo: RepositoryState, pull: Pull) -> Json:
    """Show a pull request on its own page."""
    can_merge = await mergeable(hub, repo, pull)
    shown, parts = await pull_view(hub, repo, pull), await shape(hub, repo, pull)
    comments = sum(c.number == pull.number for c in hub.state.comments.of(repo.id))
    by = hub.state.who(pull.merged_by) if pull.merged_by else None
    return {
        **shown,
        "merged": pull.merged_at is not None,
        "mergeable": can_merge,
        "rebaseable": can_merge,
        "mergeable_state": await mergeable_state(hub, repo, pull, can_merge=can_merge),
        "merged_by": views.account(hub, by) if by else None,
        "comments": comments,
        "review_comments": 0,
        "maintainer_can_modify": False,
        "commits": len(parts.commits),
        "additions": sum(c.added for c in parts.changes),
        "deletions": sum(c.removed for c in parts.changes),
        "changed_files": len(parts.changes),
    }
