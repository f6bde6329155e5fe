"""What people and GitHub's settings say about a merge, in one query: objections, requirements.

The merge queue has a query of its own (`merge_queue`): it may need a permission that octobot lacks.

REST lists reviews without saying who can write, and one permission a reviewer would have to be
asked.  GraphQL answers that, drafts, labels, conversations, the timeline and the settings at once,
also for the older pull requests that this one replaces: an objection to one of them holds until
its person lifts it.  A part that GitHub does not show is not taken for empty.
Source: docs.github.com, GraphQL `PullRequest`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from octobot.github.repository.head import FIELDS, Head, read_head
from octobot.github.repository.objections import PullPeople, objections_to, read_people
from octobot.github.repository.workflows import is_about_suites, workflows_of
from octobot.github.transport.json_fields import Unexpected, at, items, number, text
from octobot.github.transport.session import Handle
from octobot.model.errors import Misconfigured, TryLater
from octobot.model.ids import PullNumber
from octobot.model.pull_request import (
    MergeMethod,
    MergeRequirements,
    MergeState,
)

_WHO = "{ __typename login ... on Bot { databaseId } ... on User { databaseId } }"
_REVIEWS = f"""(first: 100, after: $reviews, writersOnly: true) {{
      nodes {{ state submittedAt author {_WHO} }}
      pageInfo {{ hasNextPage endCursor }}
    }}"""
_THREADS = f"""(first: 20, after: $threads) {{
      nodes {{
        isResolved
        comments(first: 1) {{ nodes {{ createdAt author {_WHO} }} }}
      }}
      pageInfo {{ hasNextPage endCursor }}
    }}"""
_EVENTS = (
    *("ConvertToDraft", "Labeled", "Closed", "Reopened", "AutoMergeEnabled", "AutoSquashEnabled"),
    *("AutoRebaseEnabled", "AutoMergeDisabled", "AddedToMergeQueue", "RemovedFromMergeQueue"),
)
_TYPES = """[
      CONVERT_TO_DRAFT_EVENT, LABELED_EVENT, CLOSED_EVENT, REOPENED_EVENT,
      AUTO_MERGE_ENABLED_EVENT, AUTO_SQUASH_ENABLED_EVENT, AUTO_REBASE_ENABLED_EVENT,
      AUTO_MERGE_DISABLED_EVENT, ADDED_TO_MERGE_QUEUE_EVENT, REMOVED_FROM_MERGE_QUEUE_EVENT
    ]"""
_MORE = {
    "Labeled": " label { name }",
    "AutoMergeDisabled": " reason: reasonCode",
    "RemovedFromMergeQueue": " reason",
}
_EACH = "\n".join(
    f"        ... on {kind}Event {{ createdAt actor {_WHO}{_MORE.get(kind, '')} }}"
    for kind in _EVENTS
)
_PEOPLE = f"""fragment People on PullRequest {{
    isDraft
    latestOpinionatedReviews{_REVIEWS}
    labels(first: 100) {{ nodes {{ name }} }}
    reviewThreads{_THREADS}
    timelineItems(last: 100, itemTypes: {_TYPES}) {{
      nodes {{
        __typename
{_EACH}
      }}
    }}
}}"""
_VARIABLES = "$owner: String!, $name: String!, $number: Int!, $reviews: String, $threads: String"
_SETTINGS = """mergeCommitAllowed squashMergeAllowed rebaseMergeAllowed autoMergeAllowed"""
_OWN = """reviewDecision viewerCanMergeAsAdmin
      baseRef { refUpdateRule {
        requiresConversationResolution requiresSignatures requiresLinearHistory
      } }"""
_PAGES = 100
"""More than any pull request has: a list that links to itself ends here."""
_AT_ONCE = 10
"""Older pull requests in one query."""
_SOON = timedelta(minutes=1)
_METHODS: tuple[tuple[MergeMethod, str], ...] = (
    ("merge", "mergeCommitAllowed"),
    ("squash", "squashMergeAllowed"),
    ("rebase", "rebaseMergeAllowed"),
)
_REVIEWED = (None, "APPROVED")


@dataclass(frozen=True, slots=True)
class MergeStates:
    """What is said about the merges of one repository."""

    handle: Handle

    async def read(self, pull: PullNumber, older: Sequence[int] = ()) -> MergeState:
        """Read one pull request, and the objections to `older` ones, the newest first.

        `TryLater` when any part but the suites of the head is not shown.
        """
        return (await self.with_head(pull, older))[0]

    async def with_head(
        self, pull: PullNumber, older: Sequence[int] = ()
    ) -> tuple[MergeState, Head | None]:
        """Read the same with the pull request itself, its commits and its head's check runs."""
        first, *more = [older[n : n + _AT_ONCE] for n in range(0, len(older), _AT_ONCE)] or [()]
        shown, whole = await self._ask(pull, _document(first))
        people = await self._people(pull, at(shown, "pullRequest"))
        before = await self._olders(shown, first)
        for batch in more:
            before += await self._olders((await self._ask(pull, _document(batch)))[0], batch)
        own = at(shown, "pullRequest")
        bot = self.handle.bot.id
        state = MergeState(
            objections=tuple(objections_to(people, before, bot=bot)),
            wants=_requirements(shown, own),
            approved=bool(people.approved),
            removed=people.removed(bot),
            reopened=people.is_reopened(bot),
            workflows=workflows_of(own),
        )
        return state, read_head(own, whole=whole)

    async def _olders(self, shown: object, numbers: Sequence[int]) -> list[tuple[int, PullPeople]]:
        return [(one, await self._people(one, at(shown, f"p{one}"))) for one in numbers]

    async def _people(self, pull: int, shown: object) -> PullPeople:
        """Read what people did; the lists that have more pages are read to the last."""
        reviews, threads = await self._rest(pull, shown)
        return read_people(shown, reviews, threads)

    async def _rest(self, pull: int, shown: object) -> tuple[list[object], list[object]]:
        reviews, threads = (list(items(shown, name, "nodes")) for name in _PAGED)
        cursors = [_next(shown, name) for name in _PAGED]
        for _ in range(_PAGES):
            if cursors == [None, None]:
                return reviews, threads
            reviews_after, threads_after = cursors
            answer, _ = await self._ask(pull, _PAGE, reviews=reviews_after, threads=threads_after)
            page = at(answer, "pullRequest")
            for n, name in enumerate(_PAGED):
                if cursors[n] is not None:
                    (reviews, threads)[n].extend(items(page, name, "nodes"))
                    cursors[n] = _next(page, name)
        because = f"the reviews of #{pull} have no last page"
        raise TryLater(because, after=timedelta(minutes=10))

    async def _ask(self, pull: int, document: str, **variables: str | None) -> tuple[object, bool]:
        """Return what is shown of the repository, and whether no suite of the head is missing."""
        repository = self.handle.watched.repository
        given = {name: value for name, value in variables.items() if value is not None}
        place = {"owner": repository.owner, "name": repository.name, "number": pull}
        answer = await self.handle.session.graphql_response(document, {**place, **given})
        shown = at(answer.data, "repository")
        failed = [error for error in answer.errors if not is_about_suites(error)]
        if shown is None or failed:  # a part that failed must not read as "nobody objects"
            said = "; ".join(str(at(error, "message")) for error in failed)
            raise TryLater(f"GitHub did not show the reviews of #{pull}: {said}", after=_SOON)
        if number(shown, "databaseId") != self.handle.watched.id:
            raise Misconfigured(f"{repository} is not repository {self.handle.watched.id} any more")
        return shown, not answer.errors


