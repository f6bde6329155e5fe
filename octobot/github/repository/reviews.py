"""Reviews: who approved a commit, and who requested changes, as GitHub counts it.

REST lists reviews without saying who can write, so each reviewer's permission would cost a request.
GraphQL answers both in one query; a part that it leaves out does not count as empty.
Source: docs.github.com, GraphQL `PullRequest.latestOpinionatedReviews`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

from octobot.github.repository.workflows import SUITES, is_about_suites, workflows_of
from octobot.github.transport.json_fields import Unexpected, at, items, maybe_number, number, text
from octobot.github.transport.session import Handle
from octobot.model.errors import Misconfigured, TryLater
from octobot.model.ids import PullNumber, Sha
from octobot.model.pull_request import Objection, Workflow

_ASK = (
    """query(
  $owner: String!, $name: String!, $number: Int!, $after: String,
  $head: GitObjectID, $suites: Boolean!
) {
  repository(owner: $owner, name: $name) {
    databaseId
    """
    + SUITES
    + """
    pullRequest(number: $number) {
      latestOpinionatedReviews(first: 100, after: $after, writersOnly: true) {
        nodes {
          state
          author { login ... on Bot { databaseId } ... on User { databaseId } }
        }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
}"""
)
_PAGES = 100
"""More than any pull request has: a list that links to itself ends here."""
_NO = "CHANGES_REQUESTED"
_OPINIONS = frozenset({"APPROVED", _NO, "DISMISSED"})
_SOON = timedelta(minutes=1)
_WRITERS = frozenset({"admin", "write"})
"""`permission` of the endpoint is coarse: maintain counts as write, triage as read."""


@dataclass(frozen=True, slots=True)
class Opinions:
    """What one look at a pull request shows."""

    objections: tuple[Objection, ...]
    workflows: Mapping[int, Workflow]
    """Of each check suite on the head commit, by the suite's id; empty when no head was given."""


@dataclass(frozen=True, slots=True)
class Reviews:
    """The reviews in one repository."""

    handle: Handle

    async def objections(self, pull_number: PullNumber) -> tuple[Objection, ...]:
        """Return the requests for changes that nobody lifted; `TryLater` when any is not shown."""
        return (await self.read(pull_number)).objections

    async def read(self, pull_number: PullNumber, head: Sha | None = None) -> Opinions:
        """Read the requests for changes and, of a head commit, the workflows of its suites."""
        found: list[Objection] = []
        workflows: Mapping[int, Workflow] = {}
        after: str | None = None
        for page in range(_PAGES):
            shown = await self._page(pull_number, after, None if page else head)
            workflows = workflows or workflows_of(at(shown, "object"))
            reviews = at(shown, "pullRequest", "latestOpinionatedReviews")
            found += _requests(items(reviews, "nodes"))
            more = at(reviews, "pageInfo", "hasNextPage")
            if more is False:
                objections = sorted(found, key=lambda one: (one.login, one.by))
                return Opinions(tuple(objections), workflows)
            if more is not True:
                raise Unexpected("pageInfo.hasNextPage", "boolean")
            after = text(reviews, "pageInfo", "endCursor")
        raise TryLater(
            f"the reviews of #{pull_number} have no last page", after=timedelta(minutes=10)
        )

    async def _page(self, pull_number: PullNumber, after: str | None, head: Sha | None) -> object:
        repository = self.handle.watched.repository
        answer = await self.handle.session.graphql_response(
            _ASK,
            {
                "owner": repository.owner,
                "name": repository.name,
                "number": pull_number,
                "after": after,
                "head": head,
                "suites": head is not None,
            },
        )
        shown = at(answer.data, "repository")
        failed = [error for error in answer.errors if not is_about_suites(error)]
        if shown is None or failed:  # a part that failed must not read as "nobody objects"
            errors = "; ".join(str(at(error, "message")) for error in failed)
            raise TryLater(
                f"GitHub did not show the reviews of #{pull_number}: {errors}", after=_SOON
            )
        if number(shown, "databaseId") != self.handle.watched.id:
            raise Misconfigured(f"{repository} is not repository {self.handle.watched.id} any more")
        return shown

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


def _requests(nodes: list[object]) -> Iterator[Objection]:
    for node in nodes:
        state = text(node, "state")
        if state not in _OPINIONS:
            raise Unexpected("state", "known opinion")
        if state == _NO:
            gone = at(node, "author") is None
            login = "ghost" if gone else text(node, "author", "login")
            yield Objection(maybe_number(node, "author", "databaseId") or 0, login)
