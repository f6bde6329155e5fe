"""Upstream hosts other than GitHub: git repositories and downloads, served under `/mirror/`.

The bot's HTTP client turns `https://HOST/PATH` into `{sandbox}/mirror/HOST/PATH`, which is
served here: repositories of any host over git's smart HTTP, files to download, raw files and
archives of refs.  `github.com` is the sandbox's own GitHub, so its API also shows a tag that is
pushed there.

A repository or file that no scenario describes can be *provided* at run time.  Such placeholders
are marked, because checks of their contents prove nothing.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote

from aiohttp import web

from octobot.model.ids import Sha
from octobot.sandbox.changes.publishers import Changes
from octobot.sandbox.git.http_backend import Visit, is_push, serve
from octobot.sandbox.upstreams import git, pages

PREFIX = "/mirror"
PLACEHOLDER_DATE = datetime(2026, 1, 1, tzinfo=UTC)
"""The date of every provided commit, so that its id is the same in every run."""

_PLACEHOLDER = "placeholder"


@dataclass(frozen=True, slots=True)
class Source:
    """One upstream repository."""

    git_dir: Path
    placeholder: bool
    """It was provided for a spec outside the scenario: its contents prove nothing."""


@dataclass(frozen=True, slots=True)
class Download:
    """One upstream file."""

    content: bytes
    placeholder: bool


class Upstreams:
    """All upstreams of a sandbox, stored below `home`, so that they survive a restart."""

    def __init__(self, github: Changes, home: Path) -> None:
        self._github = github
        self.home = home
        github.hub.mounted[PREFIX] = self.answer

    @property
    def mirror(self) -> str:
        """The address to put before `HOST/PATH`."""
        return f"{self._github.hub.url}{PREFIX}"

    def locate(self, url: str) -> Source | None:
        """Return the repository of a URL; None when it does not exist."""
        key = _repository_key(url)
        if name := _on_github(key):
            found = self._github.hub.state.repository(name)
            git_dir = Path(found.git_dir) if found else None
        else:
            git_dir = self._foreign(key)
        if git_dir is None or not git_dir.is_dir():
            return None
        return Source(git_dir, placeholder=(git_dir / _PLACEHOLDER).exists())

    def download(self, uri: str) -> Download | None:
        """Return the file at an address; None when it does not exist."""
        path = self._file(uri)
        if not path.exists():
            return None
        return Download(
            path.read_bytes(), placeholder=path.with_suffix(f".{_PLACEHOLDER}").exists()
        )

    async def open(self, url: str) -> Path:
        """Return the bare repository of a URL; a missing one is created, empty."""
        if source := self.locate(url):
            return source.git_dir
        key = _repository_key(url)
        if name := _on_github(key):
            return Path((await self._github.create_repository(name)).git_dir)
        await git.create(self._foreign(key))
        return self._foreign(key)

    async def write(self, url: str, commits: Sequence[git.Commit], *, once: str = "") -> None:
        """Add commits with their tags and releases to a repository, which is created when missing.

        Writes with the same name (`once`) are made once only.
        """
        await git.write(await self.open(url), commits, once=once)
        name = _on_github(_repository_key(url))
        for commit in commits:
            if name and commit.release and commit.tags:
                await self._release(name, commit.tags[0], commit.release)

    async def _release(self, name: str, tag: str, kind: git.ReleaseKind) -> None:
        state = self._github.hub.state
        repository = state.repository(name)
        known = state.releases.of(repository.id) if repository else ()
        if not any(release.tag == tag for release in known):
            await self._github.publish_release(
                name, tag, prerelease=kind == "prerelease", draft=kind == "draft"
            )

    def put_file(self, uri: str, content: bytes) -> None:
        """Publish a file at an address, replacing the one that was there."""
        path = self._file(uri)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        path.with_suffix(f".{_PLACEHOLDER}").unlink(missing_ok=True)

    def put_answer(self, uri: str, body: bytes, content: bytes) -> None:
        """Set the answer to a POST of this body at an address."""
        self.put_file(_posted(uri, body), content)

    async def provide_ref(self, url: str, ref: str) -> Sha:
        """Return the commit that `ref` of `url` names; both are created when they do not exist.

        `ref` is `refs/tags/NAME`, `refs/heads/NAME` or `HEAD`, as in the pin of a spec.
        """
        source = self.locate(url)
        git_dir = await self.open(url)
        if source is None:
            (git_dir / _PLACEHOLDER).touch()
            await git.write(git_dir, [_placeholder_commit("main", ())])
        if commit := await git.resolve(git_dir, ref):
            return commit
        kind, _, name = ref.removeprefix("refs/").partition("/")
        tagged = kind == "tags"
        # Each placeholder is one commit on its own branch, so its id does not depend on the order.
        made = _placeholder_commit(
            f"placeholder/{name}" if tagged else name, (name,) if tagged else ()
        )
        await git.write(git_dir, [made])
        if tagged:
            await git.run_git(git_dir, "update-ref", "-d", f"refs/heads/{made.branch}")
        if (commit := await git.resolve(git_dir, ref)) is None:
            raise ValueError(f"{ref!r} is neither a tag, a branch nor HEAD")
        return commit

    async def provide_file(self, uri: str) -> bytes:
        """Return the file at an address; a missing one is made up."""
        if known := self.download(uri):
            return known.content
        content = f"A placeholder for {uri}\n".encode()
        self.put_file(uri, content)
        self._file(uri).with_suffix(f".{_PLACEHOLDER}").touch()
        return content

    async def provide_release(self, full_name: str, tag: str) -> Sha:
        """Publish a GitHub release of a tag, with the repository and the tag when missing."""
        commit = await self.provide_ref(f"https://github.com/{full_name}", f"refs/tags/{tag}")
        await self._release(full_name, tag, "full")
        return commit

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer one request below `/mirror/`."""
        host, _, path = request.path.split(f"{PREFIX}/", 1)[1].partition("/")
        if host == "api.github.com":
            return self._anonymous_api(path)
        if service := git.service_of(path):
            source = self.locate(f"https://{host}/{service[0]}")
            if source is None:
                return web.Response(status=404, text="no such repository\n")
            if is_push(request, service[1]):
                return web.Response(status=403, text="upstreams are read only\n")
            return await serve(request, Visit(source.git_dir, service[1], user=None, extra={}))
        query = f"?{unquote(request.query_string)}" if request.query_string else ""
        if request.method == "POST":
            posted = self.download(_posted(f"https://{host}/{path}", await request.read()))
            content = posted.content if posted else None
        else:
            content = await self._content(host, path, query)
        if content is None:
            return web.Response(status=404, text="no such file\n")
        return web.Response(body=content, content_type="application/octet-stream")

    def _anonymous_api(self, path: str) -> web.Response:
        """Show a public repository to the anonymous: no IP allow list keeps them out."""
        found = self._github.hub.state.repository(path.removeprefix("repos/"))
        if found is None or found.private or not path.startswith("repos/"):
            return web.json_response({"message": "Not Found"}, status=404)
        return web.json_response({"id": found.id, "full_name": found.full_name})

    async def _content(self, host: str, path: str, query: str) -> bytes | None:
        if known := self.download(f"https://{host}/{path}{query}"):
            return known.content
        page = pages.recognise(host, path)
        source = self.locate(page.repository) if page else None
        return await pages.read(page, source.git_dir) if page and source else None

    def _foreign(self, key: str) -> Path:
        # Hashed: an upstream's name is untrusted text and must not become a path.
        return self.home / "git" / f"{_hashed(key)}.git"

    def _file(self, uri: str) -> Path:
        return self.home / "files" / _hashed(unquote(uri.partition("://")[2]))


def _posted(uri: str, body: bytes) -> str:
    """Return the address under which the answer to a body is stored as a file."""
    return f"{uri}#{hashlib.sha256(body).hexdigest()}"


def _hashed(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _repository_key(url: str) -> str:
    """Return one key for all spellings of a repository's URL: `github.com/owner/name`."""
    rest = unquote(url.partition("://")[2] or url).rstrip("/").removesuffix(".git")
    host, _, path = rest.partition("/")
    return f"{host.lower()}/{path}"


def _on_github(key: str) -> str | None:
    """Return `owner/name` when a key is a repository of github.com."""
    host, _, name = key.partition("/")
    owner, slash, short = name.partition("/")
    good = host == "github.com" and owner and slash and short and "/" not in short
    return name if good else None


def _placeholder_commit(branch: str, tags: tuple[str, ...]) -> git.Commit:
    files: Mapping[str, bytes] = {
        "README": b"A placeholder of the sandbox; the real sources are elsewhere.\n",
        "REF": f"{tags[0] if tags else branch}\n".encode(),
    }
    return git.Commit(
        f"Placeholder for {files['REF'].decode()}", PLACEHOLDER_DATE, files, branch, tags
    )
