"""REST: issues, comments, labels and reactions."""

from dataclasses import replace
from functools import partial
from typing import Literal, cast

from octobot.sandbox.changes.issues import (
    add_comment,
    delete_comment,
    edit_comment,
    open_issue,
    put_labels,
    react,
)
from octobot.sandbox.changes.pulls import close_issue, edit
from octobot.sandbox.http.auth import Need, admit
from octobot.sandbox.http.call import Answer, Call, Page, Refusal, invalid, missing
from octobot.sandbox.rest.changed import changed_since, since
from octobot.sandbox.rest.pulls import may_edit
from octobot.sandbox.rest.route import listed, route
from octobot.sandbox.state.hub import Hub
from octobot.sandbox.state.nouns import Comment, Issue, Label, Level
from octobot.sandbox.views import views
from octobot.sandbox.views.issues import REACTIONS, comment, issue, reaction

_CREATED = 201


def _issue(hub: Hub, call: Call, level: Level = "read") -> Issue:
    found = hub.state.issue(call.repo.id, call.number("issue_number"))
    if found is None:
        raise missing()
    # The route let pass who holds either permission; GitHub asks for the one of the kind.
    need: Need = ("pull_requests" if found.is_pull else "issues", level)
    either: tuple[Need, ...] = (("issues", level), need) if found.is_pull else (need,)
    admit(hub.state, call.actor, call.repo, either)
    if not found.is_pull:
        _require_issues(call)
    return found


def _require_issues(call: Call) -> None:
    """Refuse issues where they are switched off; pull requests are not concerned."""
    if not call.repo.has_issues:
        raise Refusal(410, "Issues are disabled for this repo")


def _comment(hub: Hub, call: Call) -> Comment:
    found = hub.state.comments.get(call.number("comment_id"))
    if found is None or found.repo != call.repo.id:
        raise missing()
    return found


async def list_issues(hub: Hub, call: Call) -> Answer:
    """List issues and pull requests by state, creator, labels and change, newest first."""
    state, labels = call.query.get("state", "open"), call.query.get("labels", "")
    wanted = {name for name in labels.split(",") if name}
    creator = call.query.get("creator", "").lower()
    found = [
        one
        for one in hub.state.issues.of(call.repo.id)
        if state in ("all", one.state)
        and (one.is_pull or call.repo.has_issues)
        and wanted <= set(one.labels)
        and creator in ("", hub.state.who(one.author).login.lower())
        and one.updated_at >= since(call)
    ]
    by_change = call.query.get("sort") == "updated"
    found.sort(key=lambda one: (one.updated_at if by_change else one.created_at, one.number))
    found.reverse()
    if call.query.get("direction") == "asc":
        found.reverse()
    return listed(hub, call, found, partial(issue, hub, call.repo))


async def create_issue(hub: Hub, call: Call) -> Answer:
    """Open an issue."""
    _require_issues(call)
    fields, by = call.fields, hub.state.who(call.actor.id)
    made = open_issue(hub, call.repo, fields.text("title"), fields.maybe("body"), by)
    if labels := fields.texts("labels"):
        made = put_labels(hub, call.repo, made, labels, by)
    return Answer(issue(hub, call.repo, made), _CREATED)


async def get_issue(hub: Hub, call: Call) -> Answer:
    """Show an issue, or a pull request as one."""
    return Answer(issue(hub, call.repo, _issue(hub, call)))


async def patch_issue(hub: Hub, call: Call) -> Answer:
    """Edit title, body, state or labels."""
    fields, one, by = call.fields, _issue(hub, call, "write"), hub.state.who(call.actor.id)
    may_edit(hub, call, one)
    state = fields.text("state", one.state)
    if state not in ("open", "closed"):
        raise invalid("Issue", "state", "invalid")
    reason = "completed" if state == "closed" else None
    body = fields.maybe("body") if "body" in fields else one.body
    changed = replace(
        one,
        title=fields.text("title", one.title),
        body=body,
        state=cast('Literal["open", "closed"]', state),
        state_reason=fields.maybe("state_reason") or reason,
    )
    pull = hub.state.pull(call.repo.id, one.number)
    if pull is not None:
        await edit(hub, call.repo, pull, changed, by)
    else:
        close_issue(hub, call.repo, changed, by)
    if "labels" in fields:
        put_labels(hub, call.repo, _issue(hub, call), fields.texts("labels"), by)
    return Answer(issue(hub, call.repo, _issue(hub, call)))


