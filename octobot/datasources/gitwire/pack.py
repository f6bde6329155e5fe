"""The first bytes of a pack: how many objects it has, and its first commit.

A commit that was asked for comes first and is never stored as a difference when it is the only
one, so no index and no delta is needed.  Source: gitformat-pack(5).
"""

import hashlib
import re
import zlib
from datetime import UTC, datetime

from octobot.model.ids import Sha

_HEADER = 12
_COMMIT = 1
_LARGEST = 1 << 20
_COMMITTER = re.compile(rb"^committer .* ([0-9]{1,11}) [+-][0-9]{4}$", re.MULTILINE)


def count(pack: bytes) -> int | None:
    """Read how many objects a pack holds; None when this is no pack."""
    if len(pack) < _HEADER or not pack.startswith(b"PACK"):
        return None
    return int.from_bytes(pack[8:_HEADER], "big")


def first_commit(pack: bytes, oid: Sha) -> bytes | None:
    """Read the commit `oid`, if it is the pack's first object and truly has that id."""
    if not count(pack):
        return None
    kind, size, at = _object_header(pack)
    if kind != _COMMIT or size > _LARGEST:
        return None
    try:
        content = zlib.decompressobj().decompress(pack[at:], size + 1)
    except zlib.error:
        return None
    named = hashlib.sha1(b"commit %d\0" % len(content) + content, usedforsecurity=False)
    return content if named.hexdigest() == oid else None


def _object_header(pack: bytes) -> tuple[int, int, int]:
    at = _HEADER
    byte = pack[at] if at < len(pack) else 0
    kind, size, shift = byte >> 4 & 7, byte & 15, 4
    while byte & 128 and at + 1 < len(pack):
        at += 1
        byte = pack[at]
        size |= (byte & 127) << shift
        shift += 7
    return kind, size, at + 1


def committed(commit: bytes) -> datetime | None:
    """Read when a commit was made, in UTC; None when its header tells no sane time."""
    found = _COMMITTER.search(commit.partition(b"\n\n")[0])
    # Eleven digits reach the year 5138: nothing here can overflow a datetime.
    return datetime.fromtimestamp(int(found[1]), tz=UTC) if found else None
