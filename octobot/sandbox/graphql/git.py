"""GraphQL's view of git: refs, commits, tags, trees and blobs."""

from collections.abc import Sequence
from functools import partial

from octobot.model.ids import Sha
from octobot.sandbox.git.objects import Commit, Entry, Stamp, Tag
from octobot.sandbox.graphql.checks import suites_of
from octobot.sandbox.graphql.nodes import Node, connect
from octobot.sandbox.state.hub import Hub
from octobot.sandbox.state.nouns import RepositoryState
from octobot.sandbox.views.git import is_signed
from octobot.sandbox.views.views import node_id, when

_MOST_TEXT = 512_000
"""GitHub truncates longer blobs in GraphQL."""
_STATUS = {
    (False, False): "IDENTICAL",
    (True, False): "AHEAD",
    (False, True): "BEHIND",
    (True, True): "DIVERGED",
}


def _stamp(one: Stamp) -> Node:
    shown = {"name": one.name, "email": one.email, "date": one.at.isoformat()}
    return {"__typename": "GitActor", **shown}


def _signature(one: Commit) -> Node | None:
    """Show GitHub's signature under a commit that it made itself."""
    if not is_signed(one):
        return None
    return {
        "__typename": "GpgSignature",
        "email": one.committer.email,
        "isValid": True,
        "state": "VALID",
        "wasSignedByGitHub": True,
        "payload": "",
        "signature": "-----BEGIN PGP SIGNATURE-----",
        "signer": None,
    }


def _object(repo: RepositoryState, kind: str, oid: Sha) -> Node:
    """Show what all git objects have."""
    return {
        "__typename": kind,
        "id": node_id("GO", f"{repo.id}_{oid}"),
        "oid": oid,
    }


def commit_node(hub: Hub, repo: RepositoryState, one: Commit) -> Node:
    """Show a commit."""
    return {
        **_object(repo, "Commit", one.sha),
        "url": f"{hub.html_url(repo)}/commit/{one.sha}",
        "message": one.message,
        "committedDate": when(one.committer.at),
        "author": _stamp(one.author),
        "committer": _stamp(one.committer),
        "signature": _signature(one),
        "tree": lambda: object_node(hub, repo, one.tree),
        "parents": partial(_parents, repo, one),
        "file": partial(_file, hub, repo, one.sha),
        "checkSuites": partial(suites_of, hub, repo, one.sha),
    }


def _parents(repo: RepositoryState, one: Commit, **window: object) -> Node:
    def show(sha: Sha) -> Node:
        return {**_object(repo, "Commit", sha)}

    return connect(one.parents, window, show, "parents")


async def _file(hub: Hub, repo: RepositoryState, oid: Sha, path: str) -> Node | None:
    folder, _, name = path.rpartition("/")
    found = await hub.git(repo).tree_of(f"{oid}:{folder}")
    entries = found[1] if found else ()
    entry = next((entry for entry in entries if entry.name == name), None)
    return _entry(hub, repo, entry, path) if entry else None


def _tag(hub: Hub, repo: RepositoryState, one: Tag) -> Node:
    """Show an annotated tag's object; its target may be a tag again."""
    return {
        **_object(repo, "Tag", one.sha),
        "name": one.name,
        "message": one.message,
        "target": lambda: object_node(hub, repo, one.target),
    }


def _blob(repo: RepositoryState, oid: Sha, content: bytes) -> Node:
    is_binary = b"\0" in content[:8000]
    return {
        **_object(repo, "Blob", oid),
        "byteSize": len(content),
        "isBinary": is_binary,
        "isTruncated": len(content) > _MOST_TEXT,
        "text": None if is_binary else content[:_MOST_TEXT].decode("utf-8", "replace"),
    }


def _entry(hub: Hub, repo: RepositoryState, one: Entry, path: str) -> Node:
    """Show one line of a tree."""
    dot = one.name.rfind(".")

    async def size() -> int:
        found = await hub.git(repo).read(one.sha)
        return len(found[2]) if found and found[1] == "blob" else 0

    return {
        "__typename": "TreeEntry",
        "name": one.name,
        "path": path,
        "oid": one.sha,
        "mode": int(one.mode, 8),
        "type": one.kind,
        "extension": one.name[dot:] if dot >= 0 else "",
        "size": size,
        "object": lambda: object_node(hub, repo, one.sha, f"{path}/"),
    }


def _tree(hub: Hub, repo: RepositoryState, oid: Sha, entries: Sequence[Entry], folder: str) -> Node:
    lines = [_entry(hub, repo, entry, folder + entry.name) for entry in entries]
    return {**_object(repo, "Tree", oid), "entries": lines}


def ref_node(hub: Hub, repo: RepositoryState, full_name: str, sha: Sha) -> Node:
    """Show a branch or tag."""
    prefix = "/".join(full_name.split("/")[:2]) + "/"
    return {
        "__typename": "Ref",
        "id": node_id("REF", f"{repo.id}:{full_name}"),
        "prefix": prefix,
        "name": full_name.removeprefix(prefix),
        "target": lambda: object_node(hub, repo, sha),
        "compare": partial(_compare, hub, repo, full_name),
    }


async def _compare(hub: Hub, repo: RepositoryState, name: str, head_ref: str) -> Node | None:
    """Compare a branch, tag or commit with a ref; None when either does not exist."""
    git = hub.git(repo)
    base, head = await git.commit_of(name), await git.commit_of(head_ref)
    if base is None or head is None:
        return None
    ahead, behind = await git.between(base.sha, head.sha), await git.between(head.sha, base.sha)
    return {
        "__typename": "Comparison",
        "baseTarget": commit_node(hub, repo, base),
        "headTarget": commit_node(hub, repo, head),
        "aheadBy": len(ahead),
        "behindBy": len(behind),
        "status": _STATUS[bool(ahead), bool(behind)],
    }


async def commit_named(hub: Hub, repo: RepositoryState, name: str) -> Node | None:
    """Show a commit by id or expression, peeled."""
    found = await hub.git(repo).commit_of(name)
    return commit_node(hub, repo, found) if found else None


async def object_node(hub: Hub, repo: RepositoryState, name: str, folder: str = "") -> Node | None:
    """Show any object by id or expression."""
    git = hub.git(repo)
    found = await git.read(name)
    if found is None:
        return None
    sha, kind, content = found
    match kind:
        case "commit":
            return await commit_named(hub, repo, sha)
        case "tag":
            tag = await git.tag_of(sha)
            return _tag(hub, repo, tag) if tag else None
        case "tree":
            tree = await git.tree_of(sha)
            return _tree(hub, repo, sha, tree[1] if tree else (), folder)
        case _:
            return _blob(repo, sha, content)
