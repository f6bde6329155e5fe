"""GraphQL's mutations for the merge queue and for auto-merge."""

from octobot.model.ids import Sha
from octobot.model.pull_request import LeftToGitHub, MergeMethod
from octobot.sandbox.changes.merge_queue import cancel, enable_auto, enqueue
from octobot.sandbox.graphql.mutations import Input, Mutations
from octobot.sandbox.graphql.nodes import Node, no_such_node
from octobot.sandbox.graphql.pulls import pull_node, queue_entry_node, shown
from octobot.sandbox.http.auth import Need, admit
from octobot.sandbox.http.fields import Fields
from octobot.sandbox.state.nouns import DeferredMerge, Pull, RepositoryState

_NEEDS: tuple[Need, ...] = (("contents", "write"), ("pull_requests", "write"))
_METHODS: dict[str, MergeMethod] = {"MERGE": "merge", "SQUASH": "squash", "REBASE": "rebase"}


class QueueMutations(Mutations):
    """The mutations of one call, with those for deferred merges."""

    def _pull(self, node: str, what: LeftToGitHub) -> tuple[RepositoryState, Pull]:
        number = node.removeprefix("PR_")
        found = self._hub.state.pulls.get(int(number)) if number.isdigit() else None
        if found is None or not node.startswith("PR_"):
            raise no_such_node(node)
        repo = self._hub.state.repositories[found.repo]
        admit(self._hub.state, self._actor, repo, _NEEDS)
        return shown(self._hub, what, (repo, found))

    async def enqueue_pull_request(self, input: Input) -> Node:  # noqa: A002  (GitHub's word)
        """Put a pull request into the merge queue."""
        fields = Fields(input)
        repo, pull = self._pull(fields.text("pullRequestId"), "queue")
        async with self._hub.lock(repo):
            pull = await enqueue(self._hub, repo, pull, _expected(fields), self._by)
        entry = queue_entry_node(self._hub, repo, pull)
        return self._done("enqueuePullRequest", fields, mergeQueueEntry=entry)

    async def dequeue_pull_request(self, input: Input) -> Node:  # noqa: A002  (GitHub's word)
        """Take a pull request out of the merge queue."""
        fields = Fields(input)
        repo, pull = await self._cancel(fields.text("id"), "queue")
        entry = queue_entry_node(self._hub, repo, pull)
        return self._done("dequeuePullRequest", fields, mergeQueueEntry=entry)

    async def enable_pull_request_auto_merge(
        self,
        input: Input,  # noqa: A002  (GitHub's word)
    ) -> Node:
        """Enable auto-merge."""
        fields = Fields(input)
        repo, pull = self._pull(fields.text("pullRequestId"), "auto")
        deferred = DeferredMerge(
            "auto",
            self._by.id,
            self._hub.state.now(),
            _METHODS[fields.text("mergeMethod", "MERGE")],
            fields.maybe("commitHeadline"),
            fields.maybe("commitBody"),
        )
        async with self._hub.lock(repo):
            pull = await enable_auto(self._hub, repo, pull, _expected(fields), deferred)
        node = pull_node(self._hub, repo, pull)
        return self._done("enablePullRequestAutoMerge", fields, pullRequest=node)

    async def disable_pull_request_auto_merge(
        self,
        input: Input,  # noqa: A002  (GitHub's word)
    ) -> Node:
        """Disable auto-merge."""
        fields = Fields(input)
        repo, pull = await self._cancel(fields.text("pullRequestId"), "auto")
        node = pull_node(self._hub, repo, pull)
        return self._done("disablePullRequestAutoMerge", fields, pullRequest=node)

    async def _cancel(self, node: str, kind: LeftToGitHub) -> tuple[RepositoryState, Pull]:
        """Cancel a deferred merge; return the pull request as it was before."""
        repo, pull = self._pull(node, kind)
        async with self._hub.lock(repo):
            await cancel(self._hub, repo, pull, kind, self._by)
        return repo, pull


def _expected(fields: Fields) -> Sha | None:
    given = fields.maybe("expectedHeadOid")
    return None if given is None else Sha(given)
