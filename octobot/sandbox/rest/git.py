"""REST: git's own objects and refs."""

import base64
import binascii

from octobot.model.ids import Sha
from octobot.sandbox.changes.announce import RefChange
from octobot.sandbox.changes.refs import move_ref
from octobot.sandbox.git.draft import Draft, Identity, Put
from octobot.sandbox.git.git import Git, GitFailed
from octobot.sandbox.git.objects import Entry
from octobot.sandbox.http.call import Answer, Call, Refusal, invalid, missing
from octobot.sandbox.http.fields import Fields, Json
from octobot.sandbox.rest.route import route
from octobot.sandbox.state.hub import Hub
from octobot.sandbox.views import git as views_git
from octobot.sandbox.views.pulls import signed_by, web_flow

_CREATED = 201
_MOST_ENTRIES = 100_000
_SHOWN = ("refs/heads/", "refs/tags/", "refs/pull/")


async def _ref_json(hub: Hub, call: Call, name: str, sha: Sha) -> Json:
    found = await hub.git(call.repo).read(sha)
    return views_git.ref(hub, call.repo, name, sha, found[1] if found else "commit")


async def get_ref(hub: Hub, call: Call) -> Answer:
    """Show one ref, named exactly."""
    name = f"refs/{call.parameters['ref']}"
    sha = await hub.git(call.repo).ref(name)
    if sha is None or not name.startswith(_SHOWN):
        raise missing()
    return Answer(await _ref_json(hub, call, name, sha))


async def matching_refs(hub: Hub, call: Call) -> Answer:
    """List the refs whose names have a prefix."""
    found = await hub.git(call.repo).refs(f"refs/{call.parameters['ref']}")
    names = [name for name in found if name.startswith(_SHOWN)]
    return Answer([await _ref_json(hub, call, name, found[name]) for name in names])


async def create_ref(hub: Hub, call: Call) -> Answer:
    """Create a branch or tag."""
    name, sha, git = call.fields.text("ref"), Sha(call.fields.text("sha")), hub.git(call.repo)
    if not name.startswith("refs/") or name.count("/") < 2:  # noqa: PLR2004  (refs/kind/name)
        raise Refusal(422, "Reference name must start with 'refs/' and contain another slash")
    if await git.read(sha) is None:
        raise Refusal(422, "Object does not exist")
    if await git.ref(name) is not None:
        raise Refusal(422, "Reference already exists")
    await move_ref(hub, call.repo, RefChange(name, None, sha), hub.state.who(call.actor.id))
    return Answer(await _ref_json(hub, call, name, sha), _CREATED)


async def patch_ref(hub: Hub, call: Call) -> Answer:
    """Move a branch or tag; forwards only, unless forced."""
    name, git, fields = f"refs/{call.parameters['ref']}", hub.git(call.repo), call.fields
    old, new = await git.ref(name), Sha(fields.text("sha"))
    if old is None:
        raise Refusal(422, "Reference does not exist")
    if await git.read(new) is None:
        raise Refusal(422, "Object does not exist")
    by = hub.state.who(call.actor.id)
    change = RefChange(name, old, new)
    await move_ref(hub, call.repo, change, by, force=fields.flag("force"))
    return Answer(await _ref_json(hub, call, name, new))


async def delete_ref(hub: Hub, call: Call) -> Answer:
    """Delete a branch or tag."""
    name = f"refs/{call.parameters['ref']}"
    old = await hub.git(call.repo).ref(name)
    if old is None:
        raise Refusal(422, "Reference does not exist")
    await move_ref(hub, call.repo, RefChange(name, old, None), hub.state.who(call.actor.id))
    return Answer(status=204)


async def get_commit(hub: Hub, call: Call) -> Answer:
    """Show a commit object."""
    found = await hub.git(call.repo).commit_of(call.parameters["commit_sha"])
    if found is None:
        raise missing()
    return Answer(views_git.git_commit(hub, call.repo, found))


async def create_commit(hub: Hub, call: Call) -> Answer:
    """Create a commit object; no ref moves."""
    fields, git = call.fields, hub.git(call.repo)
    parents = tuple(Sha(sha) for sha in fields.texts("parents"))
    tree = await git.resolve(fields.text("tree"), "tree")
    if tree is None or None in [await git.resolve(sha) for sha in parents]:
        raise Refusal(
            422, "Tree SHA does not exist" if tree is None else "Parent SHA does not exist"
        )
    by = hub.state.who(call.actor.id)
    # Only a bot's commit without a named author or committer is signed.
    unnamed = by.kind == "Bot" and not (fields.has("author") or fields.has("committer"))
    author = _identity(fields.inner("author"), signed_by(by, hub))
    committer = web_flow(hub) if unnamed else _identity(fields.inner("committer"), author)
    made = await git.commit(Draft(fields.text("message"), author, committer, parents, tree))
    found = await git.commit_of(made)
    if found is None:
        raise missing()
    return Answer(views_git.git_commit(hub, call.repo, found), _CREATED)


def _identity(fields: Fields, otherwise: Identity) -> Identity:
    name, email = fields.maybe("name"), fields.maybe("email")
    return Identity(name, email, otherwise.at) if name and email else otherwise


async def get_tree(hub: Hub, call: Call) -> Answer:
    """Show a tree, one level or all of it."""
    git = hub.git(call.repo)
    found = await git.tree_of(call.parameters["tree_sha"])
    if found is None:
        raise missing()
    lines = await _walk(git, found[1], "", deep="recursive" in call.query)
    shown = [
        views_git.tree_entry(hub, call.repo, path, entry, size)
        for path, entry, size in lines[:_MOST_ENTRIES]
    ]
    url = f"{hub.repo_url(call.repo)}/git/trees/{found[0]}"
    truncated = len(lines) > _MOST_ENTRIES
    return Answer({"sha": found[0], "url": url, "tree": shown, "truncated": truncated})


