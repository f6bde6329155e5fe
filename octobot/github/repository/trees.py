"""Git's own objects through the API: trees, commits and blobs.

A tree's and a blob's id is the hash of its content, so that what GitHub, a proxy or a cache
answers is checked against the id that was asked for.  Only root trees are read: a changed folder
shows as one entry with mode 040000.
"""

import asyncio
import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from octobot.github.repository.handle import Handle
from octobot.github.transport.json_fields import at, items, number, sha, text
from octobot.model.errors import Misconfigured, TryLater
from octobot.model.ids import Sha

REGULAR = "100644"
FILES = frozenset({REGULAR, "100755"})
FOLDER = "040000"
_LARGEST_TEXT = 1 << 20
_BATCH = 100
_BLOB = "object(oid: $%s) { ... on Blob { byteSize isBinary isTruncated text } }"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a tree."""

    mode: str
    """Six digits, such as `100644`."""
    id: Sha


@dataclass(frozen=True, slots=True)
class Commit:
    """What of a commit matters: its tree and where it came from."""

    tree: Sha
    parents: tuple[Sha, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """One path at which two root trees differ."""

    path: str
    before: Entry | None
    after: Entry | None


async def commit(handle: Handle, id_: Sha) -> Commit:
    """Read a commit's tree and parents."""
    data = await handle.road.get(handle.path("git/commits", id_), fresh=True)
    parents = tuple(sha(parent, "sha") for parent in items(data, "parents"))
    return Commit(sha(data, "tree", "sha"), parents)


async def root(handle: Handle, tree: Sha) -> Mapping[str, Entry]:
    """Read a root tree, path by path, and prove it by its id.

    Source: docs.github.com, REST "Get a tree"; at most 100,000 entries.
    """
    data = await handle.road.get(handle.path("git/trees", tree))
    if at(data, "truncated") is True:
        raise Misconfigured(f"the root of {handle.watched.repository} has too many files to list")
    entries = {
        text(line, "path"): Entry(text(line, "mode"), sha(line, "sha"))
        for line in items(data, "tree")
    }
    raw = b"".join(
        f"{entry.mode.lstrip('0')} {path}\0".encode() + bytes.fromhex(entry.id)
        for path, entry in entries.items()
    )
    if _object_id("tree", raw) != tree:
        raise TryLater(f"GitHub's answer is not the tree {tree}", after=timedelta(minutes=5))
    return entries


async def differences(handle: Handle, before: Sha, after: Sha) -> tuple[Difference, ...]:
    """Compare two root trees by their ids, in the order of paths."""
    old, new = await asyncio.gather(root(handle, before), root(handle, after))
    return tuple(
        Difference(path, old.get(path), new.get(path))
        for path in sorted(old.keys() | new.keys())
        if old.get(path) != new.get(path)
    )


async def texts(handle: Handle, ids: Sequence[Sha]) -> Mapping[Sha, str | None]:
    """Read blobs as text, 100 to a query; None for one missing, binary, not UTF-8 or over 1 MiB."""
    wanted = list(dict.fromkeys(ids))
    batches = [wanted[start : start + _BATCH] for start in range(0, len(wanted), _BATCH)]
    answers = await asyncio.gather(*(_batch(handle, batch) for batch in batches))
    return {id_: found for answer in answers for id_, found in answer.items()}


async def _batch(handle: Handle, ids: Sequence[Sha]) -> Mapping[Sha, str | None]:
    names = [f"b{place}" for place in range(len(ids))]
    declared = ", ".join(f"${name}: GitObjectID!" for name in names)
    asked = " ".join(f"{name}: {_BLOB % name}" for name in names)
    repository = handle.watched.repository
    answer = await handle.road.graphql_response(
        f"query($owner: String!, $name: String!, {declared})"
        f" {{ repository(owner: $owner, name: $name) {{ {asked} }} }}",
        {
            "owner": repository.owner,
            "name": repository.name,
            **dict(zip(names, ids, strict=True)),
        },
    )
    shown = at(answer.data, "repository")
    if answer.errors or shown is None:
        # A part that failed must not read as "missing".
        raise TryLater("GitHub gave only some of the blobs", after=timedelta(minutes=1))
    found = await asyncio.gather(
        *(_text(handle, id_, at(shown, name)) for name, id_ in zip(names, ids, strict=True))
    )
    return dict(zip(ids, found, strict=True))


async def _text(handle: Handle, id_: Sha, blob: object) -> str | None:
    """Take a blob's text when it is, byte for byte, the blob that was asked for."""
    if at(blob, "byteSize") is None or number(blob, "byteSize") > _LARGEST_TEXT:
        return None
    if at(blob, "isTruncated") is True:  # GraphQL cuts at 512 KiB
        return await _whole(handle, id_)
    shown = at(blob, "text")
    if not isinstance(shown, str) or _object_id("blob", shown.encode()) != id_:
        return None
    return shown


async def _whole(handle: Handle, id_: Sha) -> str | None:
    data = await handle.road.get(handle.path("git/blobs", id_))
    raw = base64.b64decode(text(data, "content"))
    if _object_id("blob", raw) != id_:
        raise TryLater(f"GitHub's answer is not the blob {id_}", after=timedelta(minutes=5))
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return None


def blob_id(content: str) -> Sha:
    """Compute the id that git gives a file with this text."""
    return _object_id("blob", content.encode())


def _object_id(kind: str, raw: bytes) -> Sha:
    """Hash as git does; SHA-1 here names an object that a full read has already fixed."""
    framed = f"{kind} {len(raw)}\0".encode() + raw
    return Sha(hashlib.sha1(framed, usedforsecurity=False).hexdigest())
