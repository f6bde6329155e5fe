"""REST: repositories, branches and their protection, files, people's roles, releases."""

from functools import partial

from octobot.model.ids import Sha
from octobot.sandbox.changes.announce import RefChange
from octobot.sandbox.changes.issues import publish
from octobot.sandbox.changes.refs import move_ref
from octobot.sandbox.http.call import Answer, Call, Page, Refusal, invalid, missing
from octobot.sandbox.http.fields import Json
from octobot.sandbox.rest.route import listed, route
from octobot.sandbox.state.hub import Hub
from octobot.sandbox.state.nouns import Protection, ReleaseState
from octobot.sandbox.views import views
from octobot.sandbox.views.git import commit, short_commit
from octobot.sandbox.views.required import protections, rules_of

_CREATED = 201
UPGRADE = "Upgrade to GitHub Pro or make this repository public to enable this feature."


async def get_repository(hub: Hub, call: Call) -> Answer:
    """Show a repository."""
    return Answer(views.full_repository(hub, call.repo))


def _checks(hub: Hub, call: Call, rules: tuple[Protection, ...]) -> Json:
    pairs = [pair for rule in rules for pair in rule.required]
    url = f"{hub.repo_url(call.repo)}/branches/{call.parameters['branch']}/protection"
    return {
        "url": f"{url}/required_status_checks",
        "strict": any(rule.strict for rule in rules),
        "contexts": [name for name, _ in pairs],
        "contexts_url": f"{url}/required_status_checks/contexts",
        "checks": [{"context": name, "app_id": app} for name, app in pairs],
    }


def _guards(hub: Hub, call: Call, *, ruleset: bool) -> tuple[Protection, ...]:
    every = protections(hub, call.repo, call.parameters["branch"])
    return tuple(rule for rule in every if rule.ruleset == ruleset)


async def get_branch(hub: Hub, call: Call) -> Answer:
    """Show a branch, with the checks its protection asks for."""
    name, git = call.parameters["branch"], hub.git(call.repo)
    tip = await git.commit_of(f"refs/heads/{name}")
    if tip is None:
        raise Refusal(404, "Branch not found")
    rules, url = _guards(hub, call, ruleset=False), hub.repo_url(call.repo)
    required = _checks(hub, call, rules)
    protection: Json = {
        "enabled": bool(rules),
        "required_status_checks": {
            "enforcement_level": "everyone" if rules else "off",
            "contexts": required["contexts"],
            "checks": required["checks"],
        },
    }
    body: Json = {
        "name": name,
        "commit": commit(hub, call.repo, tip),
        "_links": {
            "self": f"{url}/branches/{name}",
            "html": f"{hub.html_url(call.repo)}/tree/{name}",
        },
        "protected": bool(rules),
        "protection": protection,
        "protection_url": f"{url}/branches/{name}/protection",
    }
    return Answer(body)


async def list_branches(hub: Hub, call: Call) -> Answer:
    """List branches."""
    heads = await hub.git(call.repo).refs("refs/heads/")
    names = [ref.removeprefix("refs/heads/") for ref in heads]
    page = Page.of(call, len(names))
    shown = [
        {
            "name": name,
            "commit": short_commit(hub, call.repo, heads[f"refs/heads/{name}"]),
            "protected": bool(protections(hub, call.repo, name)),
        }
        for name in page.cut(names)
    ]
    return Answer(shown, headers=page.links(hub.api, call))


async def get_protection(hub: Hub, call: Call) -> Answer:
    """Show branch protection, to administrators."""
    rules = _guards(hub, call, ruleset=False)
    if not rules:
        raise Refusal(404, "Branch not protected")
    url = f"{hub.repo_url(call.repo)}/branches/{call.parameters['branch']}/protection"
    off = {"enabled": False}
    body: Json = {
        "url": url,
        "enforce_admins": {"url": f"{url}/enforce_admins", "enabled": True},
        **dict.fromkeys(("required_linear_history", "allow_force_pushes", "allow_deletions"), off),
        "block_creations": off,
        "required_conversation_resolution": off,
        "lock_branch": off,
        "allow_fork_syncing": off,
    }
    if any(rule.required for rule in rules):
        body["required_status_checks"] = _checks(hub, call, rules)
    if reviews := max(rule.reviews for rule in rules):
        body["required_pull_request_reviews"] = {
            "url": f"{url}/required_pull_request_reviews",
            "dismiss_stale_reviews": False,
            "require_code_owner_reviews": False,
            "require_last_push_approval": False,
            "required_approving_review_count": reviews,
        }
    return Answer(body)


