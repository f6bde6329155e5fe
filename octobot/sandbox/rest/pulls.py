"""REST: pull requests, their commits, files, reviews and merges."""

from dataclasses import replace
from functools import partial
from typing import Literal, cast

from octobot.model.pull_request import MergeMethod
from octobot.sandbox.changes.merge import Merging, merge
from octobot.sandbox.changes.pulls import (
    Opening,
    dismiss_review,
    edit,
    edit_review,
    new_review,
    open_pull,
    rebase_onto,
    submit_review,
    update_branch,
)
from octobot.sandbox.http.call import Answer, Call, Page, Refusal, invalid, missing
from octobot.sandbox.rest.route import listed, route
from octobot.sandbox.state.hub import Hub
from octobot.sandbox.state.nouns import Issue, Pull, Review
from octobot.sandbox.views.git import changed_file, commit
from octobot.sandbox.views.issues import review
from octobot.sandbox.views.pulls import full_pull, issue_half, pull_view, shape

_CREATED = 201
_ACCEPTED = 202


def the_pull(hub: Hub, call: Call) -> Pull:
    """Return the pull request that a call names."""
    found = hub.state.pull(call.repo.id, call.number("pull_number"))
    if found is None:
        raise missing()
    return found


def _chosen(hub: Hub, call: Call) -> list[tuple[Pull, Issue]]:
    query, state = call.query, call.query.get("state", "open")
    owner, _, branch = query.get("head", "").rpartition(":")
    found = []
    for pull in hub.state.pulls.of(call.repo.id):
        one = issue_half(hub, pull)
        head_owner = hub.state.repositories[pull.head_repo].full_name.partition("/")[0]
        # GitHub ignores a `head` without an owner: everything is listed then.
        of_head = not owner or (head_owner.lower(), pull.head_ref) == (owner.lower(), branch)
        of_base = query.get("base", pull.base_ref) == pull.base_ref
        if state in ("all", one.state) and of_head and of_base:
            found.append((pull, one))
    by_update = query.get("sort") == "updated"
    falling = query.get("direction", "asc" if query.get("sort") else "desc") == "desc"
    return sorted(
        found,
        key=lambda pair: (pair[1].updated_at if by_update else pair[1].created_at, pair[0].number),
        reverse=falling,
    )


async def list_pulls(hub: Hub, call: Call) -> Answer:
    """List pull requests by state, head and base."""
    found = _chosen(hub, call)
    page = Page.of(call, len(found))
    shown = [await pull_view(hub, call.repo, pull) for pull, _ in page.cut(found)]
    return Answer(shown, headers=page.links(hub.api, call))


async def create_pull(hub: Hub, call: Call) -> Answer:
    """Open a pull request."""
    fields = call.fields
    wanted = Opening(
        fields.text("title"),
        fields.maybe("body"),
        fields.text("head"),
        fields.text("base"),
        draft=fields.flag("draft"),
    )
    pull = await open_pull(hub, call.repo, wanted, hub.state.who(call.actor.id))
    return Answer(await full_pull(hub, call.repo, pull), _CREATED)


async def get_pull(hub: Hub, call: Call) -> Answer:
    """Show one pull request."""
    return Answer(await full_pull(hub, call.repo, the_pull(hub, call)))


async def patch_pull(hub: Hub, call: Call) -> Answer:
    """Edit title, body, state or base."""
    fields, pull, by = call.fields, the_pull(hub, call), hub.state.who(call.actor.id)
    one = issue_half(hub, pull)
    may_edit(hub, call, one)
    state = fields.text("state", one.state)
    if state not in ("open", "closed"):
        raise invalid("PullRequest", "state", "invalid")
    body = fields.maybe("body") if "body" in fields else one.body
    changed = replace(
        one,
        title=fields.text("title", one.title),
        body=body,
        state=cast('Literal["open", "closed"]', state),
    )
    if fields.has("base") and fields.text("base") != pull.base_ref:
        pull = await rebase_onto(hub, call.repo, pull, fields.text("base"), by)
    pull = await edit(hub, call.repo, pull, changed, by)
    return Answer(await full_pull(hub, call.repo, pull))


def may_edit(hub: Hub, call: Call, one: Issue) -> None:
    """Refuse a person who neither wrote it nor has a role in the repository."""
    actor = call.actor
    foreign = actor.kind == "person" and actor.id != one.author
    if foreign and hub.state.role(call.repo, actor.id) in ("none", "read"):
        raise Refusal(403, "Must have triage rights to Repository.")


async def list_commits(hub: Hub, call: Call) -> Answer:
    """List a pull request's commits, oldest first."""
    parts = await shape(hub, call.repo, the_pull(hub, call))
    page = Page.of(call, len(parts.commits))
    found = [await hub.git(call.repo).commit_of(sha) for sha in page.cut(parts.commits)]
    shown = [commit(hub, call.repo, one) for one in found if one is not None]
    return Answer(shown, headers=page.links(hub.api, call))


