"""Commits that changed one spec, read from a git repository without a checkout.

Plain git does the work: `git log --raw` names the blobs, one `git cat-file --batch` gives their
texts.  The repository may be anybody's: its configuration runs nothing, nothing is fetched, and no
blob is held that is larger than a spec may be.
"""

import os
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
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
