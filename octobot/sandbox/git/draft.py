"""A commit to create, and how it is written for `git fast-import`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from octobot.model.ids import Sha

_REF_PARTS = 3
"""`refs`, the kind, and a name."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who made a commit, and when."""

    name: str
    email: str
    at: datetime

    def line(self) -> str:
        """Write it as git does, in UTC."""
        return f"{self.name} <{self.email}> {int(self.at.timestamp())} +0000"


@dataclass(frozen=True, slots=True)
class Draft:
    """A commit to create."""

    message: str
    author: Identity
    committer: Identity
    parents: Sequence[Sha] = ()
    tree: Sha | None = None
    """The tree to start from; None: the first parent's, or nothing."""
    changes: Mapping[str, "Put | None"] = field(default_factory=dict)
    """Path → what to put there; None removes."""


@dataclass(frozen=True, slots=True)
class Put:
    """A file's new content, or an object that exists already."""

    content: bytes | Sha
    mode: str = "100644"


def draft_of(
    message: str, by: Identity, parent: Sha | None, files: Mapping[str, bytes | None]
) -> Draft:
    """Return a commit of files on top of a parent, or of nothing; None deletes a file."""
    puts = {path: None if body is None else Put(body) for path, body in files.items()}
    return Draft(f"{message}\n", by, by, (parent,) if parent else (), None, puts)


def data_lines(content: bytes) -> bytes:
    """Write content with its length before it."""
    return b"data %d\n%s\n" % (len(content), content)


def _quoted(path: str) -> str:
    plain = path.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{plain}"'


def change_lines(path: str, put: Put | None) -> bytes:
    """Write what happens at one path."""
    if put is None:
        return f"D {_quoted(path)}\n".encode()
    if isinstance(put.content, bytes):
        return f"M {put.mode} inline {_quoted(path)}\n".encode() + data_lines(put.content)
    return f"M {put.mode} {put.content} {_quoted(path)}\n".encode()


def is_proper(path: str) -> bool:
    """Return whether a path may be in a tree; `git fast-import` does not check."""
    parts = path.split("/")
    return not any(part in ("", ".", "..") or part.lower() == ".git" for part in parts)


def is_ref_name(name: str) -> bool:
    """Return whether a full ref name is valid by the rules of `git check-ref-format`."""
    parts = name.split("/")
    odd = any(c in " ~^:?*[\\\x7f" or c < " " for c in name)
    bad = odd or ".." in name or "@{" in name or name.endswith(".") or len(parts) < _REF_PARTS
    return not bad and not any(
        part in ("", "@") or part.startswith((".", "-")) or part.endswith(".lock") for part in parts
    )
