"""The first bytes of a pack: how many objects it has, and its first commit.

A commit that was asked for comes first and is never stored as a difference when it is the only
one, so no index and no delta is needed.  Source: gitformat-pack(5).
"""

import hashlib
import re
import zlib
from datetime import UTC, datetime
from itertools import pairwise

from octobot.model.ids import Sha

_HEADER = 12
_COMMIT = 1
_LARGEST = 1 << 20
_LONGEST_SIZE = 10
"""Bytes of an encoded size; more would be an attack with big integers."""
_COMMITTER = re.compile(rb"^committer .* ([0-9]{1,11}) [+-][0-9]{4}$", re.MULTILINE)


def count(pack: bytes) -> int | None:
    """Read how many objects a pack has; None when this is not a pack."""
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
    header = pack[_HEADER : _HEADER + _LONGEST_SIZE]
    if not header:
        return 0, 0, 0
    kind, size, shift, used = header[0] >> 4 & 7, header[0] & 15, 4, 1
    for before, byte in pairwise(header):
        if not before & 128:
            break
        size |= (byte & 127) << shift
        shift, used = shift + 7, used + 1
    return kind, size, _HEADER + used


def committed(commit: bytes) -> datetime | None:
    """Read when a commit was made, in UTC; None when its header has no valid time."""
    found = _COMMITTER.search(commit.partition(b"\n\n")[0])
    # Eleven digits reach the year 5138: nothing here can overflow a datetime.
    return datetime.fromtimestamp(int(found[1]), tz=UTC) if found else None
