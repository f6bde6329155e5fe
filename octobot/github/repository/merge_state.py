"""What people and GitHub's settings say about a merge, in one query: objections, requirements.

The merge queue has a query of its own (`merge_queue`): it may need a permission that octobot lacks.

REST lists reviews without saying who can write, and one permission a reviewer would have to be
asked.  GraphQL answers that, drafts, labels, conversations, the timeline and the settings at once,
also for the older pull requests that this one replaces: an objection to one of them holds until
its person lifts it.  A part that GitHub does not show is not taken for empty.
Source: docs.github.com, GraphQL `PullRequest`.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from octobot.github.repository.head import Head, read_head
from octobot.github.repository.merge_documents import AUTO, RULE, RULES, absent, page_of, state_of
from octobot.github.repository.objections import (
    PullPeople,
    objections_to,
    read_people,
    unseen_stop,
)
from octobot.github.repository.workflows import is_about_suites, workflows_of
from octobot.github.transport.json_fields import Unexpected, at, items, number, text
from octobot.github.transport.schema import Compose, Document, Unknown
from octobot.github.transport.session import Handle
from octobot.model.errors import Misconfigured, TryLater
from octobot.model.ids import PullNumber
from octobot.model.pull_request import (
    MergeMethod,
    MergeRequirements,
    MergeState,
)

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
        shown, unknown, whole = await self._ask(pull, partial(state_of, first))
        people = await self._people(pull, at(shown, "pullRequest"))
        before = await self._olders(shown, first)
        for batch in more:
            later, lacking, _ = await self._ask(pull, partial(state_of, batch))
            before += await self._olders(later, batch)
            unknown |= lacking
        if stop := unseen_stop([people, *(one for _, one in before)], absent(unknown)):
            raise Unknown(frozenset({stop}))
        own = at(shown, "pullRequest")
        bot = self.handle.bot.id
        state = MergeState(
            objections=tuple(objections_to(people, before, bot=bot)),
            wants=_requirements(shown, own, unknown),
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
            after = {"reviews": reviews_after, "threads": threads_after}
            answer, _, _ = await self._ask(pull, page_of, **after)
            page = at(answer, "pullRequest")
            for n, name in enumerate(_PAGED):
                if cursors[n] is not None:
                    (reviews, threads)[n].extend(items(page, name, "nodes"))
                    cursors[n] = _next(page, name)
        because = f"the reviews of #{pull} have no last page"
        raise TryLater(because, after=timedelta(minutes=10))

    async def _ask(
        self, pull: int, compose: Compose, **cursors: str | None
    ) -> tuple[object, frozenset[str], bool]:
        """Ask about a repository; return also what its server does not know.

        The last is whether no suite of the head is missing.
        """
        repository = self.handle.watched.repository
        given = {name: value for name, value in cursors.items() if value is not None}
        place = {"owner": repository.owner, "name": repository.name, "number": pull, **given}

        def placed(unknown: Collection[str]) -> Document:
            document, variables = compose(unknown)
            return document, {**place, **variables}

        answer, unknown = await self.handle.session.graphql_known(placed)
        shown = at(answer.data, "repository")
        failed = [error for error in answer.errors if not is_about_suites(error)]
        if shown is None or failed:  # a part that failed must not read as "nobody objects"
            said = "; ".join(str(at(error, "message")) for error in failed)
            raise TryLater(f"GitHub did not show the reviews of #{pull}: {said}", after=_SOON)
        if number(shown, "databaseId") != self.handle.watched.id:
            raise Misconfigured(f"{repository} is not repository {self.handle.watched.id} any more")
        return shown, unknown, not answer.errors


_PAGED = ("latestOpinionatedReviews", "reviewThreads")


def _next(shown: object, name: str) -> str | None:
    more = at(shown, name, "pageInfo", "hasNextPage")
    if more is False:
        return None
    if more is not True:
        raise Unexpected(f"{name}.pageInfo.hasNextPage", "boolean")
    return text(shown, name, "pageInfo", "endCursor")


def _requirements(shown: object, own: object, unknown: Collection[str]) -> MergeRequirements:
    conversations, signed, linear = _rules(own, unknown)
    allowed = [method for method, field in _METHODS if _yes(shown, field)]
    decision = at(own, "reviewDecision")
    free = decision in _REVIEWED or at(own, "viewerCanMergeAsAdmin") is True
    return MergeRequirements(
        methods=tuple(_without(allowed, signed=signed, linear=linear)),
        auto_merge=AUTO.known(unknown) and _yes(shown, "autoMergeAllowed"),
        review="" if free else str(decision),
        conversations=conversations,
        unsigned=signed,
    )


def _rules(own: object, unknown: Collection[str]) -> Iterator[bool]:
    """Yield whether the base wants each of `RULES`: what its server does not show, it wants."""
    rule, known = at(own, "baseRef", "refUpdateRule"), RULE.known(unknown)
    has_none = known and rule is None
    for each in RULES:
        shown = known and each.known(unknown)
        yield not has_none and (not shown or at(rule, each.text) is True)


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