async def branch_rules(hub: Hub, call: Call) -> Answer:
    """List the rules that rulesets put on a branch."""
    if call.repo.private and hub.state.live.free_plan:
        raise Refusal(403, UPGRADE)
    guards = _guards(hub, call, ruleset=True)
    shown = [each for rule in guards for each in rules_of(call.repo, rule)]
    page = Page.of(call, len(shown))
    return Answer(list(page.cut(shown)), headers=page.links(hub.api, call))


async def tarball(hub: Hub, call: Call) -> Answer:
    """Redirect to the archive, at an address that needs no credential."""
    ref = call.parameters.get("ref") or f"refs/heads/{call.repo.default_branch}"
    if await hub.git(call.repo).resolve(ref) is None:
        raise missing()
    return Answer(status=302, headers={"Location": hub.signed(f"/codeload/{call.repo.id}/{ref}")})


async def permission(hub: Hub, call: Call) -> Answer:
    """Show a person's role, the only trustworthy answer to who may do what."""
    found = hub.state.account(call.parameters["username"])
    if found is None:
        raise missing()
    role = hub.state.role(call.repo, found.id)
    old = {"maintain": "write", "triage": "read"}.get(role, role)
    user = {**views.account(hub, found), "role_name": role}
    return Answer({"permission": old, "role_name": role, "user": user})


async def list_releases(hub: Hub, call: Call) -> Answer:
    """List releases, newest first; drafts only to those who can write."""
    state, repo = hub.state, call.repo.id
    found = state.all_releases(repo) if _writes(hub, call) else state.published_releases(repo)
    return listed(hub, call, found, partial(views.release, hub, call.repo))


def _writes(hub: Hub, call: Call) -> bool:
    match call.actor.kind:
        case "installation":
            return call.actor.permissions.get("contents") == "write"
        case "person":
            return hub.state.role(call.repo, call.actor.id) in ("write", "maintain", "admin")
        case _:
            return False


async def release_of_tag(hub: Hub, call: Call) -> Answer:
    """Show the published release of a tag."""
    for one in hub.state.published_releases(call.repo.id):
        if one.tag == call.parameters["tag"]:
            return Answer(views.release(hub, call.repo, one))
    raise missing()


async def latest_release(hub: Hub, call: Call) -> Answer:
    """Show the newest release that is neither draft nor prerelease."""
    found = hub.state.latest_release(call.repo.id)
    if found is None:
        raise missing()
    return Answer(views.release(hub, call.repo, found))


async def create_release(hub: Hub, call: Call) -> Answer:
    """Create a release, and its tag when it does not exist."""
    fields, git, by = call.fields, hub.git(call.repo), hub.state.who(call.actor.id)
    tag, draft = fields.text("tag_name"), fields.flag("draft")
    target = fields.text("target_commitish", call.repo.default_branch)
    ref = f"refs/tags/{tag}"
    if not draft and await git.ref(ref) is None:
        sha = await git.resolve(target)
        if sha is None:
            raise invalid("Release", "target_commitish", "invalid")
        await move_ref(hub, call.repo, RefChange(ref, None, Sha(sha)), by)
    now = hub.state.now()
    made = ReleaseState(
        id=hub.state.next_id(),
        repo=call.repo.id,
        tag=tag,
        name=fields.maybe("name"),
        body=fields.text("body", ""),
        author=by.id,
        target=target,
        created_at=now,
        published_at=None if draft else now,
        draft=draft,
        prerelease=fields.flag("prerelease"),
    )
    return Answer(views.release(hub, call.repo, publish(hub, call.repo, made, by)), _CREATED)


_REPO = "/repos/{owner}/{repo}"
ROUTES = (
    route(f"GET {_REPO}", get_repository),
    route(f"GET {_REPO}/branches", list_branches, "contents:read"),
    route(f"GET {_REPO}/branches/{{branch}}", get_branch, "contents:read"),
    route(f"GET {_REPO}/branches/{{branch}}/protection", get_protection, "administration:read"),
    route(f"GET {_REPO}/rules/branches/{{branch}}", branch_rules),
    route(f"GET {_REPO}/tarball/{{ref}}", tarball, "contents:read"),
    route(f"GET {_REPO}/collaborators/{{username}}/permission", permission, "metadata:read"),
    route(f"GET {_REPO}/releases", list_releases, "contents:read"),
    route(f"POST {_REPO}/releases", create_release, "contents:write"),
    route(f"GET {_REPO}/releases/latest", latest_release, "contents:read"),
    route(f"GET {_REPO}/releases/tags/{{tag}}", release_of_tag, "contents:read"),
)
