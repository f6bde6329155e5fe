"""Who requested changes: each writer's latest review that says yes or no, as GitHub counts it.

REST lists reviews without saying who can write, and one permission a reviewer would have to be
asked.  GraphQL answers both in one query; a part that it does not show is not taken for empty.
Source: docs.github.com, GraphQL `PullRequest.latestOpinionatedReviews`.
"""

from collections.abc import Iterator
from datetime import timedelta

from octobot.github.repository.handle import Handle
from octobot.github.transport.json_fields import Unexpected, at, items, maybe_number, number, text
from octobot.model.errors import Misconfigured, TryLater
from octobot.model.ids import PullNumber
from octobot.model.pull_request import Objection

_ASK = """query($owner: String!, $name: String!, $number: Int!, $after: String) {
  repository(owner: $owner, name: $name) {
    databaseId
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
_PAGES = 100
"""More than any pull request has: a list that links to itself ends here."""
_NO = "CHANGES_REQUESTED"
_OPINIONS = frozenset({"APPROVED", _NO, "DISMISSED"})
_SOON = timedelta(minutes=1)


async def objections(handle: Handle, pull_number: PullNumber) -> tuple[Objection, ...]:
    """Return the requests for changes that nobody has lifted; `TryLater` when any is not shown."""
    found: list[Objection] = []
    after: str | None = None
    for _ in range(_PAGES):
        shown = await _page(handle, pull_number, after)
        found += _requests(items(shown, "nodes"))
        more = at(shown, "pageInfo", "hasNextPage")
        if more is False:
            return tuple(sorted(found, key=lambda one: (one.login, one.by)))
        if more is not True:
            raise Unexpected("pageInfo.hasNextPage", "boolean")
        after = text(shown, "pageInfo", "endCursor")
    raise TryLater(f"the reviews of #{pull_number} have no last page", after=timedelta(minutes=10))


async def _page(handle: Handle, pull_number: PullNumber, after: str | None) -> object:
    repository = handle.watched.repository
    answer = await handle.road.graphql_response(
        _ASK,
        {
            "owner": repository.owner,
            "name": repository.name,
            "number": pull_number,
            "after": after,
        },
    )
    shown = at(answer.data, "repository")
    if shown is None or answer.errors:  # a part that failed must not read as "nobody objects"
        said = "; ".join(str(at(error, "message")) for error in answer.errors)
        raise TryLater(f"GitHub did not show the reviews of #{pull_number}: {said}", after=_SOON)
    if number(shown, "databaseId") != handle.watched.id:
        raise Misconfigured(f"{repository} is not repository {handle.watched.id} any more")
    return at(shown, "pullRequest", "latestOpinionatedReviews")


def _requests(nodes: list[object]) -> Iterator[Objection]:
    for node in nodes:
        state = text(node, "state")
        if state not in _OPINIONS:
            raise Unexpected("state", "known opinion")
        if state == _NO:
            gone = at(node, "author") is None
            login = "ghost" if gone else text(node, "author", "login")
            yield Objection(maybe_number(node, "author", "databaseId") or 0, login)
