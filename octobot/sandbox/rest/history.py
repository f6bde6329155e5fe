"""REST: tags, commits and comparisons: what people look at in a history."""

from octobot.sandbox.http.call import Answer, Call, Page, Refusal, missing
from octobot.sandbox.rest.route import route
from octobot.sandbox.state.hub import Hub
from octobot.sandbox.views import git as views_git
from octobot.sandbox.views.views import node_id


async def list_tags(hub: Hub, call: Call) -> Answer:
    """List tags with the commits they stand for, highest name first."""
    git, url = hub.git(call.repo), hub.repo_url(call.repo)
    names = sorted(await git.refs("refs/tags/"), reverse=True)
    page = Page.of(call, len(names))
    shown = []
    for ref in page.cut(names):
        name, sha = ref.removeprefix("refs/tags/"), await git.resolve(ref)
        if sha is not None:
            shown.append(
                {
                    "name": name,
                    "commit": views_git.short_commit(hub, call.repo, sha),
                    "zipball_url": f"{url}/zipball/{ref}",
                    "tarball_url": f"{url}/tarball/{ref}",
                    "node_id": node_id("REF", f"{call.repo.id}:{ref}"),
                }
            )
    return Answer(shown, headers=page.links(hub.api, call))


async def list_commits(hub: Hub, call: Call) -> Answer:
    """List history backwards from a branch, of one path when asked."""
    git, query = hub.git(call.repo), call.query
    start = await git.resolve(query.get("sha") or f"refs/heads/{call.repo.default_branch}")
    if start is None and not await git.refs("refs/heads/"):
        raise Refusal(409, "Git Repository is empty.")
    if start is None:
        raise missing()
    page = Page.of(call, 0)
    every = await git.history(start, path=query.get("path"), limit=page.number * page.size + 1)
    page = Page(page.number, page.size, len(every))
    found = [await git.commit_of(sha) for sha in page.cut(every)]
    shown = [views_git.commit(hub, call.repo, one) for one in found if one]
    return Answer(shown, headers=page.links(hub.api, call))


async def show_commit(hub: Hub, call: Call) -> Answer:
    """Show a commit with the files it changes; just its id when asked for `.sha`."""
    git = hub.git(call.repo)
    found = await git.commit_of(call.parameters["ref"])
    if found is None:
        raise Refusal(422, f"No commit found for SHA: {call.parameters['ref']}")
    if "sha" in call.accept.partition("vnd.github.")[2]:
        return Answer(found.sha.encode(), content_type="application/vnd.github.sha")
    changes = await git.diff(found.parents[0], found.sha) if found.parents else []
    files = [
        views_git.changed_file(
            *(hub, call.repo, change, found.sha),
            await git.patch(found.parents[0], found.sha, change.path),
        )
        for change in changes
    ]
    added, removed = sum(c.added for c in changes), sum(c.removed for c in changes)
    stats = {"total": added + removed, "additions": added, "deletions": removed}
    body = views_git.commit(hub, call.repo, found)
    return Answer({**body, "stats": stats, "files": files})


_STATUS = {
    (False, False): "identical",
    (True, False): "ahead",
    (False, True): "behind",
    (True, True): "diverged",
}


async def compare(hub: Hub, call: Call) -> Answer:
    """Compare two commits, three dots: what the head has since it left the base."""
    git, url = hub.git(call.repo), hub.repo_url(call.repo)
    names = call.parameters["basehead"].split("...")
    ends = [await git.commit_of(name) for name in names]
    if len(ends) != 2 or ends[0] is None or ends[1] is None:  # noqa: PLR2004  (base...head)
        raise missing()
    base, head = ends[0], ends[1]
    fork = await git.commit_of(await git.merge_base(base.sha, head.sha) or "")
    if fork is None:
        raise missing()
    ahead, behind = await git.between(base.sha, head.sha), await git.between(head.sha, base.sha)
    page = Page.of(call, len(ahead))
    commits = [await git.commit_of(sha) for sha in page.cut(ahead)]
    changes = await git.diff(fork.sha, head.sha)
    files = [
        views_git.changed_file(
            *(hub, call.repo, change, head.sha), await git.patch(fork.sha, head.sha, change.path)
        )
        for change in changes
    ]
    status = _STATUS[bool(ahead), bool(behind)]
    html = f"{hub.html_url(call.repo)}/compare/{call.parameters['basehead']}"
    body = {
        "url": f"{url}/compare/{call.parameters['basehead']}",
        "html_url": html,
        "permalink_url": html,
        "diff_url": f"{html}.diff",
        "patch_url": f"{html}.patch",
        "base_commit": views_git.commit(hub, call.repo, base),
        "merge_base_commit": views_git.commit(hub, call.repo, fork),
        "status": status,
        "ahead_by": len(ahead),
        "behind_by": len(behind),
        "total_commits": len(ahead),
        "commits": [views_git.commit(hub, call.repo, one) for one in commits if one],
        "files": files,
    }
    return Answer(body, headers=page.links(hub.api, call))


_REPO = "/repos/{owner}/{repo}"
ROUTES = (
    route(f"GET {_REPO}/tags", list_tags),
    route(f"GET {_REPO}/commits", list_commits, "contents:read"),
    route(f"GET {_REPO}/commits/{{ref}}", show_commit, "contents:read"),
    route(f"GET {_REPO}/compare/{{basehead}}", compare, "contents:read"),
)
