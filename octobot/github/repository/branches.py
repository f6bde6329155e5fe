"""Branches: where they stand, and moving them only from where they were seen.

GitHub's `updateRefs` compares and swaps: a person's push between the look and the move wins.
Source: docs.github.com, GraphQL `updateRefs`; an `afterOid` of zeros deletes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import structlog

from octobot.github.transport.json_fields import at, sha
from octobot.github.transport.request import AnswerLost, refusal
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
        """Read where a branch stands; None when it does not exist."""
        path = self.handle.path("git/ref/heads", branch)
        answer = await self.handle.session.exchange("GET", path, fresh=True)
        if answer.status in _ABSENT:
            return None
        if not answer.fine:
            raise refusal(f"GET {path}", answer)
        return sha(answer.data, "object", "sha")

    async def move(self, branch: str, *, expected: Sha, to: Sha) -> bool:
        """Move a branch; False when it does not stand at `expected` any more."""
        return await self._move(branch, expected, to) or await self.head(branch) == to

    async def delete(self, branch: str, *, expected: Sha) -> None:
        """Delete a branch; one that is gone or was moved by somebody else is left as it is."""
        if not await self._move(branch, expected, _NOWHERE):
            standing = await self.head(branch)
            if standing == expected:
                raise TryLater(f"GitHub did not delete {branch}", after=timedelta(minutes=1))
            if standing:
                log.warning("branch left alone", branch=branch, standing=standing)

    async def _move(self, branch: str, before: Sha, after: str) -> bool:
        """Ask for the move; False when it was declined or the answer was lost: look then."""
        variables = {"move": moving(await self.handle.node(), branch, before, after)}
        try:
            answer = await self.handle.session.graphql_response(_MOVE, variables)
        except AnswerLost:
            return False
        forbid(answer.errors)
        return not answer.errors


def moving(node: str, branch: str, before: str, after: str) -> Mapping[str, object]:
    """Shape the input of `updateRefs` for one branch."""
    update = {
        "name": f"refs/heads/{branch}",
        "beforeOid": before,
        "afterOid": after,
        "force": True,  # to another base is never a fast-forward; `beforeOid` is the guard
    }
    return {"repositoryId": node, "refUpdates": [update]}


def forbid(errors: Sequence[Mapping[str, object]]) -> None:
    """Raise `Misconfigured` when GraphQL says that the App may not do this."""
    for error in errors:
        if at(error, "type") == "FORBIDDEN":
            raise Misconfigured(
                f"GitHub forbids octobot to write contents (contents=write): {at(error, 'message')}"
            )
