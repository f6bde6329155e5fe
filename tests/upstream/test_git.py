"""The datasource `git` through the guarded client, against git's own HTTP server."""

import asyncio
import os
import subprocess
from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import pytest
from aiohttp import web

from octobot.datasources.ancestry import contained
from octobot.datasources.git import resolve
from octobot.datasources.table import TABLE
from octobot.model.lookup import Request, Response
from octobot.model.package import Upstream
from octobot.model.reasons import Reason, ReasonCode
from octobot.upstream.client import Client

if TYPE_CHECKING:
    from tests.upstream.conftest import Hosts

T = TypeVar("T")
REPOSITORY = "https://git.example.org/widget.git"
_WHO = {
    f"GIT_{role}_{what}": "a@example.com"
    for role in ("AUTHOR", "COMMITTER")
    for what in ("NAME", "EMAIL")
}
_QUIET = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}


def git(folder: Path, *arguments: str) -> str:
    """Run git in a folder and return its output."""
    done = subprocess.run(  # noqa: S603  (git, with the tests' own arguments)
        ["git", *arguments],  # noqa: S607  (whatever git this machine has)
        cwd=folder,
        env={**os.environ, **_WHO, **_QUIET},
        check=True,
        capture_output=True,
    )
    return done.stdout.decode().strip()


@pytest.fixture
def served(tmp_path: Path) -> Path:
    """Return a folder with the repository that git serves as git.example.org."""
    made = tmp_path / "mirror" / "git.example.org" / "widget.git"
    made.mkdir(parents=True)
    git(made, "init", "-q", "-b", "main")
    git(made, "commit", "-q", "--allow-empty", "-m", "one")
    git(made, "tag", "-a", "-m", "one", "v1.0")
    git(made, "commit", "-q", "--allow-empty", "-m", "two")
    return tmp_path


async def http_backend(root: Path, request: web.Request) -> web.Response:
    """Answer with git's own CGI program."""
    body = await request.read()
    variables = {
        "GIT_PROJECT_ROOT": str(root),
        "GIT_HTTP_EXPORT_ALL": "1",
        "GIT_PROTOCOL": request.headers.get("Git-Protocol", ""),
        "PATH_INFO": request.path,
        "QUERY_STRING": request.query_string,
        "REQUEST_METHOD": request.method,
        "CONTENT_TYPE": request.headers.get("Content-Type", ""),
        "CONTENT_LENGTH": str(len(body)),
        "REMOTE_ADDR": "127.0.0.1",
    }
    process = await asyncio.create_subprocess_exec(
        "git",
        "http-backend",
        env={**os.environ, **_QUIET, **variables},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    told, _ = await process.communicate(body)
    head, _, content = told.partition(b"\r\n\r\n")
    headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
    status = int(headers.pop("Status", "200").split()[0])
    return web.Response(status=status, headers=headers, body=content)


async def drive(conversation: Generator[Request, Response, T], client: Client) -> T:
    """Drive a conversation with a client."""
    try:
        request = next(conversation)
        while True:
            request = conversation.send(await client.send(request))
    except StopIteration as end:
        result: T = end.value
        return result


async def test_the_whole_way_to_gits_own_server(hosts: "Hosts", served: Path) -> None:
    """Tags, a branch's head with its date, one ref and ancestry, over real HTTP."""
    client = await hosts.client(lambda request: http_backend(served, request))
    repository = served / "mirror" / "git.example.org" / "widget.git"
    one, two = git(repository, "rev-parse", "v1.0^{}"), git(repository, "rev-parse", "main")
    upstreams = [Upstream("git", REPOSITORY, "tags"), Upstream("git", REPOSITORY, "branch")]
    findings = await drive(TABLE["git"].lookup(upstreams), client)
    tags, head = (findings[upstream] for upstream in upstreams)
    assert not isinstance(tags, Reason)
    assert [(tag.name, tag.commit) for tag in tags] == [("v1.0", one)]
    assert not isinstance(head, Reason)
    assert (head[0].name, head[0].commit) == ("main", two)
    assert head[0].committed is not None
    assert await drive(resolve(REPOSITORY, "refs/tags/v1.0"), client) == one
    inside = await drive(contained(REPOSITORY, "refs/tags/v1.0", [one, two]), client)
    assert inside == frozenset({one})


async def test_gits_own_server_says_what_is_missing(hosts: "Hosts", served: Path) -> None:
    """A repository that is not there is missing, after the second look."""
    client = await hosts.client(lambda request: http_backend(served, request))
    gone = Upstream("git", "https://git.example.org/gone.git", "tags")
    findings = await drive(TABLE["git"].lookup([gone]), client)
    reason = findings[gone]
    assert isinstance(reason, Reason)
    assert reason.code is ReasonCode.UPSTREAM_MISSING
