"""GraphQL's view of git: refs, commits, tags, trees and blobs."""

from collections.abc import Sequence
from dataclasses import dataclass

from octobot.model.ids import Sha
from octobot.sandbox.git.objects import Commit, Entry, Tag
from octobot.sandbox.graphql.objects import GitActorNode, ObjectNode, SignatureNode
from octobot.sandbox.graphql.shown import Connection, Window, connect
from octobot.sandbox.state.hub import Hub
from octobot.sandbox.state.nouns import RepositoryState
from octobot.sandbox.views.git import is_signed
from octobot.sandbox.views.views import node_id, when

_MOST_TEXT = 512_000
"""GitHub truncates longer blobs in GraphQL."""


@dataclass(frozen=True, slots=True)
class CommitNode(ObjectNode):
    """A commit."""

    inner: Commit
    typename = "Commit"

    @property
    def url(self) -> str:
        """The commit's page."""
        return self.commit_url

    @property
    def message(self) -> str:
        """All of the message."""
        return self.inner.message

    @property
    def message_headline(self) -> str:
        """The first line."""
        return self.inner.message.partition("\n")[0]

    @property
    def message_body(self) -> str:
        """The rest."""
        return self.inner.message.partition("\n")[2].lstrip("\n")

    @property
    def committed_date(self) -> str | None:
        """When it was committed."""
        return when(self.inner.committer.at)

    @property
    def authored_date(self) -> str | None:
        """When it was authored."""
        return when(self.inner.author.at)

    @property
    def author(self) -> GitActorNode:
        """The author."""
        return GitActorNode(self.inner.author)

    @property
    def committer(self) -> GitActorNode:
        """The committer."""
        return GitActorNode(self.inner.committer)

    @property
    def signature(self) -> SignatureNode | None:
        """GitHub's signature, when GitHub made it."""
        return SignatureNode(self.inner.committer.email) if is_signed(self.inner) else None

    async def tree(self) -> "TreeNode":
        """Show its tree."""
        found = await self.git.tree_of(self.inner.tree)
        return TreeNode(self.hub, self.repo, self.inner.tree, found[1] if found else (), "")

    async def parents(self, **window: object) -> "Connection[CommitNode]":
        """Show its parents."""
        found = [await commit_node(self.hub, self.repo, sha) for sha in self.inner.parents]
        known = [one for one in found if one is not None]
        return connect(known, Window.of(window), lambda one: one, "parents")

    async def history(self, path: str | None = None, **window: object) -> "Connection[CommitNode]":
        """Show what led to it."""
        shas = await self.git.history(self.oid, path=path, limit=1000)
        found = [await commit_node(self.hub, self.repo, sha) for sha in shas]
        known = [one for one in found if one is not None]
        return connect(known, Window.of(window), lambda one: one, "history")

    async def file(self, path: str) -> "EntryNode | None":
        """Show one file of its tree."""
        folder, _, name = path.rpartition("/")
        found = await self.git.tree_of(f"{self.oid}:{folder}")
        entries = found[1] if found else ()
        named = (e for e in entries if e.name == name)
        entry = next(named, None)
        return EntryNode(self.hub, self.repo, entry, path) if entry else None


@dataclass(frozen=True, slots=True)
class TagNode(ObjectNode):
    """An annotated tag's object."""

    inner: Tag
    typename = "Tag"

    @property
    def name(self) -> str:
        """The name written into it."""
        return self.inner.name

    @property
    def message(self) -> str:
        """Its message."""
        return self.inner.message

    @property
    def tagger(self) -> GitActorNode | None:
        """Who made it."""
        return GitActorNode(self.inner.tagger) if self.inner.tagger else None

    async def target(self) -> ObjectNode | None:
        """Show what it points at, which may be a tag again."""
        return await object_node(self.hub, self.repo, self.inner.target)


@dataclass(frozen=True, slots=True)
class BlobNode(ObjectNode):
    """A file's content."""

    content: bytes
    typename = "Blob"

    @property
    def byte_size(self) -> int:
        """Its length."""
        return len(self.content)

    @property
    def is_binary(self) -> bool:
        """Whether it looks like no text."""
        return b"\0" in self.content[:8000]

    @property
    def is_truncated(self) -> bool:
        """Whether `text` is not all of it."""
        return len(self.content) > _MOST_TEXT

    @property
    def text(self) -> str | None:
        """The text, None when binary."""
        if self.is_binary:
            return None
        return self.content[:_MOST_TEXT].decode("utf-8", "replace")


