"""Real git repositories, and a server for them that is one function."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from octobot.model.lookup import HttpRequest, HttpResponse, Request, Response

Server = Callable[[Request], Response]

_WHO = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
    "GIT_AUTHOR_NAME": "A",
    "GIT_AUTHOR_EMAIL": "a@example.com",
    "GIT_COMMITTER_NAME": "C",
    "GIT_COMMITTER_EMAIL": "c@example.com",
    "GIT_AUTHOR_DATE": "2020-01-01T00:00:00Z",
    "GIT_COMMITTER_DATE": "2026-02-03T04:05:06+02:00",
}
_SUFFIX = "/info/refs?service=git-upload-pack"


class GitRepository:
    """A repository on disk with the few steps that the tests take."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.mkdir()
        self.run("init", "-q", "-b", "main")

    def run(self, *arguments: str) -> str:
        """Run git in the repository and return its output."""
        done = subprocess.run(  # noqa: S603  (git, with the tests' own arguments)
            ["git", *arguments],  # noqa: S607  (whatever git this machine has)
            cwd=self.path,
            env={**os.environ, **_WHO},
            check=True,
            capture_output=True,
        )
        return done.stdout.decode().strip()

    def commit(self, text: str) -> str:
        """Add a commit with a file and return its id."""
        (self.path / f"{text}.txt").write_text(text * 1000)
        self.run("add", "-A")
        self.run("commit", "-q", "-m", text)
        return self.run("rev-parse", "HEAD")

    def upload_pack(self, *arguments: str, protocol: str, body: bytes = b"") -> bytes:
        """Let git itself answer one HTTP request's content."""
        return subprocess.run(  # noqa: S603  (git, with the tests' own arguments)
            ["git", "upload-pack", "--stateless-rpc", *arguments, "."],  # noqa: S607  (as above)
            cwd=self.path,
            env={**os.environ, **_WHO, "GIT_PROTOCOL": protocol},
            check=False,
            input=body,
            capture_output=True,
        ).stdout

    def server(self, *, protocol: str | None = None, post_first: bool = True) -> Server:
        """Answer as a host of this repository does.

        `protocol`: the host ignores what the client prefers.  Without `post_first`, ls-refs is
        refused until `info/refs` was asked.
        """
        introduced = post_first

        def answer(request: Request) -> Response:
            nonlocal introduced
            assert isinstance(request, HttpRequest)
            spoken = protocol or request.headers["Git-Protocol"]
            if request.method == "GET":
                introduced = True
                told = self.upload_pack("--http-backend-info-refs", protocol=spoken)
                # What git's http-backend puts before the first protocol's list.
                head = b"" if spoken == "version=2" else b"001e# service=git-upload-pack\n0000"
                kind = "application/x-git-upload-pack-advertisement"
                assert request.url.endswith(_SUFFIX)
                return HttpResponse(200, {"content-type": kind}, head + told, request.url)
            if not introduced:
                return HttpResponse(403, {"content-type": "text/plain"}, b"", request.url)
            told = self.upload_pack(protocol=spoken, body=request.body)
            kind = "application/x-git-upload-pack-result"
            return HttpResponse(200, {"content-type": kind}, told[: request.limit], request.url)

        return answer


@pytest.fixture
def repository(tmp_path: Path) -> GitRepository:
    """Return a repository with two commits, a lightweight, an annotated and a nested tag."""
    made = GitRepository(tmp_path / "upstream")
    made.commit("one")
    made.run("tag", "v1.0")
    made.commit("two")
    made.run("tag", "-a", "-m", "two", "v2.0")
    made.run("tag", "-a", "-m", "nested", "nested", "v2.0")
    made.run("branch", "stable", "v1.0")
    return made
