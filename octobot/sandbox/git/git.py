"""Real git, called with argument lists: no shell, no working copy, no user configuration.

Reading goes through one long-lived `git cat-file --batch` per repository; commits are made by
`git fast-import`, which takes blobs, trees and parents in one process; refs move by
`git update-ref` with the old value named, so that a lost race never overwrites the winner.
"""

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from octobot.model.ids import Sha
from octobot.sandbox.git.draft import Draft, Identity, change_lines, data_lines, is_proper
from octobot.sandbox.git.objects import (
    Change,
    Commit,
    Entry,
    Tag,
    entries,
    read_commit,
    read_diff,
    read_tag,
)
from octobot.sandbox.git.readers import Readers

_SCRATCH = "refs/sandbox/scratch"
"""The ref that `git fast-import` must move; hidden from everybody."""

_BY_ID = re.compile("[0-9a-f]{40}")
"""Names that begin with an id; their object never changes."""

_SETTINGS = {
    "gc.auto": "0",
    "receive.autogc": "false",
    "http.receivepack": "true",
    "uploadpack.allowAnySHA1InWant": "true",
    "uploadpack.allowFilter": "true",
    "core.logAllRefUpdates": "false",
    "transfer.hideRefs": "refs/sandbox",
}


def _configured(settings: Mapping[str, str]) -> dict[str, str]:
    return {
        "GIT_CONFIG_COUNT": str(len(settings)),
        **{f"GIT_CONFIG_KEY_{n}": key for n, key in enumerate(settings)},
        **{f"GIT_CONFIG_VALUE_{n}": value for n, value in enumerate(settings.values())},
    }


ENVIRONMENT: Mapping[str, str] = {
    "PATH": "/usr/local/bin:/usr/bin:/bin",
    "HOME": "/nonexistent",
    "LC_ALL": "C",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_TERMINAL_PROMPT": "0",
    **_configured(_SETTINGS),
}
"""All that git sees of this machine."""


def with_hooks(folder: Path) -> dict[str, str]:
    """Return the environment in which the hooks of a folder run."""
    return {**ENVIRONMENT, **_configured({**_SETTINGS, "core.hooksPath": str(folder)})}


class GitFailed(Exception):  # noqa: N818  (git did; callers turn it into GitHub's answer)
    """Git ended with an error; the text is its own."""


class RefMoved(GitFailed):
    """The ref was not where the caller thought."""


@dataclass(frozen=True, slots=True)
class GitAnswer:
    """The result of a git command."""

    code: int
    out: bytes
    err: str

    @property
    def text(self) -> str:
        """The output without its last line's end."""
        return self.out.decode(errors="replace").rstrip("\n")


async def ask_git(git_dir: Path, *arguments: str, stdin: bytes = b"") -> GitAnswer:
    """Run one git command; a failure is part of the answer."""
    process = await asyncio.create_subprocess_exec(
        "git",
        "--git-dir",
        str(git_dir),
        *arguments,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=dict(ENVIRONMENT),
    )
    out, err = await process.communicate(stdin)
    return GitAnswer(process.returncode or 0, out, err.decode(errors="replace").rstrip("\n"))


async def run(
    git_dir: Path, *arguments: str, stdin: bytes = b"", ok: Sequence[int] = (0,)
) -> tuple[int, bytes]:
    """Run one git command; an exit status not in `ok` is `GitFailed`."""
    answer = await ask_git(git_dir, *arguments, stdin=stdin)
    if answer.code not in ok:
        raise GitFailed(f"git {arguments[0]}: {answer.err.strip()}")
    return answer.code, answer.out


