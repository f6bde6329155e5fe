"""Git's own objects through the API: trees, commits and blobs.

A tree's and a blob's id is the hash of its content, so that what GitHub, a proxy or a cache
answers is checked against the id that was asked for.  Of most trees only the root is read, where a
changed folder shows as one entry with mode 040000; the distro's own pipelines are read whole.  What
a merge did to the default branch is read from them, too.  None of them ever changes: each is asked
for once, and one that octobot can compute not at all.
"""

import asyncio
import base64
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from octobot.github.repository.git_objects import (
    FOLDER,
    REGULAR,
    Entry,
    blob_id,
    is_whole,
    object_id,
    tree_id,
)
from octobot.github.transport.json_fields import at, items, number, sha, text
from octobot.github.transport.session import Handle
from octobot.model.errors import Misconfigured, TryLater
from octobot.model.ids import PullNumber, Sha
from octobot.model.pull_request import MergedTree, Outline

_SPEC = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9+_.-]*\.yaml")
"""A package's file; octobot touches nothing else in the root."""
_LARGEST_TEXT = 1 << 20
_TOO_MUCH = "RESOURCE_LIMITS_EXCEEDED"
"""GraphQL's error for a query, or the rest of one, that needs more than GitHub gives to one."""
_BATCH = 100
_COMMIT_SIZE, _ENTRY_SIZE = 500, 300
"""Bytes that a commit, and an entry of a tree, take in memory, more or less."""
_BLOB = "object(oid: $%s) { ... on Blob { byteSize isBinary isTruncated text } }"


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


