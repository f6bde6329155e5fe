"""Everything that is not the watched GitHub: other git hosts and downloads, under `/mirror/`.

The bot's HTTP client turns `https://HOST/PATH` into `{sandbox}/mirror/HOST/PATH`, and everything
behind it is here: repositories of any host over git's smart HTTP, files to download, raw files and
archives of refs.  `github.com` is the sandbox's own GitHub, so a tag pushed there is seen by its
API as well.

What a world does not describe can be *provided* at run time: a repository with a small history, a
file.  Such stand-ins are marked, because checks that look into sources mean nothing on them.
"""

import hashlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote

from aiohttp import web

from octobot.model.ids import Sha
from octobot.sandbox.git.http_backend import Visit, is_push, serve
from octobot.sandbox.state.hub import Hub
from octobot.sandbox.state.nouns import RepositoryState
from octobot.sandbox.upstreams import git, pages

PREFIX = "/mirror"
STAND_IN_DATE = datetime(2026, 1, 1, tzinfo=UTC)
"""The date of every provided commit, so that its id is the same in every run."""

_STAND_IN = "stand-in"

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Ground(Protocol):
    """What the sandbox's GitHub lends to its upstreams."""

    hub: Hub

    @property
    def url(self) -> str:
        """The server's own address."""
        ...

    async def create_repository(self, name: str) -> RepositoryState:
        """Make an empty public repository; one that exists is given."""
        ...

    async def publish_release(
        self, name: str, tag: str, *, prerelease: bool = False, draft: bool = False
    ) -> int:
        """Publish a GitHub release of an existing tag."""
        ...

    def mount(self, prefix: str, handler: Handler) -> None:
        """Answer the paths below `prefix` with `handler`."""
        ...


@dataclass(frozen=True, slots=True)
class Source:
    """One upstream repository."""

    git_dir: Path
    stand_in: bool
    """It was provided for a spec that the world does not describe: its contents mean nothing."""


@dataclass(frozen=True, slots=True)
class Download:
    """One upstream file."""

    content: bytes
    stand_in: bool


