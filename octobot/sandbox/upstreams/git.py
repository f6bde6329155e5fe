"""The git of upstream repositories: histories that are the same on every machine.

A history is data (`Commit`), written with fixed authors and dates through `git fast-import`, so the
commit ids never differ and a spec can pin them.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from octobot.model.ids import Sha
from octobot.sandbox.git.git import GitFailed, ask_git, run

_AUTHOR = "Upstream <upstream@example.org>"
_SERVICES = ("/info/refs", "/git-upload-pack")
OBJECT_ID = re.compile(r"[0-9a-f]{40}")
"""A commit id as a spec pins it."""


ReleaseKind = Literal["full", "prerelease", "draft"]


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit of an upstream and the refs that name it."""

    message: str
    at: datetime
    """Author's and committer's date; must know its zone."""
    files: Mapping[str, bytes | None]
    """Paths added or replaced; None removes one."""
    branch: str = "main"
    tags: tuple[str, ...] = ()
    annotated: bool = False
    """Whether the tags are tag objects of their own."""
    release: ReleaseKind | None = None
    """What GitHub shows for the first tag; None: no release."""
    moves: bool = False
    """The tags exist already and are moved here."""


async def run_git(git_dir: Path, *args: str, stdin: bytes = b"") -> bytes:
    """Run git on a repository and return its output; `GitFailed` when it fails."""
    _, out = await run(git_dir, *args, stdin=stdin)
    return out


async def create(git_dir: Path) -> None:
    """Create an empty bare repository whose default branch is `main`."""
    await run_git(git_dir, "init", "--quiet", "--bare", "--initial-branch=main", str(git_dir))


async def resolve(git_dir: Path, ref: str) -> Sha | None:
    """Return the peeled commit that a ref or object id names; None when it does not exist."""
    answer = await ask_git(
        git_dir, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}"
    )
    return Sha(answer.text) if not answer.code and OBJECT_ID.fullmatch(answer.text) else None


async def read(git_dir: Path, ref: str, path: str) -> bytes | None:
    """Return a file's bytes at a ref; None when either does not exist."""
    commit = await resolve(git_dir, ref)
    if commit is None:
        return None
    answer = await ask_git(git_dir, "cat-file", "blob", f"{commit}:{path}")
    return None if answer.code else answer.out


async def write(git_dir: Path, commits: Sequence[Commit], *, once: str = "") -> None:
    """Add commits, each on top of its branch.

    A tag that exists already is an error, unless the commit says that it moves.  A write that
    has a name (`once`) is not repeated: its mark is written together with its refs.
    """
    if once and await written(git_dir, once):
        return
    for tag in (tag for commit in commits if not commit.moves for tag in commit.tags):
        if await resolve(git_dir, f"refs/tags/{tag}") is not None:
            raise GitFailed(f"{git_dir}: tag {tag} exists already and is not said to move")
    stream = _stream(commits, await _branches(git_dir))
    if once:
        stream += f"reset {_mark(once)}\nfrom :{len(commits)}\n\n".encode()
    await run_git(git_dir, "fast-import", "--quiet", "--force", stdin=stream + b"done\n")


async def written(git_dir: Path, once: str) -> bool:
    """Return whether the write of this name was made."""
    return await resolve(git_dir, _mark(once)) is not None


def _mark(once: str) -> str:
    return f"refs/sandbox/{hashlib.sha256(once.encode()).hexdigest()}"


async def _branches(git_dir: Path) -> set[str]:
    out = await run_git(git_dir, "for-each-ref", "--format=%(refname:lstrip=2)", "refs/heads")
    return set(out.decode().split())


def _stream(commits: Sequence[Commit], known: set[str]) -> bytes:
    """Return the commits in the format of `git fast-import`."""
    parts: list[bytes] = []
    last: dict[str, str] = {branch: f"refs/heads/{branch}^0" for branch in known}
    for mark, commit in enumerate(commits, start=1):
        when = f"{_AUTHOR} {int(commit.at.timestamp())} +0000"
        head = f"commit refs/heads/{commit.branch}\nmark :{mark}\nauthor {when}\ncommitter {when}\n"
        parts += [head.encode(), _data(commit.message.encode())]
        # A branch that is new here leaves the main line, when there is one.
        if parent := last.get(commit.branch) or last.get("main"):
            parts.append(f"from {parent}\n".encode())
        last[commit.branch] = f":{mark}"
        for path, content in sorted(commit.files.items()):
            parts += _file(path, content)
        for tag in commit.tags:
            parts.append(_tag(tag, commit, mark, when))
    return b"".join(parts)


def _file(path: str, content: bytes | None) -> list[bytes]:
    if content is None:
        return [f"D {path}\n".encode()]
    return [f"M 100644 inline {path}\n".encode(), _data(content)]


def _tag(tag: str, commit: Commit, mark: int, when: str) -> bytes:
    if commit.annotated:
        return f"tag {tag}\nfrom :{mark}\ntagger {when}\n".encode() + _data(tag.encode() + b"\n")
    return f"reset refs/tags/{tag}\nfrom :{mark}\n\n".encode()


def _data(content: bytes) -> bytes:
    return b"data %d\n%b\n" % (len(content), content)


def service_of(path: str) -> tuple[str, str] | None:
    """Split `OWNER/NAME.git/info/refs` into repository and service; None for other paths."""
    for service in _SERVICES:
        if path.endswith(service):
            return path.removesuffix(service), service
    return None
