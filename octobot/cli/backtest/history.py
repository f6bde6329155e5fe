"""Commits that changed one spec, read from a git repository without a checkout.

Plain git does the work: `git log --raw` names the blobs, one `git cat-file --batch` gives their
texts.  The repository may be anybody's: its configuration runs nothing, nothing is fetched, and no
blob is held that is larger than a spec may be.
"""

import os
import re
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import IO, Self

from octobot.flows.backtest.backtest import Commit
from octobot.messages.terminal import inert
from octobot.model.errors import UserError
from octobot.specs.read.parsing import LARGEST

ID_LENGTH = 12
"""Digits of a commit's id that name its case."""
_MARK = b"\x01"
_LOG = (
    "log",
    "--format=%x01%H %ct %s",
    *("--raw", "-z", "--no-abbrev", "--no-renames", "--no-merges", "--full-history"),
    *("--no-ext-diff", "--no-textconv", "--no-color", "--no-show-signature"),
)
_CHUNK = 1 << 16
_REGULAR = "100644"
_FILES = ("100644", "100755")
_VERSION = re.compile(r"^package:\n(?:[ #].*\n|\n)*?  version: *[\"']?([^\s\"'#]+)", re.MULTILINE)
_EPOCH = re.compile(r"^package:\n(?:[ #].*\n|\n)*?  epoch: *[\"']?([^\s\"'#]+)", re.MULTILINE)
"""By lines, not parsed: tens of thousands of texts are compared."""


@dataclass(frozen=True, slots=True)
class Changed:
    """A commit that changed exactly one spec of the directory."""

    commit: str
    time: int
    subject: str
    path: str
    """Within the repository."""
    before: str
    """Blob id."""
    after: str


@dataclass(frozen=True, slots=True)
class Raised:
    """When a spec was last raised; ages count commits from the newest, 1; 0: never."""

    version_age: int = 0
    epoch_age: int = 0
    """When its version or epoch changed."""
    commit: str = ""
    time: int = 0


class History:
    """One repository while it is read; use it as a context."""

    def __init__(self, source: Path) -> None:
        """Read the specs that lie in the directory `source` itself, or in a bare repository."""
        self._source = source
        self._blobs: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self._blobs = _git(self._source, ["cat-file", "--batch"], stdin=subprocess.PIPE)
        return self

    def __exit__(self, *_: object) -> None:
        if self._blobs:
            self._blobs.kill()
            self._blobs.communicate()

    def changed(self, since: datetime | None) -> Iterator[Changed]:
        """List the commits that changed one spec, newest first.

        Merges are left out, and commits that add, remove or rename a spec or change several.
        """
        command = [*_LOG, *([f"--since={since.isoformat()}"] if since else [])]
        head, entries, line = b"", list[tuple[str, str]](), b""
        for token in _tokens(self._source, [*command, "HEAD", "--", ":(glob)*.yaml"]):
            if line:
                entries.append((line.decode(), token.decode("utf-8", "surrogateescape")))
                line = b""
            elif token.startswith(b":"):
                line = token
            elif token.startswith(_MARK):
                yield from _one(head, entries)
                head, entries = token[1:], []
        yield from _one(head, entries)

    def commit(self, changed: Changed) -> Commit | None:
        """Read both texts; None when one is larger than a spec or not UTF-8.

        One that a partial clone left out is a `UserError`.
        """
        before, after = self._blob(changed.before), self._blob(changed.after)
        if before is None or after is None:
            return None
        return Commit(
            id=changed.commit[:ID_LENGTH],
            time=changed.time,
            path=changed.path.rpartition("/")[2],
            subject=changed.subject,
            before=before,
            after=after,
        )

    def files(self, revision: str, *others: str) -> dict[str, str]:
        """Return path → text at a revision, from the directory on: specs, pipelines, and others."""
        found: dict[str, str] = {}
        listing = ["ls-tree", "-r", "-z", "--end-of-options", revision, "--", "."]
        for entry in _tokens(self._source, listing):
            head, _, name = entry.partition(b"\t")
            path, (mode, _, blob) = name.decode("utf-8", "surrogateescape"), head.decode().split()
            inner = path.startswith("pipelines/") or ("/" not in path and not path.startswith("."))
            if mode in _FILES and (path in others or (inner and path.endswith(".yaml"))):
                found[path] = self._text(blob)
        return found

    def raised(self, *revisions: str) -> dict[str, Raised]:
        """Return each spec's newest commit that changed its version or epoch.

        `revisions` as `git log` takes them: `HEAD`, or `COMMIT..HEAD`.  Newest first by the graph
        of commits: dates are what whoever commits says.
        """
        found: dict[str, Raised] = {}
        head, line, number = b"", b"", 0
        limits = ("--topo-order", "--end-of-options", *revisions)
        command = [*_LOG, *limits, "--", ":(glob)*.yaml"]
        for token in _tokens(self._source, command):
            if line:
                self._note(found, head.decode(errors="replace"), line, token, number)
                line = b""
            elif token.startswith(b":"):
                line = token
            elif token.startswith(_MARK):
                head, number = token[1:], number + 1
        return found

    def _note(
        self, found: dict[str, Raised], head: str, line: bytes, path: bytes, number: int
    ) -> None:
        spec = path.decode("utf-8", "surrogateescape").rpartition("/")[2].removesuffix(".yaml")
        known = found.get(spec, Raised())
        if known.version_age and known.epoch_age:
            return
        before, after = (self._versions(blob) for blob in line.decode().split()[2:4])
        commit, time = head.split(" ", 2)[:2]
        if before != after and after is not None and not known.epoch_age:
            known = replace(known, epoch_age=number, commit=commit, time=int(time))
        if (before or ("",))[0] != (after or ("",))[0] and after is not None:
            known = replace(known, version_age=number)
        found[spec] = known

    def _versions(self, blob: str) -> tuple[str, str] | None:
        if not blob.strip("0"):
            return None
        text = self._blob(blob) or ""
        version, epoch = _VERSION.search(text), _EPOCH.search(text)
        return (version[1] if version else "", epoch[1] if epoch else "")

    def _text(self, blob: str) -> str:
        text = self._blob(blob)
        return "\0" if text is None else text  # which no spec may contain, so it is refused

    def _blob(self, blob: str) -> str | None:
        if self._blobs is None or self._blobs.stdin is None or self._blobs.stdout is None:
            return None
        self._blobs.stdin.write(blob.encode() + b"\n")
        self._blobs.stdin.flush()
        answer = self._blobs.stdout.readline().split()
        if len(answer) != len(("id", "kind", "size")):
            # git says that it is missing, or dies of not being allowed to fetch it.
            raise UserError(f"{self._source} is a partial clone: complete it (git fetch --refetch)")
        data = _read(self._blobs.stdout, int(answer[2]))
        try:
            return None if data is None else data.decode()
        except UnicodeDecodeError:
            return None