async def list_comments(hub: Hub, call: Call) -> Answer:
    """List the comments under an issue, oldest first."""
    number = _issue(hub, call).number
    found = [one for one in hub.state.comments.of(call.repo.id) if one.number == number]
    return listed(hub, call, found, partial(comment, hub, call.repo))


async def list_repository_comments(hub: Hub, call: Call) -> Answer:
    """List the comments of all issues and pull requests, optionally since a time."""
    found = changed_since(call, hub.state.comments.of(call.repo.id))
    return listed(hub, call, found, partial(comment, hub, call.repo))


def _text(call: Call) -> str:
    body = call.fields.text("body")
    if not body.strip():
        raise invalid("IssueComment", "body", "custom", "body cannot be blank")
    if len(body) > 65536:  # noqa: PLR2004  (GitHub's limit, in characters)
        raise invalid("IssueComment", "body", "custom", "body is too long (maximum is 65536)")
    return body


async def create_comment(hub: Hub, call: Call) -> Answer:
    """Comment on an issue or pull request."""
    about, by = _issue(hub, call, "write"), hub.state.who(call.actor.id)
    made = add_comment(hub, call.repo, about, _text(call), by, call.actor.app)
    return Answer(comment(hub, call.repo, made), _CREATED)


async def get_comment(hub: Hub, call: Call) -> Answer:
    """Show one comment."""
    return Answer(comment(hub, call.repo, _comment(hub, call)))


async def patch_comment(hub: Hub, call: Call) -> Answer:
    """Replace a comment's text; only its author may, or who can write to the repository."""
    one, by = _comment(hub, call), hub.state.who(call.actor.id)
    _may_change(hub, call, one)
    return Answer(comment(hub, call.repo, edit_comment(hub, call.repo, one, _text(call), by)))


async def remove_comment(hub: Hub, call: Call) -> Answer:
    """Delete a comment."""
    one = _comment(hub, call)
    _may_change(hub, call, one)
    delete_comment(hub, call.repo, one, hub.state.who(call.actor.id))
    return Answer(status=204)


def _may_change(hub: Hub, call: Call, one: Comment) -> None:
    able = ("write", "maintain", "admin")
    actor = call.actor
    foreign = actor.kind == "person" and actor.id != one.author
    if foreign and hub.state.role(call.repo, actor.id) not in able:
        raise Refusal(403, "Must have admin rights to Repository.")


async def list_labels(hub: Hub, call: Call) -> Answer:
    """List the repository's labels."""
    found = hub.state.labels.of(call.repo.id)
    return listed(hub, call, found, partial(views.label, hub, call.repo))


async def create_label(hub: Hub, call: Call) -> Answer:
    """Create a label."""
    fields = call.fields
    name = fields.text("name")
    if any(one.name.lower() == name.lower() for one in hub.state.labels.of(call.repo.id)):
        raise invalid("Label", "name", "already_exists")
    color, text = fields.text("color", "ededed"), fields.maybe("description")
    made = hub.state.labels.put(Label(hub.state.next_id(), call.repo.id, name, color, text))
    return Answer(views.label(hub, call.repo, made), _CREATED)


def _labels(hub: Hub, call: Call, one: Issue) -> Answer:
    shown = issue(hub, call.repo, one)["labels"]
    return Answer(shown)


def _relabel(hub: Hub, call: Call, one: Issue, names: tuple[str, ...]) -> Answer:
    by = hub.state.who(call.actor.id)
    return _labels(hub, call, put_labels(hub, call.repo, one, names, by))


async def issue_labels(hub: Hub, call: Call) -> Answer:
    """List an issue's labels."""
    return _labels(hub, call, _issue(hub, call))


