"""The three kinds of git object that have an inside, read from their bytes."""

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from octobot.model.ids import Sha

_ID_BYTES = 20


@dataclass(frozen=True, slots=True)
class Stamp:
    """Who and when, as a commit or tag states it: unverified text."""

    name: str
    email: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit."""

    sha: Sha
    tree: Sha
    parents: tuple[Sha, ...]
    author: Stamp
    committer: Stamp
    message: str


@dataclass(frozen=True, slots=True)
class Tag:
    """An annotated tag's own object."""

    sha: Sha
    target: Sha
    kind: str
    name: str
    tagger: Stamp | None
    message: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a tree."""

    mode: str
    """Six digits, for example `100644` or `040000`."""
    name: str
    sha: Sha

    @property
    def kind(self) -> str:
        """The kind of object: tree, blob, or commit for a submodule."""
        return {"040000": "tree", "160000": "commit"}.get(self.mode, "blob")


def _stamp(text: str) -> Stamp:
    who, _, rest = text.rpartition("> ")
    name, _, email = who.partition("<")
    seconds, _, zone = rest.partition(" ")
    sign = -1 if zone.startswith("-") else 1
    digits = zone.lstrip("+-").rjust(4, "0")
    offset = sign * timedelta(hours=int(digits[:2]), minutes=int(digits[2:4]))
    return Stamp(name.strip(), email, datetime.fromtimestamp(int(seconds), timezone(offset)))


def _headers(body: bytes) -> tuple[list[tuple[str, str]], str]:
    head, _, message = body.decode("utf-8", "replace").partition("\n\n")
    lines = (line.partition(" ") for line in head.split("\n") if not line.startswith(" "))
    return [(key, value) for key, _, value in lines], message


def read_commit(sha: Sha, body: bytes) -> Commit:
    """Read a commit's bytes."""
    headers, message = _headers(body)
    single = dict(headers)
    return Commit(
        sha,
        Sha(single["tree"]),
        tuple(Sha(value) for key, value in headers if key == "parent"),
        _stamp(single["author"]),
        _stamp(single["committer"]),
        message.rstrip("\n"),
    )


def read_tag(sha: Sha, body: bytes) -> Tag:
    """Read an annotated tag's bytes."""
    headers, message = _headers(body)
    single = dict(headers)
    tagger = _stamp(single["tagger"]) if "tagger" in single else None
    return Tag(
        sha, Sha(single["object"]), single["type"], single["tag"], tagger, message.rstrip("\n")
    )


def entries(body: bytes) -> tuple[Entry, ...]:
    """Read a tree's bytes."""
    found, at = [], 0
    while at < len(body):
        space = body.index(b" ", at)
        end = body.index(b"\0", space)
        mode = body[at:space].decode().rjust(6, "0")
        name = body[space + 1 : end].decode("utf-8", "surrogateescape")
        found.append(Entry(mode, name, Sha(body[end + 1 : end + 1 + _ID_BYTES].hex())))
        at = end + 1 + _ID_BYTES
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Change:
    """One path at which two trees differ."""

    path: str
    status: str
    """Git's letter: A, M, D, R, T."""
    old_path: str
    blob: Sha
    """The id afterwards; zeros when removed."""
    added: int
    """Lines; 0 for binary files."""
    removed: int


def read_diff(fields: list[str]) -> list[Change]:
    """Read the parts of `git diff-tree -z --raw --numstat`."""
    raw: dict[str, tuple[str, str, str]] = {}
    found: list[Change] = []
    rest = iter(fields)
    for item in rest:
        if item.startswith(":"):
            _, _, _, blob, status = item.split(" ")
            old = next(rest)
            path = next(rest) if status[0] in "RC" else old
            raw[path] = status[0], old, blob
        elif item:
            added, removed, path = item.split("\t")
            if not path:  # a rename: both names follow
                next(rest)
                path = next(rest)
            status, old, blob = raw[path]
            found.append(Change(path, status, old, Sha(blob), _count(added), _count(removed)))
    return found


def _count(text: str) -> int:
    return int(text) if text.isdigit() else 0
