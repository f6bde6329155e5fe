"""The REST door: from a call to its route, past credentials and permissions, to an answer."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

from octobot.sandbox.http.auth import Need, admit
from octobot.sandbox.http.call import Actor, Answer, Call, Refusal, missing
from octobot.sandbox.http.fields import BadField
from octobot.sandbox.rest import actions as rest_actions
from octobot.sandbox.rest import app as rest_app
from octobot.sandbox.rest import checks as rest_checks
from octobot.sandbox.rest import contents as rest_contents
from octobot.sandbox.rest import git as rest_git
from octobot.sandbox.rest import history as rest_history
from octobot.sandbox.rest import issues as rest_issues
from octobot.sandbox.rest import pulls as rest_pulls
from octobot.sandbox.rest import repos as rest_repos
from octobot.sandbox.rest import review_comments as rest_review_comments
from octobot.sandbox.rest.route import Route, specific_first
from octobot.sandbox.state.hub import Hub

Answering = Callable[[Call], Awaitable[Answer]]
Intercept = Callable[[Call, Answering], Awaitable[Answer]]
"""Called instead of answering directly: may answer itself, before or after the effect."""

ROUTES = specific_first(
    (
        *rest_actions.ROUTES,
        *rest_app.ROUTES,
        *rest_checks.ROUTES,
        *rest_contents.ROUTES,
        *rest_git.ROUTES,
        *rest_history.ROUTES,
        *rest_issues.ROUTES,
        *rest_review_comments.ROUTES,
        *rest_pulls.ROUTES,
        *rest_repos.ROUTES,
    )
)
"""Every operation the sandbox has, besides `GET /rate_limit`, which the server answers."""


def find(method: str, path: str) -> tuple[Route, dict[str, str]]:
    """Return the route of a call, and its parameters; 404 without one."""
    for one in ROUTES:
        parameters = one.match(path) if one.method == method else None
        if parameters is not None:
            return one, parameters
    raise missing()


async def answer(hub: Hub, call: Call) -> Answer:
    """Answer a call; refusals are answers too."""
    try:
        one, parameters = find("GET" if call.method == "HEAD" else call.method, call.path)
        call = replace(call, parameters=parameters)
        _check_audience(one, call.actor)
        if not one.template.startswith("/repos/"):
            return await one.handler(hub, call)
        call = _with_repository(hub, one, call)
        if one.method == "GET":
            return await one.handler(hub, call)
        # One write at a time: what a handler has read still holds when it acts.
        async with hub.lock(call.repo):
            return await one.handler(hub, call)
    except Refusal as refused:
        return refused.answer()
    except BadField as wrong:
        return Refusal(422, f"Invalid request.\n\n{wrong}").answer()


def _check_audience(one: Route, actor: Actor) -> None:
    match one.audience:
        case "app" if actor.kind != "app":
            raise Refusal(401, "A JSON web token could not be decoded")
        case "installation" if actor.kind != "installation":
            raise Refusal(403, "You must authenticate with an installation access token")
        case "repository" if actor.kind == "app":
            raise Refusal(401, "Requires authentication")
        case _:
            return


def _with_repository(hub: Hub, one: Route, call: Call) -> Call:
    name = f"{call.parameters['owner']}/{call.parameters['repo']}"
    repository = hub.state.repository(name)
    if repository is None:
        raise missing()
    needs: tuple[Need, ...] = one.needs
    if one.audience == "repository":
        admit(hub.state, call.actor, repository, needs)
    if repository.archived and one.method != "GET":
        raise Refusal(403, "Repository was archived so is read-only.")
    return replace(call, repository=repository)
