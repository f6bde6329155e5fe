"""Branches: their heads, and moves only from the head that was read.

GitHub's `updateRefs` compares and swaps: a person's push between the read and the move wins.
Source: docs.github.com, GraphQL `updateRefs`; an `afterOid` of zeros deletes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import structlog

from octobot.github.transport.json_fields import at, items, sha, text
from octobot.github.transport.refusals import about_workflows
from octobot.github.transport.request import AnswerLost
from octobot.github.transport.schema import Unknown
from octobot.github.transport.session import Handle
from octobot.model.errors import Misconfigured, TryLater
from octobot.model.ids import Sha

log = structlog.get_logger()

_NOWHERE = "0" * 40
_MOVE = "mutation($move: UpdateRefsInput!) { updateRefs(input: $move) { clientMutationId } }"
_ABSENT = frozenset({404, 409})
"""No such ref; 409 when the repository has no commit at all."""


@dataclass(frozen=True, slots=True)
class Branches:
    """The branches of one repository."""

    handle: Handle

    async def head(self, branch: str) -> Sha | None:
        """Read the head of a branch; None when it does not exist."""
        path = self.handle.path("git/ref/heads", branch)
        found = await self.handle.session.find(path, absent=_ABSENT, fresh=True)
        return None if found is None else sha(found, "object", "sha")

    async def compare(self, base: Sha, head: Sha) -> str | None:
        """Compare two commits: `ahead`, `behind`, `diverged`, `identical`; None: one is unknown.

        What is between two commits never changes, so that they are compared once.
        Source: docs.github.com, REST "Compare two commits".
        """
        objects, key = self.handle.session.objects, ("compared", self.handle.watched.id, base, head)
        if known := objects.find(str, *key):
            return known
        path = self.handle.path(f"compare/{base}...{head}", per_page="1")
        found = await self.handle.session.find(path, absent=_ABSENT)
        if found is None:
            return None
        status = text(found, "status")
        objects.store(status, *key, size=200)
        return status

    async def last_change(self, head: Sha, file: str) -> Sha | None:
        """Return the newest commit in a commit's history that changed a file."""
        path = self.handle.path("commits", sha=head, path=file, per_page="1")
        found = items(await self.handle.session.get(path))
        return sha(found[0], "sha") if found else None

    async def move(self, branch: str, *, expected: Sha, to: Sha) -> bool:
        """Move a branch; False when its head is no longer `expected`."""
        return await self._move(branch, expected, to) or await self.head(branch) == to

    async def delete(self, branch: str, *, expected: Sha) -> None:
        """Delete a branch, unless it was moved by somebody else."""
        try:
            moved = await self._move(branch, expected, _NOWHERE)
        except Unknown as error:  # what stays is a branch, which is in nobody's way
            log.warning("branch left alone", branch=branch, because=str(error))
            return
        if not moved:
            head = await self.head(branch)
            if head == expected:
                raise TryLater(f"GitHub did not delete {branch}", after=timedelta(minutes=1))
            if head:
                log.warning("branch left alone", branch=branch, head=head)

    async def _move(self, branch: str, before: Sha, after: str) -> bool:
        """Request the move; False when it was declined or the answer was lost."""
        variables = {"move": moving(await self.handle.node(), branch, before, after)}
        try:
            answer = await self.handle.session.graphql_response(_MOVE, variables)
        except AnswerLost:
            return False
        forbid(answer.errors)
        return not answer.errors


def moving(node: str, branch: str, before: str, after: str) -> Mapping[str, object]:
    """Return the input of `updateRefs` for one branch."""
    update = {
        "name": f"refs/heads/{branch}",
        "beforeOid": before,
        "afterOid": after,
        "force": True,  # to another base is never a fast-forward; `beforeOid` is the guard
    }
    return {"repositoryId": node, "refUpdates": [update]}


def forbid(
    errors: Sequence[Mapping[str, object]], what: str = "write contents (contents=write)"
) -> None:
    """Raise `Misconfigured` when GraphQL answers that the App may not do this, or cannot.

    `what` is that in words.
    """
    for error in errors:
        if about := about_workflows(str(at(error, "message"))):
            raise Misconfigured(about)
        if at(error, "type") == "FORBIDDEN":
            raise Misconfigured(f"GitHub forbids octobot to {what}: {at(error, 'message')}")