@dataclass(frozen=True, slots=True)
class EntryNode:
    """One line of a tree."""

    hub: Hub
    repo: RepositoryState
    entry: Entry
    path: str
    typename = "TreeEntry"

    @property
    def name(self) -> str:
        """The file's name."""
        return self.entry.name

    @property
    def oid(self) -> Sha:
        """What is there."""
        return self.entry.sha

    @property
    def mode(self) -> int:
        """Git's mode as a number."""
        return int(self.entry.mode, 8)

    @property
    def type(self) -> str:
        """Git's word for what is there."""
        return self.entry.kind

    @property
    def extension(self) -> str:
        """The file's extension with its dot."""
        dot = self.entry.name.rfind(".")
        return self.entry.name[dot:] if dot >= 0 else ""

    async def size(self) -> int:
        """Return the length in bytes."""
        found = await self.hub.git(self.repo).read(self.entry.sha)
        return len(found[2]) if found and found[1] == "blob" else 0

    async def git_object(self) -> ObjectNode | None:
        """Show what is there."""
        return await object_node(self.hub, self.repo, self.entry.sha, f"{self.path}/")


@dataclass(frozen=True, slots=True)
class TreeNode(ObjectNode):
    """A folder."""

    lines: Sequence[Entry]
    folder: str
    typename = "Tree"

    @property
    def entries(self) -> list[EntryNode]:
        """Its lines."""
        return [
            EntryNode(self.hub, self.repo, entry, self.folder + entry.name) for entry in self.lines
        ]


@dataclass(frozen=True, slots=True)
class RefNode:
    """A branch or tag."""

    hub: Hub
    repo: RepositoryState
    full_name: str
    sha: Sha
    typename = "Ref"

    @property
    def id(self) -> str:
        """The node's id."""
        return node_id("REF", f"{self.repo.id}:{self.full_name}")

    @property
    def prefix(self) -> str:
        """`refs/heads/` or `refs/tags/`."""
        return "/".join(self.full_name.split("/")[:2]) + "/"

    @property
    def name(self) -> str:
        """The name behind the prefix."""
        return self.full_name.removeprefix(self.prefix)

    async def target(self) -> ObjectNode | None:
        """Show where it points."""
        return await object_node(self.hub, self.repo, self.sha)

    async def compare(self, head_ref: str) -> "ComparisonNode | None":
        """Compare a branch, tag or commit with this one, if there are both."""
        base = await commit_node(self.hub, self.repo, self.full_name)
        head = await commit_node(self.hub, self.repo, head_ref)
        if base is None or head is None:
            return None
        git = self.hub.git(self.repo)
        ahead, behind = await git.between(base.oid, head.oid), await git.between(head.oid, base.oid)
        return ComparisonNode(base, head, len(ahead), len(behind))


@dataclass(frozen=True, slots=True)
class ComparisonNode:
    """A comparison of a head with a base."""

    base_target: CommitNode
    head_target: CommitNode
    ahead_by: int
    behind_by: int
    typename = "Comparison"

    @property
    def status(self) -> str:
        """Ahead, behind, diverged or identical."""
        if self.ahead_by and self.behind_by:
            return "DIVERGED"
        return "AHEAD" if self.ahead_by else "BEHIND" if self.behind_by else "IDENTICAL"


async def commit_node(hub: Hub, repo: RepositoryState, name: str) -> CommitNode | None:
    """Show a commit by id or expression, peeled."""
    found = await hub.git(repo).commit_of(name)
    return CommitNode(hub, repo, found.sha, found) if found else None


async def object_node(
    hub: Hub, repo: RepositoryState, name: str, folder: str = ""
) -> ObjectNode | None:
    """Show any object by id or expression."""
    git = hub.git(repo)
    found = await git.read(name)
    if found is None:
        return None
    sha, kind, content = found
    match kind:
        case "commit":
            return await commit_node(hub, repo, sha)
        case "tag":
            tag = await git.tag_of(sha)
            return TagNode(hub, repo, sha, tag) if tag else None
        case "tree":
            tree = await git.tree_of(sha)
            return TreeNode(hub, repo, sha, tree[1] if tree else (), folder)
        case _:
            return BlobNode(hub, repo, sha, content)
