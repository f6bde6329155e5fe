"""The events of changes: for repositories with the App, and events that it subscribes to."""

from collections.abc import Mapping
from dataclasses import dataclass

from octobot.model.ids import Sha
from octobot.sandbox.git.git import Git
from octobot.sandbox.http.fields import Json
from octobot.sandbox.state.hub import Hub
from octobot.sandbox.state.nouns import (
    Account,
    CheckRunState,
    CheckSuite,
    Comment,
    Issue,
    Pull,
    ReleaseState,
    RepositoryState,
    Review,
    ReviewComment,
    Status,
)
from octobot.sandbox.state.nouns_app import InstallationState
from octobot.sandbox.views import views
from octobot.sandbox.views.checks import check_suite, delivered_check_run
from octobot.sandbox.views.git import commit, push_commit, short_commit
from octobot.sandbox.views.issues import comment, issue, review, review_comment
from octobot.sandbox.views.pulls import full_pull, pull_view

ZERO = Sha("0" * 40)
_MANY_COMMITS = 2048


@dataclass(frozen=True, slots=True)
class RefChange:
    """A ref that moved; None: it did not exist before, or does not exist now."""

    ref: str
    old: Sha | None
    new: Sha | None

    @property
    def branch(self) -> str | None:
        """The branch's name; None for tags and others."""
        return self.ref.removeprefix("refs/heads/") if self.ref.startswith("refs/heads/") else None


def send_event(
    hub: Hub, repo: RepositoryState, event: str, payload: Mapping[str, object], by: Account
) -> None:
    """Send a repository's event to the App."""
    installation = hub.state.installation_of(hub.app.id, repo)
    if installation is None or event not in hub.app.events or installation.suspended_at:
        return
    whole: Json = {
        **payload,
        "repository": payload.get("repository") or views.repository(hub, repo),
        "sender": views.account(hub, by),
        "installation": {
            "id": installation.id,
            "node_id": views.node_id("MDIzOk", installation.id),
        },
    }
    hub.outbox.send(event, whole, installation=installation.id, repository=repo.id)


def ping(hub: Hub) -> None:
    """Send a `ping`, as GitHub does when the webhook is set."""
    hook: Json = {
        "type": "App",
        "id": 1,
        "name": "web",
        "active": True,
        "app_id": hub.app.id,
        "events": list(hub.app.events),
        "config": {"content_type": "json", "insecure_ssl": "0", "url": hub.outbox.url},
        "created_at": views.when(hub.app.created_at),
        "updated_at": views.when(hub.app.created_at),
        "deliveries_url": f"{hub.api}/app/hook/deliveries",
    }
    payload = {"zen": "Keep it logically awesome.", "hook_id": 1, "hook": hook}
    hub.outbox.send("ping", payload, installation=None, repository=None)


def installed(
    hub: Hub, one: InstallationState, action: str, repositories: list[RepositoryState], by: Account
) -> None:
    """Send the event of an installation that was created, changed or deleted."""
    fields = ("id", "node_id", "name", "full_name", "private")
    named = [{f: views.repository(hub, repo)[f] for f in fields} for repo in repositories]
    payload: Json = {
        "action": action,
        "installation": views.installation(hub, one),
        "requester": None,
        "sender": views.account(hub, by),
    }
    event = "installation"
    if action in ("added", "removed"):
        event = "installation_repositories"
        payload["repository_selection"] = "selected"
        payload["repositories_added"] = named if action == "added" else []
        payload["repositories_removed"] = named if action == "removed" else []
    else:
        payload["repositories"] = named
    hub.outbox.send(event, payload, installation=one.id, repository=None)


async def ref_moved(hub: Hub, repo: RepositoryState, change: RefChange, by: Account) -> None:
    """Send the events of a branch or tag: create, push, delete."""
    if not hub.outbox.listening:
        return
    is_branch = change.branch is not None
    base: Json = {
        "ref": change.branch or change.ref.removeprefix("refs/tags/"),
        "ref_type": "branch" if is_branch else "tag",
        "pusher_type": "user",
    }
    if change.old is None:
        extra: Json = {"master_branch": repo.default_branch, "description": repo.description}
        send_event(hub, repo, "create", {**base, **extra}, by)
    if change.new is None:
        send_event(hub, repo, "delete", base, by)
    send_event(hub, repo, "push", await _push(hub, repo, change, by), by)


async def _pushed_commits(git: Git, change: RefChange) -> tuple[list[Sha], bool]:
    """Return the commits that a push brought, and whether it was forced."""
    head = await git.commit_of(change.new) if change.new else None
    if head is None:
        return [], False
    if change.old is None or change.branch is None:
        return [head.sha], False
    commits = await git.between(change.old, head.sha)
    return commits[-_MANY_COMMITS:], not await git.is_ancestor(change.old, head.sha)


