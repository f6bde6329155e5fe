"""How accounts, repositories, Apps and releases look in GitHub's JSON."""

from datetime import UTC, datetime

from octobot.sandbox.http.fields import Json
from octobot.sandbox.state.hub import Hub
from octobot.sandbox.state.nouns import Account, Label, ReleaseState, RepositoryState
from octobot.sandbox.state.nouns_app import AppState, InstallationState

_ACCOUNT_LINKS = {
    "followers_url": "/followers",
    "following_url": "/following{/other_user}",
    "gists_url": "/gists{/gist_id}",
    "starred_url": "/starred{/owner}{/repo}",
    "subscriptions_url": "/subscriptions",
    "organizations_url": "/orgs",
    "repos_url": "/repos",
    "events_url": "/events{/privacy}",
    "received_events_url": "/received_events",
}

_REPOSITORY_LINKS = {
    "url": "",
    "forks_url": "/forks",
    "keys_url": "/keys{/key_id}",
    "collaborators_url": "/collaborators{/collaborator}",
    "teams_url": "/teams",
    "hooks_url": "/hooks",
    "issue_events_url": "/issues/events{/number}",
    "events_url": "/events",
    "assignees_url": "/assignees{/user}",
    "branches_url": "/branches{/branch}",
    "tags_url": "/tags",
    "blobs_url": "/git/blobs{/sha}",
    "git_tags_url": "/git/tags{/sha}",
    "git_refs_url": "/git/refs{/sha}",
    "trees_url": "/git/trees{/sha}",
    "statuses_url": "/statuses/{sha}",
    "languages_url": "/languages",
    "stargazers_url": "/stargazers",
    "contributors_url": "/contributors",
    "subscribers_url": "/subscribers",
    "subscription_url": "/subscription",
    "commits_url": "/commits{/sha}",
    "git_commits_url": "/git/commits{/sha}",
    "comments_url": "/comments{/number}",
    "issue_comment_url": "/issues/comments{/number}",
    "contents_url": "/contents/{+path}",
    "compare_url": "/compare/{base}...{head}",
    "merges_url": "/merges",
    "archive_url": "/{archive_format}{/ref}",
    "downloads_url": "/downloads",
    "issues_url": "/issues{/number}",
    "pulls_url": "/pulls{/number}",
    "milestones_url": "/milestones{/number}",
    "notifications_url": "/notifications{?since,all,participating}",
    "labels_url": "/labels{/name}",
    "releases_url": "/releases{/id}",
    "deployments_url": "/deployments",
}


def when(moment: datetime | None) -> str | None:
    """Write a time as GitHub does."""
    return None if moment is None else moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def node_id(kind: str, number: int | str) -> str:
    """Return the GraphQL id for a number."""
    return f"{kind}_{number}"


def account(hub: Hub, one: Account) -> Json:
    """Show an account, short."""
    url = f"{hub.api}/users/{one.login}"
    html = f"apps/{one.login.removesuffix('[bot]')}" if one.kind == "Bot" else one.login
    return {
        "login": one.login,
        "id": one.id,
        "node_id": node_id("U", one.id),
        "avatar_url": f"{hub.url}/avatars/u/{one.id}",
        "gravatar_id": "",
        "url": url,
        "html_url": f"{hub.url}/{html}",
        **{name: url + path for name, path in _ACCOUNT_LINKS.items()},
        "type": one.kind,
        "site_admin": False,
    }


def full_account(hub: Hub, one: Account) -> Json:
    """Show an account's public profile."""
    blank = ("name", "company", "location", "email", "hireable", "bio")
    return {
        **account(hub, one),
        **dict.fromkeys(blank),
        **dict.fromkeys(("public_repos", "public_gists", "followers", "following"), 0),
        "blog": "",
        "created_at": when(one.created_at),
        "updated_at": when(one.created_at),
    }


