"""Merges that are left to GitHub: its merge queue and its auto-merge, always with the exact head.

After a lost answer the state is read.  What a person requested from GitHub does not count as
octobot's, and is not cancelled.  Which permission this takes is contested (`merge_queues`), so it
is asked in a document of its own, and a part that is forbidden, or that an older server lacks, is
`hidden`: no other way of merging waits for it.
Source: docs.github.com, GraphQL `enqueuePullRequest` and `enablePullRequestAutoMerge`.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from octobot.github.repository.branches import forbid
from octobot.github.transport.json_fields import at, number, text
from octobot.github.transport.request import AnswerLost
from octobot.github.transport.schema import Part, part
from octobot.github.transport.session import Handle
from octobot.model.errors import Misconfigured, TryLater
from octobot.model.ids import PullNumber, Sha
from octobot.model.pull_request import LeftToGitHub, MergeMethod, NotMerged, QueueState

_AUTO_MERGE = part(
    "autoMergeRequest { enabledBy { ...Who } }",
    *("PullRequest.autoMergeRequest", "AutoMergeRequest.enabledBy"),
)
_MERGE_QUEUE = part(
    """queue: pullRequest(number: $number) {
      isMergeQueueEnabled
      mergeQueueEntry { enqueuer { ...Who } }
    }""",
    *("PullRequest.isMergeQueueEnabled", "PullRequest.mergeQueueEntry", "MergeQueueEntry.enqueuer"),
)
_PARTS: Mapping[LeftToGitHub, Part] = {"queue": _MERGE_QUEUE, "auto": _AUTO_MERGE}
_WHO = "fragment Who on Actor { __typename ... on Bot { databaseId } ... on User { databaseId } }"
_QUEUE = """mutation($input: EnqueuePullRequestInput!) {
  enqueuePullRequest(input: $input) { mergeQueueEntry { id } }
}"""
_UNQUEUE = """mutation($input: DequeuePullRequestInput!) {
  dequeuePullRequest(input: $input) { clientMutationId }
}"""
_AUTO = """mutation($input: EnablePullRequestAutoMergeInput!) {
  enablePullRequestAutoMerge(input: $input) { pullRequest { id } }
}"""
_NO_AUTO = """mutation($input: DisablePullRequestAutoMergeInput!) {
  disablePullRequestAutoMerge(input: $input) { clientMutationId }
}"""

_NEEDED = "leave a merge to GitHub (contents, pull_requests and, it seems, merge_queues: write)"
_NO_FIELD = "undefinedField"
"""What GitHub Enterprise Server says of a field that its version lacks."""
_LASTS = 3600.0
"""Seconds for which a base that had no merge queue counts as one without."""
_BOTH: frozenset[LeftToGitHub] = frozenset({"queue", "auto"})
_FIELDS: Mapping[LeftToGitHub, tuple[str, ...]] = {
    "queue": ("mergeQueueEntry", "isMergeQueueEnabled"),
    "auto": ("autoMergeRequest",),
}


@dataclass(frozen=True, slots=True)
class MergeQueue:
    """The merges in one repository that are left to GitHub."""

    handle: Handle
    _seen: dict[str, tuple[float, QueueState]] = field(default_factory=dict)
    """What was shown last of each base branch, and when by GitHub's clock."""

    async def state_of(self, pull_number: PullNumber, base: str, *, left: bool) -> QueueState:
        """Read the state of a pull request, whose base is `base`.

        Without `left`, octobot left nothing of it to GitHub: what is known of its base for less
        than an hour will do, unless a queue is known there.
        """
        now = self.handle.session.server.now()
        at_, known = self._seen.get(base, (0.0, QueueState(enabled=True)))
        if not left and not known.enabled and now - at_ < _LASTS:
            return known
        state = await self.state(pull_number)
        self._seen[base] = now, replace(state, left=None)
        return state

    def forget(self) -> None:
        """Forget what is known of the bases: GitHub refused a merge, and may have a queue now."""
        self._seen.clear()

    async def state(self, pull_number: PullNumber) -> QueueState:
        """Read what GitHub shows of both for a pull request."""
        return (await self._state(pull_number))[1]

    async def left_to_github(self, pull_number: PullNumber) -> LeftToGitHub | None:
        """Return what octobot itself left to GitHub; a person's request does not count."""
        return (await self.state(pull_number)).left

    async def leave_to_github(
        self,
        pull_number: PullNumber,
        *,
        to: LeftToGitHub,
        head: Sha,
        method: MergeMethod,
        message: tuple[str, str],
    ) -> NotMerged | None:
        """Leave the merge of exactly `head` to GitHub; return its message when it refuses."""
        node, _ = await self._state(pull_number)
        wanted: dict[str, object] = {"pullRequestId": node, "expectedHeadOid": head}
        document, field = _QUEUE, "enqueuePullRequest"
        if to == "auto":
            document, field = _AUTO, "enablePullRequestAutoMerge"
            wanted["mergeMethod"] = method.upper()
            if method != "rebase":  # a rebase keeps the commit's own words
                wanted |= {"commitHeadline": message[0], "commitBody": message[1]}
        try:
            answer = await self.handle.session.graphql_response(document, {"input": wanted})
        except AnswerLost:
            if await self.left_to_github(pull_number) != to:
                raise
            return None
        if at(answer.data, field) is not None:
            return None
        forbid(answer.errors, _NEEDED)
        errors = "; ".join(str(at(error, "message")) for error in answer.errors)
        return NotMerged(errors or "GitHub gave no reason")

    async def cancel(self, pull_number: PullNumber) -> None:
        """Cancel what octobot left to GitHub; `TryLater` while it is still there."""
        node, state = await self._state(pull_number)
        left = state.left
        if left is None:
            return
        if left == "queue":
            await self.handle.session.graphql_response(_UNQUEUE, {"input": {"id": node}})
        else:
            await self.handle.session.graphql_response(_NO_AUTO, {"input": {"pullRequestId": node}})
        if await self.left_to_github(pull_number):
            because = f"#{pull_number} is still left to GitHub's {left}"
            raise TryLater(because, after=timedelta(seconds=30))

    async def _state(self, pull_number: PullNumber) -> tuple[str, QueueState]:
        """Read a pull request's node, and what GitHub shows of both."""
        repository = self.handle.watched.repository
        place = {"owner": repository.owner, "name": repository.name, "number": pull_number}
        answer, unknown = await self.handle.session.graphql_known(
            lambda unknown: (_document(unknown), place)
        )
        shown = at(answer.data, "repository")
        hidden = _hidden(answer.errors)
        if answer.errors and hidden and at(shown, "pullRequest", "id") is None:
            return "", QueueState(hidden=_BOTH)
        if shown is None or (answer.errors and not hidden):  # it must not read as "nothing is left"
            errors = "; ".join(str(at(error, "message")) for error in answer.errors)
            raise TryLater(
                f"GitHub did not show #{pull_number}: {errors}", after=timedelta(minutes=1)
            )
        if number(shown, "databaseId") != self.handle.watched.id:
            raise Misconfigured(f"{repository} is not repository {self.handle.watched.id} any more")
        node = text(shown, "pullRequest", "id")
        return node, QueueState(
            left=_left(shown, self.handle.bot.id),
            enabled=at(shown, "queue", "isMergeQueueEnabled") is True,
            hidden=hidden | {what for what, one in _PARTS.items() if not one.known(unknown)},
        )


