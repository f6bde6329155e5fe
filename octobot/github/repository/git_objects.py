"""Git's objects and their ids, which are hashes of what they hold."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from octobot.model.ids import Sha

REGULAR = "100644"
FILES = frozenset({REGULAR, "100755"})
FOLDER = "040000"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a tree."""

    mode: str
    """Six digits, such as `100644`."""
    id: Sha

    @property
    def is_folder(self) -> bool:
        """Whether it is a tree of its own."""
        return self.mode == FOLDER

    @property
    def is_regular(self) -> bool:
        """Whether it is a file as specs and pipelines are: no link, not executable."""
        return self.mode == REGULAR


def blob_id(content: str) -> Sha:
    """Return the id that git computes for a file with this text."""
    return object_id("blob", content.encode())


def tree_id(entries: Mapping[str, Entry]) -> Sha:
    """Return the id of a tree with these entries, which are in git's order."""
    raw = (
        f"{entry.mode.lstrip('0')} {path}\0".encode() + bytes.fromhex(entry.id)
        for path, entry in entries.items()
    )
    return object_id("tree", b"".join(raw))


def is_whole(tree: Sha, entries: Mapping[str, Entry]) -> bool:
    """Return whether all these paths together make exactly this tree, and its folders theirs."""
    folders: dict[str, dict[str, Entry]] = {"": {}}
    folders |= {path: {} for path, entry in entries.items() if entry.mode == FOLDER}
    for path, entry in entries.items():
        folder, _, name = path.rpartition("/")
        if folder not in folders:
            return False
        folders[folder][name] = entry
    ids = {path: tree if not path else entries[path].id for path in folders}
    return all(tree_id(inner) == ids[path] for path, inner in folders.items())


def object_id(kind: str, raw: bytes) -> Sha:
    """Hash as git does; SHA-1 here names an object that a full read has already fixed."""
    framed = f"{kind} {len(raw)}\0".encode() + raw
    return Sha(hashlib.sha1(framed, usedforsecurity=False).hexdigest())