async def add_labels(hub: Hub, call: Call) -> Answer:
    """Put labels on an issue."""
    one = _issue(hub, call, "write")
    names = (*one.labels, *call.fields.texts("labels"))
    return _relabel(hub, call, one, names)


async def set_labels(hub: Hub, call: Call) -> Answer:
    """Replace an issue's labels."""
    one = _issue(hub, call, "write")
    return _relabel(hub, call, one, call.fields.texts("labels"))


async def remove_label(hub: Hub, call: Call) -> Answer:
    """Take a label off an issue."""
    one = _issue(hub, call, "write")
    if call.parameters["name"] not in one.labels:
        raise Refusal(404, "Label does not exist")
    names = tuple(name for name in one.labels if name != call.parameters["name"])
    return _relabel(hub, call, one, names)


def list_reactions(hub: Hub, call: Call, subject: int) -> Answer:
    """List the reactions to something."""
    kind = call.query.get("content")
    found = [
        one
        for one in hub.state.reactions.of(call.repo.id)
        if one.subject == subject and kind in (None, one.content)
    ]
    page = Page.of(call, len(found))
    return Answer(
        [reaction(hub, one) for one in page.cut(found)], headers=page.links(hub.api, call)
    )


def add_reaction(hub: Hub, call: Call, subject: int) -> Answer:
    """React to something."""
    content = call.fields.text("content")
    if content not in REACTIONS:
        raise invalid("Reaction", "content", "invalid")
    made, new = react(hub, call.repo, subject, content, hub.state.who(call.actor.id))
    return Answer(reaction(hub, made), _CREATED if new else 200)


async def issue_reactions(hub: Hub, call: Call) -> Answer:
    """List the reactions to an issue."""
    return list_reactions(hub, call, _issue(hub, call).id)


async def react_to_issue(hub: Hub, call: Call) -> Answer:
    """React to an issue."""
    return add_reaction(hub, call, _issue(hub, call, "write").id)


async def comment_reactions(hub: Hub, call: Call) -> Answer:
    """List the reactions to a comment."""
    return list_reactions(hub, call, _comment(hub, call).id)


async def react_to_comment(hub: Hub, call: Call) -> Answer:
    """React to a comment."""
    return add_reaction(hub, call, _comment(hub, call).id)


_REPO = "/repos/{owner}/{repo}"
_ISSUE = f"{_REPO}/issues/{{issue_number}}"
_COMMENT = f"{_REPO}/issues/comments/{{comment_id}}"
_READ = "issues:read|pull_requests:read"
_WRITE = "issues:write|pull_requests:write"
ROUTES = (
    route(f"GET {_REPO}/issues", list_issues, "issues:read"),
    route(f"POST {_REPO}/issues", create_issue, "issues:write"),
    route(f"GET {_REPO}/issues/comments", list_repository_comments, _READ),
    route(f"GET {_ISSUE}", get_issue, _READ),
    route(f"PATCH {_ISSUE}", patch_issue, _WRITE),
    route(f"GET {_ISSUE}/comments", list_comments, _READ),
    route(f"POST {_ISSUE}/comments", create_comment, _WRITE),
    route(f"GET {_COMMENT}", get_comment, _READ),
    route(f"PATCH {_COMMENT}", patch_comment, _WRITE),
    route(f"DELETE {_COMMENT}", remove_comment, _WRITE),
    route(f"GET {_REPO}/labels", list_labels, _READ),
    route(f"POST {_REPO}/labels", create_label, _WRITE),
    route(f"GET {_ISSUE}/labels", issue_labels, _READ),
    route(f"POST {_ISSUE}/labels", add_labels, _WRITE),
    route(f"PUT {_ISSUE}/labels", set_labels, _WRITE),
    route(f"DELETE {_ISSUE}/labels/{{name}}", remove_label, _WRITE),
    route(f"GET {_ISSUE}/reactions", issue_reactions, _READ),
    route(f"POST {_ISSUE}/reactions", react_to_issue, _WRITE),
    route(f"GET {_COMMENT}/reactions", comment_reactions, _READ),
    route(f"POST {_COMMENT}/reactions", react_to_comment, _WRITE),
)