def _document(unknown: Collection[str]) -> str:
    """Write the query, of what this server has."""
    auto, queue = _AUTO_MERGE.unless(unknown), _MERGE_QUEUE.unless(unknown)
    return f"""query($owner: String!, $name: String!, $number: Int!) {{
  repository(owner: $owner, name: $name) {{
    databaseId
    pullRequest(number: $number) {{
      id
      {auto}
    }}
    {queue}
  }}
}}
{_WHO if auto or queue else ""}"""


def _left(shown: object, bot: int) -> LeftToGitHub | None:
    if at(shown, "queue", "mergeQueueEntry", "enqueuer", "databaseId") == bot:
        return "queue"
    by = at(shown, "pullRequest", "autoMergeRequest", "enabledBy", "databaseId")
    return "auto" if by == bot else None


def _hidden(errors: Sequence[object]) -> frozenset[LeftToGitHub]:
    """Return what is forbidden, or unknown to this GitHub; nothing when any other error is there.

    An error that names no field is about both.
    """
    found: set[LeftToGitHub] = set()
    for error in errors:
        if at(error, "type") != "FORBIDDEN" and at(error, "extensions", "code") != _NO_FIELD:
            return frozenset()
        named = f"{at(error, 'path')} {at(error, 'extensions', 'fieldName')}"
        found |= {
            what for what, fields in _FIELDS.items() if any(f in named for f in fields)
        } or _BOTH
    return frozenset(found)
