"""GraphQL's mutations for the merge queue and for auto-merge."""

from octobot.model.ids import Sha
from octobot.model.pull_request import MergeMethod
from octobot.sandbox.changes.merge_queue import cancel, enable_auto, enqueue
from octobot.sandbox.graphql.mutations import Input, Mutations, Payload
from octobot.sandbox.graphql.pulls import PullNode, QueueEntryNode
from octobot.sandbox.graphql.shown import Refused, refused
from octobot.sandbox.http.auth import Need, admit
from octobot.sandbox.http.call import Refusal
from octobot.sandbox.http.fields import Fields
from octobot.sandbox.state.nouns import DeferredMerge, Pull, RepositoryState

_NEEDS: tuple[Need, ...] = (("contents", "write"), ("pull_requests", "write"))


class QueueMutations(Mutations):
    """The mutations of one call, with those for deferred merges."""

    def _pull(self, node: str) -> tuple[RepositoryState, Pull]:
        number = node.removeprefix("PR_")
        found = self._hub.state.pulls.get(int(number)) if number.isdigit() else None
        if found is None or not node.startswith("PR_"):
            message = f"Could not resolve to a node with the global id of '{node}'"
            raise Refused("NOT_FOUND", message)
        repo = self._hub.state.repositories[found.repo]
        try:
            admit(self._hub.state, self._actor, repo, _NEEDS)
        except Refusal as refusal:
            raise refused(refusal) from refusal
        return repo, found

    async def enqueue_pull_request(
        self,
        input: Input,  # noqa: A002  (GitHub's word)
    ) -> Payload:
        """Put a pull request into the merge queue."""
        fields = Fields(input)
        repo, pull = self._pull(fields.text("pullRequestId"))
        async with self._hub.lock(repo):
            try:
                pull = await enqueue(self._hub, repo, pull, _expected(fields), self._by)
            except Refusal as refusal:
                raise refused(refusal) from refusal
        self.done.append("enqueuePullRequest")
        entry = QueueEntryNode(self._hub, repo, pull)
        return Payload(fields.maybe("clientMutationId"), merge_queue_entry=entry)

    async def dequeue_pull_request(
        self,
        input: Input,  # noqa: A002  (GitHub's word)
    ) -> Payload:
        """Take a pull request out of the merge queue."""
        fields = Fields(input)
        repo, pull = await self._cancel(fields.text("id"), "queue")
        self.done.append("dequeuePullRequest")
        entry = QueueEntryNode(self._hub, repo, pull)
        return Payload(fields.maybe("clientMutationId"), merge_queue_entry=entry)

    async def enable_pull_request_auto_merge(
        self,
        input: Input,  # noqa: A002  (GitHub's word)
    ) -> Payload:
        """Enable auto-merge."""
        fields = Fields(input)
        repo, pull = self._pull(fields.text("pullRequestId"))
        deferred = DeferredMerge(
            "auto",
            self._by.id,
            self._hub.state.now(),
            _METHODS[fields.text("mergeMethod", "MERGE")],
            fields.maybe("commitHeadline"),
            fields.maybe("commitBody"),
        )
        async with self._hub.lock(repo):
            try:
                pull = await enable_auto(self._hub, repo, pull, _expected(fields), deferred)
            except Refusal as refusal:
                raise refused(refusal) from refusal
        self.done.append("enablePullRequestAutoMerge")
        node = PullNode(self._hub, repo, pull)
        return Payload(fields.maybe("clientMutationId"), pull_request=node)

    async def disable_pull_request_auto_merge(
        self,
        input: Input,  # noqa: A002  (GitHub's word)
    ) -> Payload:
        """Let GitHub merge no more by itself."""
        fields = Fields(input)
        repo, pull = await self._cancel(fields.text("pullRequestId"), "auto")
        self.done.append("disablePullRequestAutoMerge")
        node = PullNode(self._hub, repo, pull)
        return Payload(fields.maybe("clientMutationId"), pull_request=node)

    async def _cancel(self, node: str, kind: str) -> tuple[RepositoryState, Pull]:
        repo, pull = self._pull(node)
        async with self._hub.lock(repo):
            try:
                cancel(self._hub, pull, kind)
            except Refusal as refusal:
                raise refused(refusal) from refusal
        return repo, pull


_METHODS: dict[str, MergeMethod] = {"MERGE": "merge", "SQUASH": "squash", "REBASE": "rebase"}


def _expected(fields: Fields) -> Sha | None:
    given = fields.maybe("expectedHeadOid")
    return None if given is None else Sha(given)
