"""Reviews: who approved a commit, as GitHub counts it; `merge_state` has who requests changes."""

from dataclasses import dataclass

from octobot.github.transport.json_fields import at, maybe_number, number, text
from octobot.github.transport.session import Handle
from octobot.model.ids import PullNumber, Sha

_OPINIONS = frozenset({"APPROVED", "CHANGES_REQUESTED", "DISMISSED"})
_WRITERS = frozenset({"admin", "write"})
"""`permission` of the endpoint is coarse: maintain counts as write, triage as read."""


@dataclass(frozen=True, slots=True)
class Reviews:
    """The reviews in one repository."""

    handle: Handle

    async def is_approved(self, pull_number: PullNumber, head: Sha) -> bool:
        """Return whether somebody who can write approves exactly this commit; bots do not count.

        Of each person the last deciding review counts, in GitHub's order, oldest first.
        """
        found = await self.handle.session.pages(
            self.handle.path("pulls", pull_number, "reviews"), fresh=True
        )
        last: dict[int, object] = {}
        for review in found:
            user = maybe_number(at(review, "user"), "id")
            if user is not None and at(review, "state") in _OPINIONS:
                last[user] = review
        approving = [
            (user, text(review, "user", "login"))
            for user, review in sorted(last.items())
            if user != self.handle.bot.id
            and at(review, "user", "type") == "User"
            and at(review, "state") == "APPROVED"
            and at(review, "commit_id") == head
        ]
        for user, login in approving:
            if await self._can_write(user, login):
                return True
        return False

    async def _can_write(self, user: int, login: str) -> bool:
        """Read the person's permission: `author_association` is not reliable."""
        path = self.handle.path("collaborators", login, "permission")
        found = await self.handle.session.find(path, fresh=True)
        # A login can change hands between two reads.
        same = found is not None and number(found, "user", "id") == user
        return same and at(found, "permission") in _WRITERS