@dataclass(frozen=True, slots=True)
class Trees:
    """The trees, commits and blobs of one repository."""

    handle: Handle

    async def commit(self, id_: Sha) -> Commit:
        """Read a commit's tree and parents."""
        if known := self.handle.session.objects.find(Commit, *self._key("commit", id_)):
            return known
        data = await self.handle.session.get(self.handle.path("git/commits", id_), fresh=True)
        parents = tuple(sha(parent, "sha") for parent in items(data, "parents"))
        return self.know_commit(id_, Commit(sha(data, "tree", "sha"), parents))

    def know_commit(self, id_: Sha, commit: Commit) -> Commit:
        """Remember a commit that another answer of GitHub showed; return it."""
        objects = self.handle.session.objects
        objects.store(commit, *self._key("commit", id_), size=_COMMIT_SIZE)
        return commit

    def know_texts(self, texts: Iterable[str]) -> None:
        """Remember texts that octobot has, by the ids that git computes for them."""
        for each in texts:
            if len(each) < _LARGEST_TEXT // 4:  # in characters of at most four bytes
                self._know_text(blob_id(each), each)

    def _know_text(self, id_: Sha, content: str) -> str:
        key = self._key("blob", id_)
        self.handle.session.objects.store(content, *key, size=len(content))
        return content

    def _key(self, kind: str, id_: Sha) -> tuple[object, ...]:
        return kind, self.handle.watched.id, id_

    async def root(self, tree: Sha) -> Mapping[str, Entry]:
        """Read a root tree, path by path, and prove it by its id.

        Source: docs.github.com, REST "Get a tree"; at most 100,000 entries.
        """
        objects = self.handle.session.objects
        if known := objects.find(dict, *self._key("tree", tree)):
            return known
        data = await self.handle.session.get(self.handle.path("git/trees", tree))
        if at(data, "truncated") is True:
            raise Misconfigured(
                f"the root of {self.handle.watched.repository} has too many files to list"
            )
        entries = {
            text(line, "path"): Entry(text(line, "mode"), sha(line, "sha"))
            for line in items(data, "tree")
        }
        if tree_id(entries) != tree:
            raise TryLater(f"GitHub's answer is not the tree {tree}", after=timedelta(minutes=5))
        return self._know_root(tree, entries)

    async def folder(self, tree: Sha) -> Mapping[str, Entry]:
        """Read a folder's tree with all below it: path → file, each folder proved by its id.

        Source: docs.github.com, REST "Get a tree", `recursive`.
        """
        objects = self.handle.session.objects
        if known := objects.find(dict, *self._key("folder", tree)):
            return known
        path = f"{self.handle.path('git/trees', tree)}?recursive=1"
        data = await self.handle.session.get(path)
        if at(data, "truncated") is True:
            raise Misconfigured(
                f"a folder of {self.handle.watched.repository} has too many files to list"
            )
        entries = {
            text(line, "path"): Entry(text(line, "mode"), sha(line, "sha"))
            for line in items(data, "tree")
        }
        if not is_whole(tree, entries):
            raise TryLater(f"GitHub's answer is not the tree {tree}", after=timedelta(minutes=5))
        files = {path: entry for path, entry in entries.items() if entry.mode != FOLDER}
        size = _ENTRY_SIZE * (len(files) + 1)
        objects.store(files, *self._key("folder", tree), size=size)
        return files

    def _know_root(self, tree: Sha, entries: Mapping[str, Entry]) -> Mapping[str, Entry]:
        size = _ENTRY_SIZE * (len(entries) + 1)
        self.handle.session.objects.store(entries, *self._key("tree", tree), size=size)
        return entries

    def know_changed(self, base: Sha, files: Mapping[str, Sha]) -> None:
        """Remember the root tree that some files make of a known commit's, by the id git computes.

        What GitHub then names with this id is proved by it, and need not be read.  Nothing is sent:
        of a base that is not known, nothing is remembered.
        """
        find = self.handle.session.objects.find
        commit = find(Commit, *self._key("commit", base))
        entries = commit and find(dict, *self._key("tree", commit.tree))
        if entries and all(path in entries for path in files):
            made = {**entries, **{path: Entry(REGULAR, blob) for path, blob in files.items()}}
            self._know_root(tree_id(made), made)

    async def differences(self, before: Sha, after: Sha) -> tuple[Difference, ...]:
        """Compare two root trees by their ids, in the order of paths."""
        old, new = await asyncio.gather(self.root(before), self.root(after))
        return tuple(
            Difference(path, old.get(path), new.get(path))
            for path in sorted(old.keys() | new.keys())
            if old.get(path) != new.get(path)
        )

    async def blobs(self, ids: Sequence[Sha]) -> Mapping[Sha, str | None]:
        """Read blobs as text, 100 to a query.

        None for one that is missing, binary, not UTF-8 or over 1 MiB.
        """
        find = self.handle.session.objects.find
        every = {id_: find(str, *self._key("blob", id_)) for id_ in ids}
        wanted = [id_ for id_, known in every.items() if known is None]
        batches = [wanted[start : start + _BATCH] for start in range(0, len(wanted), _BATCH)]
        answers = await asyncio.gather(*(self._batch(batch) for batch in batches))
        return every | {id_: found for answer in answers for id_, found in answer.items()}

    async def _batch(self, ids: Sequence[Sha]) -> Mapping[Sha, str | None]:
        names = [f"b{place}" for place in range(len(ids))]
        declared = ", ".join(f"${name}: GitObjectID!" for name in names)
        asked = " ".join(f"{name}: {_BLOB % name}" for name in names)
        repository = self.handle.watched.repository
        answer = await self.handle.session.graphql_response(
            f"query($owner: String!, $name: String!, {declared})"
            f" {{ repository(owner: $owner, name: $name) {{ {asked} }} }}",
            {
                "owner": repository.owner,
                "name": repository.name,
                **dict(zip(names, ids, strict=True)),
            },
        )
        shown = at(answer.data, "repository")
        if len(ids) > 1 and any(at(one, "type") == _TOO_MUCH for one in answer.errors):
            half = len(ids) // 2
            one, other = await asyncio.gather(self._batch(ids[:half]), self._batch(ids[half:]))
            return {**one, **other}
        if answer.errors or shown is None:
            # A part that failed must not read as "missing".
            raise TryLater("GitHub returned only some of the blobs", after=timedelta(minutes=1))
        found = await asyncio.gather(
            *(self._text(id_, at(shown, name)) for name, id_ in zip(names, ids, strict=True))
        )
        return dict(zip(ids, found, strict=True))

    async def _text(self, id_: Sha, blob: object) -> str | None:
        """Take a blob's text when it is, byte for byte, the blob that was asked for."""
        if at(blob, "byteSize") is None or number(blob, "byteSize") > _LARGEST_TEXT:
            return None
        if at(blob, "isTruncated") is True:  # GraphQL cuts at 512 KiB
            return await self._whole(id_)
        shown = at(blob, "text")
        if not isinstance(shown, str) or object_id("blob", shown.encode()) != id_:
            return None
        return self._know_text(id_, shown)

    async def _whole(self, id_: Sha) -> str | None:
        data = await self.handle.session.get(self.handle.path("git/blobs", id_))
        raw = base64.b64decode(text(data, "content"))
        if object_id("blob", raw) != id_:
            raise TryLater(f"GitHub's answer is not the blob {id_}", after=timedelta(minutes=5))
        try:
            return self._know_text(id_, raw.decode())
        except UnicodeDecodeError:
            return None

    async def outline(self, merged: Mapping[str, Sha] | None = None) -> Outline:
        """Read the default branch's commit and the specs in its root.

        `merged`: the files that its last commit probably changed, with their blobs.
        """
        path = self.handle.path("branches", self.handle.watched.default_branch)
        return await self.outline_of(await self.handle.session.get(path), merged)

    async def outline_of(self, branch: object, merged: Mapping[str, Sha] | None = None) -> Outline:
        """Read the same of a branch as GitHub shows it."""
        commit = self.know_commit(sha(branch, "commit", "sha"), listed_commit(at(branch, "commit")))
        if merged and commit.parents:
            self.know_changed(commit.parents[0], merged)
        root = await self.root(commit.tree)
        specs = tuple(
            (name, entry.id)
            for name, entry in root.items()
            if entry.mode == REGULAR and _SPEC.fullmatch(name)
        )
        at_ = datetime.fromtimestamp(self.handle.session.server.now(), UTC)
        return Outline(sha(branch, "commit", "sha"), specs, at_)

    async def merged(self, commit: Sha) -> MergedTree:
        """Compare a merge's tree with that of its first parent."""
        merged = await self.commit(commit)
        return MergedTree(commit, _audited(await self._changed(merged)))

    async def rebased(self, commit: Sha, number: PullNumber) -> MergedTree | None:
        """Compare the tree with that below all commits of a pull request merged by rebasing.

        None when it was merged in another way or has a single commit.  A rebased commit changes
        what the one it was made from changes: another commit of the base's is never taken for one
        of them.
        """
        listed = await self.handle.session.pages(
            self.handle.path("pulls", number, "commits"), fresh=True
        )
        if len(listed) == 1:
            return None
        last = below = await self.commit(commit)
        for each in reversed(listed):
            original = await self.commit(sha(each, "sha"))
            if len(below.parents) != 1 or len(original.parents) != 1:
                return None
            if _audited(await self._changed(below)) != _audited(await self._changed(original)):
                return None
            below = await self.commit(below.parents[0])
        return MergedTree(commit, _audited(await self.differences(below.tree, last.tree)))

    async def _changed(self, commit: Commit) -> tuple[Difference, ...]:
        parent = await self.commit(commit.parents[0])
        return await self.differences(parent.tree, commit.tree)


def listed_commit(data: object) -> Commit:
    """Read a commit as lists and branches show it."""
    parents = tuple(sha(parent, "sha") for parent in items(data, "parents"))
    return Commit(sha(data, "commit", "tree", "sha"), parents)


def _audited(changed: tuple[Difference, ...]) -> tuple[tuple[str, Sha | None], ...]:
    return tuple(_named(one) for one in changed)


def _named(one: Difference) -> tuple[str, Sha | None]:
    """Return a changed path; anything but a regular file with its mode, so that it shows."""
    if one.after is None:
        return one.path, None
    if one.after.mode == FOLDER:
        return f"{one.path}/", one.after.id
    if one.after.mode != REGULAR:
        return f"{one.path} (mode {one.after.mode})", one.after.id
    return one.path, one.after.id
