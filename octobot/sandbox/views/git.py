"""How commits, refs, trees, blobs and changed files look in GitHub's JSON."""

import re
from typing import cast

from octobot.model.ids import Sha
from octobot.sandbox.git.objects import Change, Commit, Entry, Stamp, Tag
from octobot.sandbox.http.fields import Json
from octobot.sandbox.state.hub import Hub
from octobot.sandbox.state.nouns import RepositoryState
from octobot.sandbox.views.views import account, node_id, when

WEB_FLOW = "noreply@github.com"
"""The committer of everything GitHub commits itself, and signs."""
_NOREPLY = re.compile(r"(\d+)\+.*@users\.noreply\.github\.com")
_STATUS = {"A": "added", "M": "modified", "D": "removed", "R": "renamed", "T": "changed"}


def is_signed(commit: Commit) -> bool:
    """Return whether GitHub made this commit itself: only then is it signed."""
    return commit.committer.email == WEB_FLOW


def stamp(one: Stamp) -> Json:
    """Show who wrote a commit, as git has it."""
    return {"name": one.name, "email": one.email, "date": when(one.at)}


def user_of(hub: Hub, one: Stamp) -> Json | None:
    """Show the account of a stamp's address; None when there is no such account."""
    known = _NOREPLY.fullmatch(one.email)
    found = hub.state.accounts.get(int(known[1])) if known else None
    return account(hub, found) if found else None


def verification(commit: Commit) -> Json:
    """Show whether the signature is valid."""
    good = is_signed(commit)
    return {
        "verified": good,
        "reason": "valid" if good else "unsigned",
        "signature": "-----BEGIN PGP SIGNATURE-----" if good else None,
        "payload": f"tree {commit.tree}" if good else None,
        "verified_at": when(commit.committer.at) if good else None,
    }


def git_commit(hub: Hub, repo: RepositoryState, commit: Commit) -> Json:
    """Show a commit as git's own object."""
    url, html = f"{hub.repo_url(repo)}/git/commits", f"{hub.html_url(repo)}/commit"
    return {
        "sha": commit.sha,
        "node_id": node_id("C", f"{repo.id}_{commit.sha}"),
        "url": f"{url}/{commit.sha}",
        "html_url": f"{html}/{commit.sha}",
        "author": stamp(commit.author),
        "committer": stamp(commit.committer),
        "tree": {"url": f"{hub.repo_url(repo)}/git/trees/{commit.tree}", "sha": commit.tree},
        "message": commit.message,
        "parents": [
            {"sha": p, "url": f"{url}/{p}", "html_url": f"{html}/{p}"} for p in commit.parents
        ],
        "verification": verification(commit),
    }


def short_commit(hub: Hub, repo: RepositoryState, sha: Sha) -> Json:
    """Show a commit as a branch does."""
    return {"sha": sha, "url": f"{hub.repo_url(repo)}/commits/{sha}"}


def commit(hub: Hub, repo: RepositoryState, one: Commit) -> Json:
    """Show a commit as the history does."""
    raw = git_commit(hub, repo, one)
    url = f"{hub.repo_url(repo)}/commits"
    inner = {name: raw[name] for name in ("author", "committer", "message", "tree", "verification")}
    return {
        "sha": one.sha,
        "node_id": raw["node_id"],
        "commit": {**inner, "url": raw["url"], "comment_count": 0},
        "url": f"{url}/{one.sha}",
        "html_url": raw["html_url"],
        "comments_url": f"{url}/{one.sha}/comments",
        "author": user_of(hub, one.author),
        "committer": user_of(hub, one.committer),
        "parents": [
            {**parent, "url": f"{url}/{parent['sha']}"}
            for parent in cast("list[Json]", raw["parents"])
        ],
    }


def push_commit(hub: Hub, repo: RepositoryState, one: Commit, changes: list[Change]) -> Json:
    """Show a commit as a push delivery does."""
    by_status = {
        word: [c.path for c in changes if c.status in letters]
        for word, letters in (("added", "AR"), ("removed", "D"), ("modified", "MT"))
    }
    return {
        "id": one.sha,
        "tree_id": one.tree,
        "distinct": True,
        "message": one.message,
        "timestamp": one.committer.at.isoformat(),
        "url": f"{hub.html_url(repo)}/commit/{one.sha}",
        "author": {"name": one.author.name, "email": one.author.email},
        "committer": {"name": one.committer.name, "email": one.committer.email},
        **by_status,
    }


def simple_commit(one: Commit) -> Json:
    """Show a commit as a check suite does."""
    return {
        "id": one.sha,
        "tree_id": one.tree,
        "message": one.message,
        "timestamp": when(one.committer.at),
        "author": {"name": one.author.name, "email": one.author.email},
        "committer": {"name": one.committer.name, "email": one.committer.email},
    }


def ref(hub: Hub, repo: RepositoryState, name: str, sha: Sha, kind: str) -> Json:
    """Show a ref."""
    url = hub.repo_url(repo)
    return {
        "ref": name,
        "node_id": node_id("REF", f"{repo.id}:{name}"),
        "url": f"{url}/git/{name}",
        "object": {"sha": sha, "type": kind, "url": f"{url}/git/{kind}s/{sha}"},
    }


def tag(hub: Hub, repo: RepositoryState, one: Tag) -> Json:
    """Show an annotated tag's object."""
    url = f"{hub.repo_url(repo)}/git"
    return {
        "node_id": node_id("TAG", f"{repo.id}_{one.sha}"),
        "tag": one.name,
        "sha": one.sha,
        "url": f"{url}/tags/{one.sha}",
        "message": one.message,
        "tagger": stamp(one.tagger) if one.tagger else {"name": "", "email": "", "date": ""},
        "object": {"type": one.kind, "sha": one.target, "url": f"{url}/{one.kind}s/{one.target}"},
        "verification": {
            "verified": False,
            "reason": "unsigned",
            "signature": None,
            "payload": None,
            "verified_at": None,
        },
    }


def tree_entry(hub: Hub, repo: RepositoryState, path: str, one: Entry, size: int | None) -> Json:
    """Show one line of a tree."""
    shown: Json = {"path": path, "mode": one.mode, "type": one.kind, "sha": one.sha}
    if size is not None:
        shown["size"] = size
    if one.kind != "commit":
        shown["url"] = f"{hub.repo_url(repo)}/git/{one.kind}s/{one.sha}"
    return shown


def changed_file(hub: Hub, repo: RepositoryState, change: Change, head: Sha, patch: str) -> Json:
    """Show a file of a pull request or comparison."""
    html = hub.html_url(repo)
    shown: Json = {
        "sha": change.blob if change.status != "D" else None,
        "filename": change.path,
        "status": _STATUS[change.status],
        "additions": change.added,
        "deletions": change.removed,
        "changes": change.added + change.removed,
        "blob_url": f"{html}/blob/{head}/{change.path}",
        "raw_url": f"{html}/raw/{head}/{change.path}",
        "contents_url": f"{hub.repo_url(repo)}/contents/{change.path}?ref={head}",
    }
    if patch:
        shown["patch"] = patch
    if change.status == "R":
        shown["previous_filename"] = change.old_path
    return shown