_PAGED = ("latestOpinionatedReviews", "reviewThreads")
_PAGE = f"""query({_VARIABLES}) {{
  repository(owner: $owner, name: $name) {{
    databaseId
    pullRequest(number: $number) {{
    latestOpinionatedReviews{_REVIEWS}
    reviewThreads{_THREADS}
    }}
  }}
}}"""


def _document(older: Sequence[int]) -> str:
    """Write the query for one pull request and some older ones."""
    others = "\n".join(f"    p{one}: pullRequest(number: {one}) {{ ...People }}" for one in older)
    return f"""query({_VARIABLES}) {{
  repository(owner: $owner, name: $name) {{
    databaseId
    {_SETTINGS}
    pullRequest(number: $number) {{
      ...People
      {FIELDS}
      {_OWN}
    }}
{others}
  }}
}}
{_PEOPLE}"""


def _next(shown: object, name: str) -> str | None:
    more = at(shown, name, "pageInfo", "hasNextPage")
    if more is False:
        return None
    if more is not True:
        raise Unexpected(f"{name}.pageInfo.hasNextPage", "boolean")
    return text(shown, name, "pageInfo", "endCursor")


def _requirements(shown: object, own: object) -> MergeRequirements:
    rule = at(own, "baseRef", "refUpdateRule")
    signed, linear = (
        at(rule, f"requires{what}") is True for what in ("Signatures", "LinearHistory")
    )
    allowed = [method for method, field in _METHODS if _yes(shown, field)]
    decision = at(own, "reviewDecision")
    free = decision in _REVIEWED or at(own, "viewerCanMergeAsAdmin") is True
    return MergeRequirements(
        methods=tuple(_without(allowed, signed=signed, linear=linear)),
        auto_merge=_yes(shown, "autoMergeAllowed"),
        review="" if free else str(decision),
        conversations=at(rule, "requiresConversationResolution") is True,
        unsigned=signed,
    )


def _without(
    methods: Sequence[MergeMethod], *, signed: bool, linear: bool
) -> Iterator[MergeMethod]:
    """Leave out what a rule forbids: GitHub signs no rebased commit."""
    for method in methods:
        if not (signed and method == "rebase") and not (linear and method == "merge"):
            yield method


def _yes(value: object, name: str) -> bool:
    found = at(value, name)
    if not isinstance(found, bool):
        raise Unexpected(name, "boolean")
    return found
