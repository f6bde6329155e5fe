"""REST: comments on the lines of a pull request's changes, and the reactions to them."""

from functools import partial

from octobot.sandbox.changes.review_comments import (
    add_review_comment,
    delete_review_comment,
    edit_review_comment,
)
from octobot.sandbox.http.call import Answer, Call, Refusal, missing
from octobot.sandbox.rest.changed import changed_since
from octobot.sandbox.rest.issues import add_reaction, list_reactions
from octobot.sandbox.rest.pulls import the_pull
from octobot.sandbox.rest.route import listed, route
from octobot.sandbox.state.hub import Hub
from octobot.sandbox.state.nouns import ReviewComment
from octobot.sandbox.views.issues import review_comment

_CREATED = 201


def _comment(hub: Hub, call: Call) -> ReviewComment:
    found = hub.state.review_comments.get(call.number("comment_id"))
    if found is None or found.repo != call.repo.id:
        raise missing()
    return found


async def list_repository_comments(hub: Hub, call: Call) -> Answer:
    """List the review comments of all pull requests, optionally since a time."""
    found = changed_since(call, hub.state.review_comments.of(call.repo.id))
    return listed(hub, call, found, partial(review_comment, hub, call.repo))


async def list_comments(hub: Hub, call: Call) -> Answer:
    """List the review comments of a pull request, oldest first."""
    number = the_pull(hub, call).number
    found = [one for one in hub.state.review_comments.of(call.repo.id) if one.number == number]
    return listed(hub, call, found, partial(review_comment, hub, call.repo))


async def create_comment(hub: Hub, call: Call) -> Answer:
    """Comment on a file of a pull request's changes."""
    fields, by = call.fields, hub.state.who(call.actor.id)
    made = await add_review_comment(
        *(hub, call.repo, the_pull(hub, call)), fields.text("path"), fields.text("body"), by
    )
    return Answer(review_comment(hub, call.repo, made), _CREATED)


async def get_comment(hub: Hub, call: Call) -> Answer:
    """Show one review comment."""
    return Answer(review_comment(hub, call.repo, _comment(hub, call)))


def _may_change(hub: Hub, call: Call, one: ReviewComment) -> None:
    able = ("write", "maintain", "admin")
    foreign = call.actor.kind == "person" and call.actor.id != one.author
    if foreign and hub.state.role(call.repo, call.actor.id) not in able:
        raise Refusal(403, "Must have admin rights to Repository.")


async def patch_comment(hub: Hub, call: Call) -> Answer:
    """Replace a review comment's text; only its author may, or who can write."""
    one, by = _comment(hub, call), hub.state.who(call.actor.id)
    _may_change(hub, call, one)
    changed = await edit_review_comment(hub, call.repo, one, call.fields.text("body"), by)
    return Answer(review_comment(hub, call.repo, changed))


async def remove_comment(hub: Hub, call: Call) -> Answer:
    """Delete a review comment."""
    one = _comment(hub, call)
    _may_change(hub, call, one)
    await delete_review_comment(hub, call.repo, one, hub.state.who(call.actor.id))
    return Answer(status=204)


async def comment_reactions(hub: Hub, call: Call) -> Answer:
    """List the reactions to a review comment."""
    return list_reactions(hub, call, _comment(hub, call).id)


async def react_to_comment(hub: Hub, call: Call) -> Answer:
    """React to a review comment."""
    return add_reaction(hub, call, _comment(hub, call).id)


_PULLS = "/repos/{owner}/{repo}/pulls"
_COMMENT = f"{_PULLS}/comments/{{comment_id}}"
_READ, _WRITE = "pull_requests:read", "pull_requests:write"
ROUTES = (
    route(f"GET {_PULLS}/comments", list_repository_comments, _READ),
    route(f"GET {_PULLS}/{{pull_number}}/comments", list_comments, _READ),
    route(f"POST {_PULLS}/{{pull_number}}/comments", create_comment, _WRITE),
    route(f"GET {_COMMENT}", get_comment, _READ),
    route(f"PATCH {_COMMENT}", patch_comment, _WRITE),
    route(f"DELETE {_COMMENT}", remove_comment, _WRITE),
    route(f"GET {_COMMENT}/reactions", comment_reactions, _READ),
    route(f"POST {_COMMENT}/reactions", react_to_comment, _WRITE),
)