async def _walk(
    git: Git, entries: tuple[Entry, ...], folder: str, *, deep: bool
) -> list[tuple[str, Entry, int | None]]:
    lines: list[tuple[str, Entry, int | None]] = []
    for entry in entries:
        blob = await git.read(entry.sha) if entry.kind == "blob" else None
        lines.append((folder + entry.name, entry, len(blob[2]) if blob else None))
        if deep and entry.kind == "tree":
            below = await git.tree_of(entry.sha)
            inner = below[1] if below else ()
            lines += await _walk(git, inner, f"{folder}{entry.name}/", deep=True)
    return lines


async def create_tree(hub: Hub, call: Call) -> Answer:
    """Create a tree, new or from another one."""
    fields, git = call.fields, hub.git(call.repo)
    base = await git.resolve(fields.text("base_tree"), "tree") if fields.has("base_tree") else None
    changes: dict[str, Put | None] = {}
    for item in fields.each("tree"):
        path, mode = item.text("path"), item.text("mode", "100644")
        if item.has("content"):
            changes[path] = Put(item.text("content").encode(), mode)
        else:
            changes[path] = Put(Sha(item.text("sha")), mode) if item.has("sha") else None
    me = web_flow(hub)
    try:
        made = await git.commit(Draft("tree", me, me, (), base, changes))
    except GitFailed as failed:
        raise Refusal(422, f"tree.sha is not valid: {failed}") from failed
    found = await git.tree_of(made)
    if found is None:
        raise missing()
    sha, entries = found
    shown = [views_git.tree_entry(hub, call.repo, e.name, e, None) for e in entries]
    url = f"{hub.repo_url(call.repo)}/git/trees/{sha}"
    return Answer({"sha": sha, "url": url, "tree": shown, "truncated": False}, _CREATED)


async def get_blob(hub: Hub, call: Call) -> Answer:
    """Show a blob in base64, or raw on request."""
    found = await hub.git(call.repo).read(call.parameters["file_sha"])
    if found is None or found[1] != "blob":
        raise missing()
    sha, _, content = found
    if "raw" in call.accept:
        return Answer(content, content_type="application/vnd.github.raw")
    return Answer(
        {
            "sha": sha,
            "node_id": f"B_{call.repo.id}_{sha}",
            "size": len(content),
            "url": f"{hub.repo_url(call.repo)}/git/blobs/{sha}",
            "content": base64.encodebytes(content).decode(),
            "encoding": "base64",
        }
    )


async def create_blob(hub: Hub, call: Call) -> Answer:
    """Store a blob."""
    fields = call.fields
    content = fields.text("content").encode()
    if fields.text("encoding", "utf-8") == "base64":
        content = decoded(content)
    sha = await hub.git(call.repo).write_blob(content)
    return Answer({"url": f"{hub.repo_url(call.repo)}/git/blobs/{sha}", "sha": sha}, _CREATED)


def decoded(content: bytes) -> bytes:
    """Decode base64; 422 when it is not valid."""
    try:
        return base64.b64decode(content, validate=False)
    except binascii.Error as wrong:
        raise Refusal(422, "content is not valid Base64") from wrong


async def get_tag(hub: Hub, call: Call) -> Answer:
    """Show an annotated tag's object."""
    found = await hub.git(call.repo).tag_of(Sha(call.parameters["tag_sha"]))
    if found is None:
        raise missing()
    return Answer(views_git.tag(hub, call.repo, found))


async def create_tag(hub: Hub, call: Call) -> Answer:
    """Create an annotated tag's object; no ref is created."""
    fields, git = call.fields, hub.git(call.repo)
    target = await git.read(fields.text("object"))
    if target is None or target[1] != fields.text("type"):
        raise invalid("Tag", "object", "invalid")
    by = _identity(fields.inner("tagger"), signed_by(hub.state.who(call.actor.id), hub))
    name, message = fields.text("tag"), fields.text("message")
    sha = await git.write_tag(target[0], target[1], name, message, by)
    found = await git.tag_of(sha)
    if found is None:
        raise missing()
    return Answer(views_git.tag(hub, call.repo, found), _CREATED)


_REPO = "/repos/{owner}/{repo}"
_GIT = f"{_REPO}/git"
ROUTES = (
    route(f"GET {_GIT}/ref/{{ref}}", get_ref, "contents:read"),
    route(f"GET {_GIT}/matching-refs/{{ref}}", matching_refs, "contents:read"),
    route(f"POST {_GIT}/refs", create_ref, "contents:write"),
    route(f"PATCH {_GIT}/refs/{{ref}}", patch_ref, "contents:write"),
    route(f"DELETE {_GIT}/refs/{{ref}}", delete_ref, "contents:write"),
    route(f"GET {_GIT}/commits/{{commit_sha}}", get_commit, "contents:read"),
    route(f"POST {_GIT}/commits", create_commit, "contents:write"),
    route(f"GET {_GIT}/trees/{{tree_sha}}", get_tree, "contents:read"),
    route(f"POST {_GIT}/trees", create_tree, "contents:write"),
    route(f"GET {_GIT}/blobs/{{file_sha}}", get_blob, "contents:read"),
    route(f"POST {_GIT}/blobs", create_blob, "contents:write"),
    route(f"GET {_GIT}/tags/{{tag_sha}}", get_tag, "contents:read"),
    route(f"POST {_GIT}/tags", create_tag, "contents:write"),
)
