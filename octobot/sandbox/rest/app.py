"""REST: the App itself, its installations and tokens, its deliveries, users and limits."""

import json
import secrets
from collections.abc import Mapping
from datetime import timedelta
from functools import partial

from octobot.sandbox.changes.bootstrap import HOOK_FILE, keep_secret
from octobot.sandbox.http.call import Answer, Call, Page, Refusal, missing
from octobot.sandbox.http.fields import Fields, Json
from octobot.sandbox.rest.route import listed, route
from octobot.sandbox.state.hub import Hub
from octobot.sandbox.state.nouns import Level
from octobot.sandbox.state.nouns_app import (
    TOKEN_LIFE,
    DeliveryState,
    InstallationState,
    Token,
)
from octobot.sandbox.views import views

DELIVERIES_LAST = timedelta(days=3)
"""How long deliveries are listed and can be redelivered."""
_ACCEPTED = 202
_CREATED = 201
_MOST_REPOSITORIES = 500


async def get_app(hub: Hub, _: Call) -> Answer:
    """Show the App to itself."""
    mine = hub.state.installations.of(hub.app.id)
    return Answer({**views.app(hub, hub.app), "installations_count": len(mine)})


async def list_installations(hub: Hub, call: Call) -> Answer:
    """List where the App is installed."""
    mine = hub.state.installations.of(hub.app.id)
    return listed(hub, call, mine, partial(views.installation, hub))


def _installation(hub: Hub, call: Call) -> InstallationState:
    found = hub.state.installations.get(call.number("installation_id"))
    if found is None or found.app != hub.app.id:
        raise missing()
    return found


async def get_installation(hub: Hub, call: Call) -> Answer:
    """Show one installation."""
    return Answer(views.installation(hub, _installation(hub, call)))


async def repository_installation(hub: Hub, call: Call) -> Answer:
    """Show the installation that covers a repository."""
    found = hub.state.installation_of(hub.app.id, call.repo)
    if found is None:
        raise missing()
    return Answer(views.installation(hub, found))


async def create_token(hub: Hub, call: Call) -> Answer:
    """Mint an installation token, as narrow as asked for and never wider than granted."""
    one = _installation(hub, call)
    if one.suspended_at is not None:
        raise Refusal(403, "This installation has been suspended")
    fields = call.fields
    permissions = _narrowed(one, fields)
    repositories = _chosen(hub, one, fields)
    expires = hub.state.now() + TOKEN_LIFE
    token = hub.state.add_token(
        Token(
            id=hub.state.next_id(),
            secret=f"ghs_{secrets.token_hex(18)}",
            account=hub.state.apps[one.app].bot,
            installation=one.id,
            permissions=tuple(permissions.items()),
            repositories=repositories,
            expires_at=expires,
        )
    )
    body: Json = {
        "token": token.secret,
        "expires_at": views.when(expires),
        "permissions": dict(permissions),
        "repository_selection": "selected",
    }
    if fields.has("repositories") or fields.has("repository_ids"):
        known = (hub.state.repositories[number] for number in repositories)
        body["repositories"] = [views.full_repository(hub, repo) for repo in known]
    return Answer(body, _CREATED)


def _narrowed(one: InstallationState, fields: Fields) -> Mapping[str, Level]:
    granted = dict(one.permissions)
    asked = fields.inner("permissions").values
    if not asked:
        return granted
    chosen: dict[str, Level] = {}
    for name, level in asked.items():
        if name not in granted or level not in ("read", "write"):
            raise _too_much()
        if level == "write" and granted[name] != "write":
            raise _too_much()
        chosen[name] = "write" if level == "write" else "read"
    return {"metadata": "read", **chosen}


def _too_much() -> Refusal:
    return Refusal(422, "The permissions requested are not granted to this installation.")


def _chosen(hub: Hub, one: InstallationState, fields: Fields) -> tuple[int, ...]:
    names, numbers = fields.texts("repositories"), fields.numbers("repository_ids")
    if not names and not numbers:
        return one.repositories
    by_name = {hub.state.repositories[n].name.lower(): n for n in one.repositories}
    wanted = {*numbers, *(by_name.get(name.lower(), 0) for name in names)}
    if len(wanted) > _MOST_REPOSITORIES or not wanted <= set(one.repositories):
        raise Refusal(
            422,
            "There is at least one repository that does not exist or is not accessible to the "
            "parent installation.",
        )
    return tuple(sorted(wanted))


async def list_accessible(hub: Hub, call: Call) -> Answer:
    """List what an installation token reaches."""
    mine = [hub.state.repositories[n] for n in sorted(call.actor.repositories)]
    return listed(
        hub,
        call,
        mine,
        partial(views.repository, hub),
        under="repositories",
        repository_selection="selected",
    )