def repository(hub: Hub, one: RepositoryState) -> Json:
    """Show a repository as lists and pull requests do."""
    state = hub.state
    url, html = hub.repo_url(one), hub.html_url(one)
    open_issues = sum(issue.state == "open" for issue in state.issues.of(one.id))
    zero = ("forks", "forks_count", "stargazers_count", "watchers", "watchers_count", "size")
    return {
        "id": one.id,
        "node_id": node_id("R", one.id),
        "name": one.name,
        "full_name": one.full_name,
        "private": one.private,
        "owner": account(hub, state.who(one.owner)),
        "html_url": html,
        "description": one.description,
        "fork": one.fork_of is not None,
        **{name: url + path for name, path in _REPOSITORY_LINKS.items()},
        "created_at": when(one.created_at),
        "updated_at": when(one.pushed_at),
        "pushed_at": when(one.pushed_at),
        "git_url": f"git:{html.partition(':')[2]}.git",
        "ssh_url": f"git@sandbox:{one.full_name}.git",
        "clone_url": f"{html}.git",
        "svn_url": html,
        **dict.fromkeys(("homepage", "language", "mirror_url", "license")),
        **dict.fromkeys(zero, 0),
        "has_issues": one.has_issues,
        **dict.fromkeys(("has_projects", "has_downloads", "has_wiki", "has_pages"), False),
        "has_discussions": False,
        "archived": one.archived,
        "disabled": False,
        "open_issues": open_issues,
        "open_issues_count": open_issues,
        "allow_forking": True,
        "is_template": False,
        "web_commit_signoff_required": False,
        "topics": [],
        "visibility": "private" if one.private else "public",
        "default_branch": one.default_branch,
    }


def full_repository(hub: Hub, one: RepositoryState) -> Json:
    """Show a repository on its own page, with its merge settings."""
    return {
        **repository(hub, one),
        "network_count": 0,
        "subscribers_count": 0,
        "allow_squash_merge": "squash" in one.merge_methods,
        "allow_merge_commit": "merge" in one.merge_methods,
        "allow_rebase_merge": "rebase" in one.merge_methods,
        "allow_auto_merge": False,
        "delete_branch_on_merge": one.delete_branch_on_merge,
    }


def app(hub: Hub, one: AppState) -> Json:
    """Show a GitHub App."""
    return {
        "id": one.id,
        "slug": one.slug,
        "node_id": node_id("A", one.id),
        "owner": account(hub, hub.state.who(one.owner)),
        "name": one.slug,
        "description": "",
        "external_url": hub.url,
        "html_url": f"{hub.url}/apps/{one.slug}",
        "created_at": when(one.created_at),
        "updated_at": when(one.created_at),
        "permissions": dict(one.permissions),
        "events": list(one.events),
    }


def installation(hub: Hub, one: InstallationState) -> Json:
    """Show an installation of the App."""
    its, owner = hub.state.apps[one.app], hub.state.who(one.account)
    return {
        "id": one.id,
        "account": account(hub, owner),
        "repository_selection": "selected",
        "access_tokens_url": f"{hub.api}/app/installations/{one.id}/access_tokens",
        "repositories_url": f"{hub.api}/installation/repositories",
        "html_url": f"{hub.url}/settings/installations/{one.id}",
        "app_id": one.app,
        "client_id": f"Iv23sandbox{one.app}",
        "app_slug": its.slug,
        "target_id": owner.id,
        "target_type": owner.kind,
        "permissions": dict(one.permissions),
        "events": list(its.events),
        "created_at": when(one.created_at),
        "updated_at": when(one.updated_at),
        "single_file_name": None,
        "has_multiple_single_files": False,
        "single_file_paths": [],
        "suspended_by": None,
        "suspended_at": when(one.suspended_at),
    }


def release(hub: Hub, repo: RepositoryState, one: ReleaseState) -> Json:
    """Show a release."""
    url, html = f"{hub.repo_url(repo)}/releases/{one.id}", hub.html_url(repo)
    return {
        "url": url,
        "assets_url": f"{url}/assets",
        "upload_url": f"{url}/assets{{?name,label}}",
        "html_url": f"{html}/releases/tag/{one.tag}",
        "id": one.id,
        "author": account(hub, hub.state.who(one.author)),
        "node_id": node_id("RE", one.id),
        "tag_name": one.tag,
        "target_commitish": one.target,
        "name": one.name,
        "draft": one.draft,
        "immutable": one.immutable,
        "prerelease": one.prerelease,
        "created_at": when(one.created_at),
        "updated_at": when(one.published_at or one.created_at),
        "published_at": when(one.published_at),
        "assets": [],
        "tarball_url": f"{hub.repo_url(repo)}/tarball/{one.tag}",
        "zipball_url": f"{hub.repo_url(repo)}/zipball/{one.tag}",
        "body": one.body,
    }


def label(hub: Hub, repo: RepositoryState, one: Label) -> Json:
    """Show a label."""
    return {
        "id": one.id,
        "node_id": node_id("LA", one.id),
        "url": f"{hub.repo_url(repo)}/labels/{one.name}",
        "name": one.name,
        "color": one.color,
        "default": False,
        "description": one.description,
    }
