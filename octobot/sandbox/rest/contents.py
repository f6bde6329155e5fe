"""REST: files by their path."""

import base64
import binascii

from octobot.sandbox.changes.refs import commit_on
from octobot.sandbox.git.draft import Draft, Put
from octobot.sandbox.git.objects import Entry
from octobot.sandbox.http.auth import guard_workflows
from octobot.sandbox.http.call import Answer, Call, Refusal, missing
from octobot.sandbox.http.fields import Json
from octobot.sandbox.rest.route import route
from octobot.sandbox.state.hub import Hub
from octobot.sandbox.views import git as views_git
from octobot.sandbox.views.pulls import signed_by, web_flow

_CREATED = 201
_MOST_IN_JSON = 1024 * 1024


async def contents(hub: Hub, call: Call) -> Answer:
    """Show a file or a folder, raw on request."""
    git, path = hub.git(call.repo), call.parameters.get("path", "").strip("/")
    ref = call.query.get("ref") or f"refs/heads/{call.repo.default_branch}"
    found = await git.read(f"{ref}:{path}")
    if found is None:
        raise missing()
    sha, kind, content = found
    if kind == "tree":
        tree = await git.tree_of(sha)
        lines = tree[1] if tree else ()
        return Answer([_content(hub, call, f"{path}/{e.name}".strip("/"), e, ref) for e in lines])
    if "raw" in call.accept:
        return Answer(content, content_type="application/vnd.github.raw")
    shown = _content(hub, call, path, Entry("100644", path.rpartition("/")[2], sha), ref)
    small = len(content) <= _MOST_IN_JSON
    text = base64.encodebytes(content).decode() if small else ""
    encoding = "base64" if small else "none"
    return Answer({**shown, "size": len(content), "content": text, "encoding": encoding})


def _content(hub: Hub, call: Call, path: str, entry: Entry, ref: str) -> Json:
    url, html = hub.repo_url(call.repo), hub.html_url(call.repo)
    kind = {"tree": "dir", "blob": "file", "commit": "submodule"}[entry.kind]
    ref = ref.removeprefix("refs/heads/")
    here, git = f"{url}/contents/{path}?ref={ref}", f"{url}/git/{entry.kind}s/{entry.sha}"
    page = f"{html}/{entry.kind}/{ref}/{path}"
    raw = f"{html}/raw/{ref}/{path}" if kind == "file" else None
    return {
        "name": entry.name,
        "path": path,
        "sha": entry.sha,
        "size": 0,
        "url": here,
        "html_url": page,
        "git_url": git,
        "download_url": raw,
        "type": "symlink" if entry.mode == "120000" else kind,
        "_links": {"self": here, "git": git, "html": page},
    }


async def create_file(hub: Hub, call: Call) -> Answer:
    """Create a file with one commit, also the first one of an empty repository."""
    git, path, fields = hub.git(call.repo), call.parameters["path"], call.fields
    branch = fields.maybe("branch") or call.repo.default_branch
    head = await git.ref(f"refs/heads/{branch}")
    if head is None and branch != call.repo.default_branch:
        raise Refusal(404, f"Branch {branch} not found")
    if head and await git.read(f"{head}:{path}") is not None:
        raise Refusal(422, 'Invalid request.\n\n"sha" wasn\'t supplied.')
    guard_workflows(call.actor, (path,))
    by = hub.state.who(call.actor.id)
    puts = {path: Put(_decoded(fields.text("content")))}
    parents = (head,) if head else ()
    message = fields.text("message").rstrip() + "\n"
    draft = Draft(message, signed_by(by, hub), web_flow(hub), parents, None, puts)
    made = await commit_on(hub, call.repo, branch, draft, by)
    found, blob = await git.commit_of(made), await git.read(f"{made}:{path}")
    if found is None or blob is None:
        raise missing()
    entry = Entry("100644", path.rpartition("/")[2], blob[0])
    shown = _content(hub, call, path, entry, f"refs/heads/{branch}")
    commit = views_git.git_commit(hub, call.repo, found)
    return Answer({"content": shown, "commit": commit}, _CREATED)


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise Refusal(422, "content is not valid Base64") from error


_REPO = "/repos/{owner}/{repo}"
ROUTES = (
    route(f"GET {_REPO}/contents/{{path}}", contents, "contents:read"),
    route(f"GET {_REPO}/contents", contents, "contents:read"),
    route(f"PUT {_REPO}/contents/{{path}}", create_file, "contents:write"),
)