class Git:
    """One bare repository."""

    def __init__(self, git_dir: Path, readers: Readers) -> None:
        self.dir = git_dir
        self._readers = readers
        self._importing = asyncio.Lock()
        self._known: dict[str, tuple[Sha, str, bytes]] = {}

    async def init(self, default_branch: str) -> None:
        """Create it, empty."""
        self.dir.mkdir(parents=True, exist_ok=True)
        await run(
            self.dir,
            *("init", "--quiet", "--bare", "--template="),
            f"--initial-branch={default_branch}",
        )

    async def read(self, name: str) -> tuple[Sha, str, bytes] | None:
        """Read any object by id or expression: (id, kind, content); None when it does not exist."""
        if not name or "\n" in name:  # one question a line
            return None
        if name in self._known:
            return self._known[name]
        async with self._readers.of(self.dir) as reader:
            found = await reader.ask(name)
        if found and _BY_ID.match(name):
            self._known[name] = found
        return found

    async def resolve(self, name: str, kind: str = "commit") -> Sha | None:
        """Peel an expression to the id of a commit (or another kind)."""
        found = await self._peeled(name, kind)
        return found[0] if found else None

    async def _peeled(self, name: str, kind: str) -> tuple[Sha, str, bytes] | None:
        if ":" not in name:
            return await self.read(f"{name}^{{{kind}}}")
        found = await self.read(name)  # what is behind a colon is a path to its end
        return found if found and found[1] == kind else None

    async def ref(self, name: str) -> Sha | None:
        """Read where a full ref points, unpeeled."""
        if not name.startswith("refs/") or any(c in name for c in "^~:{*?["):
            return None
        found = await self.read(name)
        return found[0] if found else None

    async def commit_of(self, name: str) -> Commit | None:
        """Read a commit by id or expression."""
        found = await self._peeled(name, "commit")
        return read_commit(found[0], found[2]) if found else None

    async def tag_of(self, sha: Sha) -> Tag | None:
        """Read an annotated tag object."""
        found = await self.read(sha)
        return read_tag(found[0], found[2]) if found and found[1] == "tag" else None

    async def tree_of(self, name: str) -> tuple[Sha, tuple[Entry, ...]] | None:
        """Read one tree level by id or expression."""
        found = await self._peeled(name, "tree")
        return (found[0], entries(found[2])) if found else None

    async def refs(self, prefix: str = "refs/") -> dict[str, Sha]:
        """List refs under a prefix as name → id, unpeeled, sorted by name."""
        folder = prefix.rpartition("/")[0]
        form = "--format=%(refname) %(objectname)"
        _, out = await run(self.dir, "for-each-ref", form, folder)
        lines = (line.split(" ") for line in out.decode().splitlines())
        return {name: Sha(sha) for name, sha in lines if name.startswith(prefix)}

    async def dated_refs(self, prefix: str) -> list[tuple[str, Sha, int]]:
        """List refs as (name, id, commit date in seconds since 1970), sorted by name."""
        if not prefix.startswith("refs/"):
            return []
        form = "%(refname) %(objectname) %(committerdate:unix)%(*committerdate:unix)"
        _, out = await run(self.dir, "for-each-ref", f"--format={form}", prefix)
        listed = [line.split(" ") for line in out.decode().splitlines()]
        return [
            (n, Sha(sha), int(date) if date else await self._date(sha)) for n, sha, date in listed
        ]

    async def _date(self, name: str) -> int:
        """A tag of a tag: for-each-ref looks one level deep only."""
        commit = await self.commit_of(name)
        return int(commit.committer.at.timestamp()) if commit else 0

    async def move(self, ref: str, *, old: Sha | None, new: Sha | None) -> None:
        """Create, move or delete a ref, only if it points to `old`; `RefMoved` otherwise."""
        zero = "0" * 40
        line = f"update {ref}\0{new or zero}\0{old or zero}\0"
        try:
            await run(self.dir, "update-ref", "-z", "--stdin", stdin=line.encode())
        except GitFailed as failed:
            raise RefMoved(str(failed)) from failed

    async def put(self, ref: str, new: Sha) -> None:
        """Point a ref to an object, whatever it pointed to before."""
        await run(self.dir, "update-ref", ref, new)

    async def fetch(self, other: Path, sha: Sha) -> None:
        """Take a commit and all it needs from another repository."""
        await run(
            self.dir, "fetch", "--quiet", "--no-tags", "--no-write-fetch-head", str(other), sha
        )

    async def copy(self, other: Path) -> None:
        """Take all branches and tags from another repository."""
        specs = ("+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*")
        await run(self.dir, "fetch", "--quiet", "--no-write-fetch-head", str(other), *specs)

    async def commit(self, draft: Draft) -> Sha:
        """Create a commit without moving any branch; return its id."""
        stream = bytearray(f"commit {_SCRATCH}\nmark :1\n".encode())
        stream += f"author {draft.author.line()}\ncommitter {draft.committer.line()}\n".encode()
        stream += data_lines(draft.message.encode())
        for n, parent in enumerate(draft.parents):
            stream += f"{'merge' if n else 'from'} {parent}\n".encode()
        if draft.tree is not None:
            stream += f'M 040000 {draft.tree} ""\n'.encode()
        for path, put in draft.changes.items():
            if not is_proper(path):
                raise GitFailed(f"git fast-import: invalid path {path!r}")
            stream += change_lines(path, put)
        stream += b"get-mark :1\n"
        async with self._importing:
            _, out = await run(self.dir, "fast-import", "--quiet", "--force", stdin=bytes(stream))
        return Sha(out.decode().strip())

    async def write_blob(self, content: bytes) -> Sha:
        """Store a blob; return its id."""
        _, out = await run(self.dir, "hash-object", "-w", "--stdin", stdin=content)
        return Sha(out.decode().strip())

    async def write_tag(self, target: Sha, kind: str, name: str, message: str, by: Identity) -> Sha:
        """Create an annotated tag object; return its id."""
        text = f"object {target}\ntype {kind}\ntag {name}\ntagger {by.line()}\n\n{message}\n"
        _, out = await run(self.dir, "mktag", "--no-strict", stdin=text.encode())
        return Sha(out.decode().strip())

    async def merge_tree(self, one: Sha, other: Sha) -> Sha | None:
        """Merge two commits without a working copy; None when they conflict."""
        status, out = await run(
            self.dir, "merge-tree", "--write-tree", "--no-messages", one, other, ok=(0, 1)
        )
        return Sha(out.decode().splitlines()[0]) if status == 0 else None

    async def merge_base(self, one: str, other: str) -> Sha | None:
        """Find the best common ancestor."""
        tip = await self.commit_of(other)
        if tip and one in tip.parents:
            return Sha(one)
        status, out = await run(self.dir, "merge-base", one, other, ok=(0, 1))
        return Sha(out.decode().strip()) if status == 0 else None

    async def is_ancestor(self, one: Sha, of: Sha) -> bool:
        """Return whether `of` contains `one`."""
        tip = await self.commit_of(of)
        if one == of or (tip and one in tip.parents):
            return True  # nearly always, and no process was needed
        status, _ = await run(self.dir, "merge-base", "--is-ancestor", one, of, ok=(0, 1))
        return status == 0

    async def between(self, base: Sha, head: Sha) -> list[Sha]:
        """List the commits of `head` that `base` has not, oldest first."""
        tip = await self.commit_of(head)
        if base == head or (tip and tip.parents == (base,)):
            return [] if base == head else [head]
        _, out = await run(
            self.dir, "rev-list", "--reverse", "--topo-order", f"{base}..{head}", "--"
        )
        return [Sha(line) for line in out.decode().split()]

    async def history(self, head: Sha, *, path: str | None = None, limit: int) -> list[Sha]:
        """List commits backwards from `head`, those that touch `path`."""
        where = [path] if path else []
        _, out = await run(self.dir, "rev-list", f"--max-count={limit}", head, "--", *where)
        return [Sha(line) for line in out.decode().split()]

    async def diff(self, base: Sha, head: Sha) -> list[Change]:
        """Compare two trees, renames found."""
        options = ("-r", "-z", "-M", "--raw", "--numstat", "--no-commit-id")
        _, out = await run(self.dir, "diff-tree", *options, base, head)
        return read_diff(out.decode("utf-8", "surrogateescape").split("\0"))

    async def patch(self, base: Sha, head: Sha, path: str) -> str:
        """Write the unified difference of one path, from its first hunk on."""
        _, out = await run(self.dir, "diff-tree", "-r", "-p", base, head, "--", path)
        text = out.decode("utf-8", "replace")
        start = text.find("@@ ")
        return text[start:].rstrip("\n") if start >= 0 else ""

    async def archive(self, tree: Sha, prefix: str) -> bytes:
        """Pack a commit as `.tar.gz`."""
        _, out = await run(self.dir, "archive", "--format=tar.gz", f"--prefix={prefix}/", tree)
        return out