def _delivery_item(one: DeliveryState) -> Json:
    code = one.status_code
    ok = 200 <= code < 300  # noqa: PLR2004  (HTTP's own bounds)
    return {
        "id": one.id,
        "guid": one.guid,
        "delivered_at": views.when(one.delivered_at),
        "redelivery": one.redelivery,
        "duration": one.duration,
        "status": "OK" if ok else "pending" if code == 0 else "Invalid HTTP Response",
        "status_code": code,
        "event": one.event,
        "action": one.action,
        "installation_id": one.installation,
        "repository_id": one.repository,
        "throttled_at": None,
    }


async def list_deliveries(hub: Hub, call: Call) -> Answer:
    """List deliveries, newest first; the cursor is the id of the last one seen."""
    every = sorted(_recent(hub), key=lambda one: -one.id)
    cursor = call.query.get("cursor", "")
    if cursor.isdigit():
        every = [one for one in every if one.id < int(cursor)]
    size = Page.of(call, len(every)).size
    headers = {}
    if len(every) > size:
        url = f"{hub.api}{call.path}?per_page={size}&cursor={every[size - 1].id}"
        headers["Link"] = f'<{url}>; rel="next"'
    return Answer([_delivery_item(one) for one in every[:size]], headers=headers)


def _delivery(hub: Hub, call: Call) -> DeliveryState:
    found = hub.state.deliveries.get(call.number("delivery_id"))
    if found is None or found not in _recent(hub):
        raise missing()
    return found


def _recent(hub: Hub) -> list[DeliveryState]:
    since = hub.state.now() - DELIVERIES_LAST
    return [one for one in hub.state.deliveries if one.delivered_at > since]


async def get_delivery(hub: Hub, call: Call) -> Answer:
    """Show one delivery with what was sent and answered."""
    one = _delivery(hub, call)
    payload: object = json.loads(one.body)
    return Answer(
        {
            **_delivery_item(one),
            "url": hub.outbox.url or "",
            "request": {"headers": hub.outbox.headers(one), "payload": payload},
            "response": {"headers": {}, "payload": one.answer},
        }
    )


async def redeliver(hub: Hub, call: Call) -> Answer:
    """Redeliver, under the same GUID."""
    hub.outbox.redeliver(_delivery(hub, call))
    return Answer({}, _ACCEPTED)


async def get_hook(hub: Hub, _: Call) -> Answer:
    """Show where deliveries go; the secret stays hidden."""
    shown = {"content_type": "json", "insecure_ssl": "0", "secret": "********"}
    return Answer({**shown, "url": hub.outbox.url} if hub.outbox.url else shown)


async def patch_hook(hub: Hub, call: Call) -> Answer:
    """Send deliveries elsewhere, or sign them with another secret."""
    fields = call.fields
    hub.outbox.url = fields.maybe("url") or hub.outbox.url
    if fields.has("secret"):
        hub.outbox.secret = keep_secret(hub.home / HOOK_FILE, fields.text("secret"))
    return await get_hook(hub, call)


async def get_app_by_slug(hub: Hub, call: Call) -> Answer:
    """Show an App to anybody; GitHub Actions has another number on each server."""
    slug = call.parameters["app_slug"]
    wanted = hub.state.live.actions_app if slug == "github-actions" else None
    for one in hub.state.apps:
        if one.id == wanted or (wanted is None and one.slug == slug):
            return Answer(views.app(hub, one))
    raise missing()


async def get_user(hub: Hub, call: Call) -> Answer:
    """Show an account's public profile; a bot's login ends in `[bot]`."""
    found = hub.state.account(call.parameters["username"])
    if found is None:
        raise missing()
    return Answer(views.full_account(hub, found))


ROUTES = (
    route("GET /app", get_app, audience="app"),
    route("GET /app/installations", list_installations, audience="app"),
    route("GET /app/installations/{installation_id}", get_installation, audience="app"),
    route("POST /app/installations/{installation_id}/access_tokens", create_token, audience="app"),
    route("GET /repos/{owner}/{repo}/installation", repository_installation, audience="app"),
    route("GET /installation/repositories", list_accessible, audience="installation"),
    route("GET /app/hook/config", get_hook, audience="app"),
    route("PATCH /app/hook/config", patch_hook, audience="app"),
    route("GET /app/hook/deliveries", list_deliveries, audience="app"),
    route("GET /app/hook/deliveries/{delivery_id}", get_delivery, audience="app"),
    route("POST /app/hook/deliveries/{delivery_id}/attempts", redeliver, audience="app"),
    route("GET /apps/{app_slug}", get_app_by_slug, audience="anybody"),
    route("GET /users/{username}", get_user, audience="anybody"),
)
