"""GraphQL's mutations: commits that GitHub signs, and refs that move with the old value named."""

from collections.abc import Mapping, Sequence
from typing import cast

from octobot.model.ids import Sha
from octobot.sandbox.changes.announce import RefChange
from octobot.sandbox.changes.refs import commit_on, move_ref
from octobot.sandbox.git.draft import Draft, Put
from octobot.sandbox.git.git import GitFailed
from octobot.sandbox.graphql.git import commit_named, ref_node
from octobot.sandbox.graphql.nodes import Asking, Node, Refused, no_such_node
from octobot.sandbox.http.auth import Need, admit, guard_workflows
from octobot.sandbox.http.fields import Fields
from octobot.sandbox.rest.git import decoded
from octobot.sandbox.state.nouns import Account, RepositoryState
from octobot.sandbox.views.pulls import signed_by, web_flow

_WRITE: tuple[Need, ...] = (("contents", "write"),)
_ZERO = "0" * 40
Input = Mapping[str, object]


class Mutations:
    """The mutations of one call, run in order."""

    def __init__(self, asking: Asking) -> None:
        self._hub, self._actor = asking.hub, asking.actor
        self.done: list[str] = []
        """The mutations that took effect, in order."""

    @property
    def _by(self) -> Account:
        return self._hub.state.who(self._actor.id)

    def _repository(self, given: str) -> RepositoryState:
        state = self._hub.state
        name = given.removeprefix("R_")
        number = int(name) if given.startswith("R_") and name.isdigit() else None
        found = state.repositories.get(number) if number else state.repository(given)
        if found is None:
            raise no_such_node(given)
        admit(state, self._actor, found, _WRITE)
        return found

    def _done(self, mutation: str, fields: Fields, **payload: object) -> Node:
        """Record that a mutation took effect; return its payload."""
        self.done.append(mutation)
        return {"clientMutationId": fields.maybe("clientMutationId"), **payload}

    async def _ref(self, node: str) -> tuple[RepositoryState, str, Sha]:
        """Return the repository, full name and target of a ref."""
        number, colon, name = node.removeprefix("REF_").partition(":")
        if not colon or not node.startswith("REF_"):
            raise no_such_node(node)
        repo = self._repository(f"R_{number}")
        sha = await self._hub.git(repo).ref(name)
        if sha is None:
            raise no_such_node(node)
        return repo, name, sha

    async def _move(self, repo: RepositoryState, change: RefChange, *, force: bool = False) -> None:
        if change.new is not None and await self._hub.git(repo).read(change.new) is None:
            raise Refused("UNPROCESSABLE", f"No commit exists with oid {change.new}")
        await move_ref(self._hub, repo, change, self._by, force=force)

    async def create_ref(self, input: Input) -> Node:  # noqa: A002  (GitHub's word)
        """Create a branch or tag."""
        fields = Fields(input)
        repo = self._repository(fields.text("repositoryId"))
        name, oid = fields.text("name"), Sha(fields.text("oid"))
        async with self._hub.lock(repo):
            if await self._hub.git(repo).ref(name) is not None:
                message = f'A ref named "{name}" already exists in the repository.'
                raise Refused("UNPROCESSABLE", message)
            await self._move(repo, RefChange(name, None, oid))
        return self._done("createRef", fields, ref=ref_node(self._hub, repo, name, oid))

    async def update_refs(self, input: Input) -> Node:  # noqa: A002  (GitHub's word)
        """Create, move and delete refs, each only if it points where the caller expects."""
        fields = Fields(input)
        repo = self._repository(fields.text("repositoryId"))
        git = self._hub.git(repo)
        async with self._hub.lock(repo):
            changes: list[tuple[RefChange, bool]] = []
            for item in fields.each("refUpdates"):
                name, old = item.text("name"), await git.ref(item.text("name"))
                before, after = item.maybe("beforeOid"), item.text("afterOid")
                if before is not None and before != (old or _ZERO):
                    raise Refused("STALE_DATA", f"{name} does not point to {before}")
                new = None if after == _ZERO else Sha(after)
                changes.append((RefChange(name, old, new), item.flag("force")))
            for change, force in changes:
                await self._move(repo, change, force=force)
        return self._done("updateRefs", fields)

    async def delete_ref(self, input: Input) -> Node:  # noqa: A002  (GitHub's word)
        """Delete a branch or tag."""
        fields = Fields(input)
        repo, name, sha = await self._ref(fields.text("refId"))
        async with self._hub.lock(repo):
            await self._move(repo, RefChange(name, sha, None))
        return self._done("deleteRef", fields)

    async def create_commit_on_branch(
        self,
        input: Input,  # noqa: A002  (GitHub's word)
    ) -> Node:
        """Add one signed commit to a branch whose head must be `expectedHeadOid`."""
        fields = Fields(input)
        repo, branch = await self._branch(fields.inner("branch"))
        git, expected = self._hub.git(repo), Sha(fields.text("expectedHeadOid"))
        changes = _changes(fields.inner("fileChanges"))
        async with self._hub.lock(repo):
            head = await git.ref(f"refs/heads/{branch}")
            if head is None:
                raise Refused("NOT_FOUND", f"No branch named {branch!r} exists")
            if head != expected:
                message = (
                    f'Expected branch to point to "{expected}" but it did not. Pull and try again.'
                )
                raise Refused("STALE_DATA", message)
            tree = await git.tree_of(head)
            words = fields.inner("message")
            text = f"{words.text('headline')}\n\n{words.text('body', '')}".rstrip() + "\n"
            author = signed_by(self._by, self._hub)
            draft = Draft(text, author, web_flow(self._hub), (head,), tree and tree[0], changes)
            made = await self._commit(repo, branch, draft)
        ref = ref_node(self._hub, repo, f"refs/heads/{branch}", made)
        commit = await commit_named(self._hub, repo, made)
        return self._done("createCommitOnBranch", fields, commit=commit, ref=ref)

    async def _branch(self, fields: Fields) -> tuple[RepositoryState, str]:
        if fields.has("id"):
            repo, name, _ = await self._ref(fields.text("id"))
            return repo, name.split("/", 2)[2]
        repo = self._repository(fields.text("repositoryNameWithOwner"))
        return repo, fields.text("branchName").removeprefix("refs/heads/")

    async def _commit(self, repo: RepositoryState, branch: str, draft: Draft) -> Sha:
        try:
            guard_workflows(self._actor, cast("Sequence[str]", tuple(draft.changes)))
            return await commit_on(self._hub, repo, branch, draft, self._by)
        except GitFailed as failed:
            raise Refused("UNPROCESSABLE", f"A path was invalid: {failed}") from failed


def _changes(fields: Fields) -> dict[str, Put | None]:
    deleted: dict[str, Put | None] = {one.text("path"): None for one in fields.each("deletions")}
    added = {
        one.text("path"): Put(decoded(one.text("contents").encode()))
        for one in fields.each("additions")
    }
    return {**deleted, **added}