def _read(stream: IO[bytes], size: int) -> bytes | None:
    """Read a blob and the newline behind it; None for one that is too large."""
    if size <= LARGEST:
        return stream.read(size + 1)[:size]
    left = size + 1
    while left and (chunk := stream.read(min(left, _CHUNK))):
        left -= len(chunk)
    return None


def _one(head: bytes, entries: Sequence[tuple[str, str]]) -> Iterator[Changed]:
    """Yield the commit if exactly one spec was changed and stayed a regular file."""
    if len(entries) != 1:
        return
    line, path = entries[0]
    old, new, before, after, status = line.removeprefix(":").split()
    if (old, new, status) == (_REGULAR, _REGULAR, "M"):
        commit, time, subject = head.decode(errors="replace").split(" ", 2)
        yield Changed(commit, int(time), subject, path, before, after)


def _tokens(source: Path, command: Sequence[str]) -> Iterator[bytes]:
    """Run git and yield the parts between NULs as they arrive; its failure is a `UserError`."""
    with tempfile.TemporaryFile() as errors, _git(source, command, stderr=errors) as process:
        rest = b""
        while process.stdout and (chunk := process.stdout.read(_CHUNK)):
            *whole, rest = (rest + chunk).split(b"\0")
            yield from (part.lstrip(b"\n") for part in whole)
        if process.wait() != 0:
            errors.seek(0)
            words = errors.read(_CHUNK).decode(errors="replace").strip()
            raise UserError(f"the history of {source} cannot be read: {inert(words)}")


def _git(
    source: Path,
    command: Sequence[str],
    *,
    stdin: int = subprocess.DEVNULL,
    stderr: IO[bytes] | int = subprocess.DEVNULL,
) -> subprocess.Popen[bytes]:
    environment = {
        **os.environ,
        "LC_ALL": "C",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_TERMINAL_PROMPT": "0",
        # A blob that a partial clone left out must not be fetched: this only reads.
        "GIT_ALLOW_PROTOCOL": "none",
        "GIT_NO_LAZY_FETCH": "1",
    }
    arguments = ["git", "-C", str(source), "-c", "core.fsmonitor=false", "--no-pager", *command]
    try:
        return subprocess.Popen(  # noqa: S603  (a list, no shell; only the path is the user's)
            arguments, stdin=stdin, stdout=subprocess.PIPE, stderr=stderr, env=environment
        )
    except FileNotFoundError as error:
        raise UserError("git is not installed") from error