async def _push(hub: Hub, repo: RepositoryState, change: RefChange, by: Account) -> Json:
    commits, forced = await _pushed_commits(hub.git(repo), change)
    shown = [await _pushed_commit(hub, repo, sha) for sha in commits]
    there = views.full_repository(hub, repo)
    at = {name: int(getattr(repo, name).timestamp()) for name in ("created_at", "pushed_at")}
    owner = views.full_account(hub, hub.state.who(repo.owner)) | {"name": repo.full_name}
    span = f"{(change.old or ZERO)[:12]}...{(change.new or ZERO)[:12]}"
    return {
        "ref": change.ref,
        "before": change.old or ZERO,
        "after": change.new or ZERO,
        "repository": {**there, **at, "owner": owner, "master_branch": repo.default_branch},
        "pusher": {"name": by.login, "email": f"{by.login}@users.noreply.github.com"},
        "created": change.old is None,
        "deleted": change.new is None,
        "forced": forced,
        "base_ref": None,
        "compare": f"{hub.html_url(repo)}/compare/{span}",
        "commits": shown if change.branch is not None else [],
        "head_commit": shown[-1] if shown else None,
    }


async def _pushed_commit(hub: Hub, repo: RepositoryState, sha: Sha) -> Json:
    git = hub.git(repo)
    found = await git.commit_of(sha)
    if found is None:
        raise LookupError(f"no commit {sha}")
    changes = await git.diff(found.parents[0], sha) if found.parents else []
    return push_commit(hub, repo, found, changes)


async def pull_changed(
    hub: Hub, repo: RepositoryState, pull: Pull, action: str, by: Account, **extra: object
) -> None:
    """Send the event of a pull request; `extra` has the fields of this action."""
    if not hub.outbox.listening:
        return
    shown = await full_pull(hub, repo, pull)
    payload = {"action": action, "number": pull.number, "pull_request": shown, **extra}
    send_event(hub, repo, "pull_request", payload, by)


async def review_changed(
    hub: Hub,
    repo: RepositoryState,
    pull: Pull,
    one: Review,
    by: Account,
    action: str = "submitted",
    **extra: object,
) -> None:
    """Send the event of a review; `extra` has the fields of this action."""
    if not hub.outbox.listening:
        return
    shown = {**review(hub, repo, one), "state": one.state.lower()}
    payload: Json = {
        "action": action,
        "review": shown,
        "pull_request": await pull_view(hub, repo, pull),
        **extra,
    }
    send_event(hub, repo, "pull_request_review", payload, by)


async def review_commented(
    hub: Hub, repo: RepositoryState, one: ReviewComment, action: str, by: Account, **extra: object
) -> None:
    """Send the event of a review comment; `extra` has the fields of this action."""
    pull = hub.state.pull(repo.id, one.number)
    if not hub.outbox.listening or pull is None:
        return
    payload: Json = {
        "action": action,
        "comment": review_comment(hub, repo, one),
        "pull_request": await pull_view(hub, repo, pull),
        **extra,
    }
    send_event(hub, repo, "pull_request_review_comment", payload, by)


def run_changed(hub: Hub, repo: RepositoryState, run: CheckRunState, action: str) -> None:
    """Send the event of a check run."""
    payload = {"action": action, "check_run": delivered_check_run(hub, repo, run)}
    send_event(hub, repo, "check_run", payload, hub.state.who(hub.state.apps[run.app].bot))


async def suite_changed(
    hub: Hub, repo: RepositoryState, suite: CheckSuite, action: str, by: Account
) -> None:
    """Send the event of a check suite."""
    if not hub.outbox.listening:
        return
    head = await hub.git(repo).commit_of(suite.head_sha)
    if head is not None:
        shown = check_suite(hub, repo, suite, head)
        shown.pop("repository")
        send_event(hub, repo, "check_suite", {"action": action, "check_suite": shown}, by)


async def status_changed(hub: Hub, repo: RepositoryState, one: Status, by: Account) -> None:
    """Send the event of a commit status."""
    if not hub.outbox.listening:
        return
    git = hub.git(repo)
    head = await git.commit_of(one.sha)
    if head is None:
        return
    heads = await git.refs("refs/heads/")
    branches = [
        {
            "name": name.removeprefix("refs/heads/"),
            "commit": short_commit(hub, repo, sha),
            "protected": False,
        }
        for name, sha in heads.items()
        if sha == one.sha
    ]
    payload: Json = {
        "id": one.id,
        "sha": one.sha,
        "name": repo.full_name,
        "target_url": one.target_url,
        "avatar_url": f"{hub.url}/avatars/u/{one.creator}",
        "context": one.context,
        "description": one.description,
        "state": one.state,
        "commit": commit(hub, repo, head),
        "branches": branches,
        "created_at": views.when(one.created_at),
        "updated_at": views.when(one.created_at),
    }
    send_event(hub, repo, "status", payload, by)


def issue_changed(
    hub: Hub, repo: RepositoryState, one: Issue, action: str, by: Account, **extra: object
) -> None:
    """Send the event of an issue; `extra` has the fields of this action."""
    payload: Json = {"action": action, "issue": issue(hub, repo, one), **extra}
    send_event(hub, repo, "issues", payload, by)


def commented(
    hub: Hub, repo: RepositoryState, one: Comment, action: str, by: Account, **extra: object
) -> None:
    """Send the event of a comment."""
    about = hub.state.issue(repo.id, one.number)
    if about is not None:
        shown: Json = {"issue": issue(hub, repo, about), "comment": comment(hub, repo, one)}
        send_event(hub, repo, "issue_comment", {"action": action, **shown, **extra}, by)


def released(hub: Hub, repo: RepositoryState, one: ReleaseState, by: Account) -> None:
    """Send the event of a published release."""
    payload: Json = {"action": "published", "release": views.release(hub, repo, one)}
    send_event(hub, repo, "release", payload, by)