class Upstreams:
    """All upstreams of a sandbox, kept below `home`, so that a restart finds them again."""

    def __init__(self, ground: Ground, home: Path) -> None:
        self._ground = ground
        self.home = home
        ground.mount(PREFIX, self.answer)

    @property
    def mirror(self) -> str:
        """The address to put before `HOST/PATH`."""
        return f"{self._ground.url}{PREFIX}"

    def locate(self, url: str) -> Source | None:
        """Find the repository behind a URL; None when there is none."""
        key = _repository_key(url)
        if name := _on_github(key):
            found = self._ground.hub.state.repository(name)
            git_dir = Path(found.git_dir) if found else None
        else:
            git_dir = self._foreign(key)
        if git_dir is None or not git_dir.is_dir():
            return None
        return Source(git_dir, stand_in=(git_dir / _STAND_IN).exists())

    def download(self, uri: str) -> Download | None:
        """Find the file behind an address; None when there is none."""
        path = self._file(uri)
        if not path.exists():
            return None
        return Download(path.read_bytes(), stand_in=path.with_suffix(f".{_STAND_IN}").exists())

    async def open(self, url: str) -> Path:
        """Give the bare repository behind a URL, an empty one when it did not exist."""
        if source := self.locate(url):
            return source.git_dir
        key = _repository_key(url)
        if name := _on_github(key):
            return Path((await self._ground.create_repository(name)).git_dir)
        await git.create(self._foreign(key))
        return self._foreign(key)

    async def write(self, url: str, commits: Sequence[git.Commit], *, once: str = "") -> None:
        """Add commits with their tags and releases to a repository, made when missing.

        What `once` names is written once, however often it is asked for.
        """
        await git.write(await self.open(url), commits, once=once)
        name = _on_github(_repository_key(url))
        for commit in commits:
            if name and commit.release and commit.tags:
                await self._release(name, commit.tags[0], commit.release)

    async def _release(self, name: str, tag: str, kind: git.ReleaseKind) -> None:
        state = self._ground.hub.state
        repository = state.repository(name)
        known = state.releases.of(repository.id) if repository else ()
        if not any(release.tag == tag for release in known):
            await self._ground.publish_release(
                name, tag, prerelease=kind == "prerelease", draft=kind == "draft"
            )

    def put_file(self, uri: str, content: bytes) -> None:
        """Publish a file at an address, in place of what was there."""
        path = self._file(uri)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        path.with_suffix(f".{_STAND_IN}").unlink(missing_ok=True)

    def put_answer(self, uri: str, body: bytes, content: bytes) -> None:
        """Answer this very body at an address so."""
        self.put_file(_posted(uri, body), content)

    async def provide_ref(self, url: str, ref: str) -> Sha:
        """Give the commit that `ref` of `url` names, making both when they do not exist.

        `ref` is `refs/tags/NAME`, `refs/heads/NAME` or `HEAD`, as in the pin of a spec.
        """
        source = self.locate(url)
        git_dir = await self.open(url)
        if source is None:
            (git_dir / _STAND_IN).touch()
            await git.write(git_dir, [_stand_in_commit("main", ())])
        if commit := await git.resolve(git_dir, ref):
            return commit
        kind, _, name = ref.removeprefix("refs/").partition("/")
        tagged = kind == "tags"
        # Every stand-in is one commit on its own branch, so its id does not depend on the order.
        made = _stand_in_commit(f"stand-in/{name}" if tagged else name, (name,) if tagged else ())
        await git.write(git_dir, [made])
        if tagged:
            await git.run_git(git_dir, "update-ref", "-d", f"refs/heads/{made.branch}")
        if (commit := await git.resolve(git_dir, ref)) is None:
            raise ValueError(f"{ref!r} is neither a tag, a branch nor HEAD")
        return commit

    async def provide_file(self, uri: str) -> bytes:
        """Give the file at an address, making one up when there is none."""
        if known := self.download(uri):
            return known.content
        content = f"A stand-in for {uri}\n".encode()
        self.put_file(uri, content)
        self._file(uri).with_suffix(f".{_STAND_IN}").touch()
        return content

    async def provide_release(self, full_name: str, tag: str) -> Sha:
        """Publish a GitHub release of a tag, with the repository and the tag when missing."""
        commit = await self.provide_ref(f"https://github.com/{full_name}", f"refs/tags/{tag}")
        await self._release(full_name, tag, "full")
        return commit

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer one request below `/mirror/`."""
        host, _, path = request.path.split(f"{PREFIX}/", 1)[1].partition("/")
        if service := git.service_of(path):
            source = self.locate(f"https://{host}/{service[0]}")
            if source is None:
                return web.Response(status=404, text="no such repository\n")
            if is_push(request, service[1]):
                return web.Response(status=403, text="upstreams are read only\n")
            return await serve(request, Visit(source.git_dir, service[1], user=None, extra={}))
        query = f"?{unquote(request.query_string)}" if request.query_string else ""
        if request.method == "POST":
            asked = self.download(_posted(f"https://{host}/{path}", await request.read()))
            content = asked.content if asked else None
        else:
            content = await self._content(host, path, query)
        if content is None:
            return web.Response(status=404, text="no such file\n")
        return web.Response(body=content, content_type="application/octet-stream")

    async def _content(self, host: str, path: str, query: str) -> bytes | None:
        if known := self.download(f"https://{host}/{path}{query}"):
            return known.content
        page = pages.recognise(host, path)
        source = self.locate(page.repository) if page else None
        return await pages.read(page, source.git_dir) if page and source else None

    def _foreign(self, key: str) -> Path:
        # Hashed: an upstream's name is foreign text and no path of ours.
        return self.home / "git" / f"{_hashed(key)}.git"

    def _file(self, uri: str) -> Path:
        return self.home / "files" / _hashed(unquote(uri.partition("://")[2]))


def _posted(uri: str, body: bytes) -> str:
    """Name what is answered to a body, as if it were a file of its own."""
    return f"{uri}#{hashlib.sha256(body).hexdigest()}"


def _hashed(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _repository_key(url: str) -> str:
    """Name a repository the same whichever way its URL is written: `github.com/owner/name`."""
    rest = unquote(url.partition("://")[2] or url).rstrip("/").removesuffix(".git")
    host, _, path = rest.partition("/")
    return f"{host.lower()}/{path}"


def _on_github(key: str) -> str | None:
    """Give `owner/name` when a key is a repository of github.com."""
    host, _, name = key.partition("/")
    owner, slash, short = name.partition("/")
    good = host == "github.com" and owner and slash and short and "/" not in short
    return name if good else None


def _stand_in_commit(branch: str, tags: tuple[str, ...]) -> git.Commit:
    files: Mapping[str, bytes] = {
        "README": b"A stand-in of the sandbox; the real sources are elsewhere.\n",
        "REF": f"{tags[0] if tags else branch}\n".encode(),
    }
    return git.Commit(f"Stand in for {files['REF'].decode()}", STAND_IN_DATE, files, branch, tags)