async def list_files(hub: Hub, call: Call) -> Answer:
    """List the files a pull request changes."""
    pull = the_pull(hub, call)
    parts, git = await shape(hub, call.repo, pull), hub.git(call.repo)
    page = Page.of(call, len(parts.changes))
    shown = [
        changed_file(
            *(hub, call.repo, change, pull.head_sha),
            await git.patch(parts.base, pull.head_sha, change.path),
        )
        for change in page.cut(parts.changes)
    ]
    return Answer(shown, headers=page.links(hub.api, call))


async def get_merge(hub: Hub, call: Call) -> Answer:
    """Answer whether it was merged: 204 or 404."""
    if the_pull(hub, call).merged_at is None:
        raise missing()
    return Answer(status=204)


async def put_merge(hub: Hub, call: Call) -> Answer:
    """Merge it."""
    fields, method = call.fields, call.fields.text("merge_method", "merge")
    if method not in ("merge", "squash", "rebase"):
        raise invalid("PullRequest", "merge_method", "invalid")
    wanted = Merging(
        cast("MergeMethod", method),
        fields.maybe("sha"),
        fields.maybe("commit_title"),
        fields.maybe("commit_message"),
        by_api=True,
    )
    by = hub.state.who(call.actor.id)
    sha = await merge(hub, call.repo, the_pull(hub, call), wanted, by)
    return Answer({"sha": sha, "merged": True, "message": "Pull Request successfully merged"})


async def put_update_branch(hub: Hub, call: Call) -> Answer:
    """Merge the base into the head branch."""
    expected, pull = call.fields.maybe("expected_head_sha"), the_pull(hub, call)
    await update_branch(hub, call.repo, pull, expected, hub.state.who(call.actor.id))
    url = f"{hub.repo_url(call.repo)}/pulls/{pull.number}"
    return Answer({"message": "Updating pull request branch.", "url": url}, _ACCEPTED)


async def list_reviews(hub: Hub, call: Call) -> Answer:
    """List reviews, oldest first."""
    number = the_pull(hub, call).number
    found = [one for one in hub.state.reviews.of(call.repo.id) if one.number == number]
    return listed(hub, call, found, partial(review, hub, call.repo))


async def create_review(hub: Hub, call: Call) -> Answer:
    """Write a review of the present head."""
    fields, pull, by = call.fields, the_pull(hub, call), hub.state.who(call.actor.id)
    one = new_review(hub, pull, by, fields.text("event", "COMMENT"), fields.text("body", ""))
    return Answer(review(hub, call.repo, await submit_review(hub, call.repo, pull, one, by)))


def _review(hub: Hub, call: Call) -> Review:
    found = hub.state.reviews.get(call.number("review_id"))
    if found is None or (found.repo, found.number) != (call.repo.id, the_pull(hub, call).number):
        raise missing()
    return found


async def get_review(hub: Hub, call: Call) -> Answer:
    """Show one review."""
    return Answer(review(hub, call.repo, _review(hub, call)))


async def put_review(hub: Hub, call: Call) -> Answer:
    """Replace a review's text; only its author may."""
    one, by = _review(hub, call), hub.state.who(call.actor.id)
    if one.author != by.id:
        raise Refusal(403, "You are not authorized to update this review.")
    changed = await edit_review(
        hub, call.repo, the_pull(hub, call), one, call.fields.text("body"), by
    )
    return Answer(review(hub, call.repo, changed))


async def put_dismissal(hub: Hub, call: Call) -> Answer:
    """Dismiss a review, with a reason that GitHub insists on."""
    one, by = _review(hub, call), hub.state.who(call.actor.id)
    call.fields.text("message")
    changed = await dismiss_review(hub, call.repo, the_pull(hub, call), one, by)
    return Answer(review(hub, call.repo, changed))


_PULL = "/repos/{owner}/{repo}/pulls/{pull_number}"
ROUTES = (
    route("GET /repos/{owner}/{repo}/pulls", list_pulls, "pull_requests:read"),
    route("POST /repos/{owner}/{repo}/pulls", create_pull, "pull_requests:write"),
    route(f"GET {_PULL}", get_pull, "pull_requests:read"),
    route(f"PATCH {_PULL}", patch_pull, "pull_requests:write"),
    route(f"GET {_PULL}/commits", list_commits, "pull_requests:read"),
    route(f"GET {_PULL}/files", list_files, "pull_requests:read"),
    route(f"GET {_PULL}/merge", get_merge, "pull_requests:read"),
    route(f"PUT {_PULL}/merge", put_merge, "contents:write"),
    route(f"PUT {_PULL}/update-branch", put_update_branch, "pull_requests:write"),
    route(f"GET {_PULL}/reviews", list_reviews, "pull_requests:read"),
    route(f"POST {_PULL}/reviews", create_review, "pull_requests:write"),
    route(f"GET {_PULL}/reviews/{{review_id}}", get_review, "pull_requests:read"),
    route(f"PUT {_PULL}/reviews/{{review_id}}", put_review, "pull_requests:write"),
    route(f"PUT {_PULL}/reviews/{{review_id}}/dismissals", put_dismissal, "pull_requests:write"),
)
