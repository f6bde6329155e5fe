"""GitHub's releases, tags and branches: up to a hundred repositories in one GraphQL query.

HTTP 200 may have data and errors together.  An error under a repository's alias concerns only that
repository; after a failure of the whole query a smaller one is sent, since GitHub allows ten
seconds for a query.  What was not answered stays unknown: "no answer" is never "all gone".

A query costs a hundredth of a point for each connection in it, so a hundred repositories cost one
point, or two where both their tags and their releases are asked.  A part of each hour's points is
kept for writes.  Source: docs.github.com, "Rate limits and query limits for the GraphQL API".
"""

import re
from collections import deque
from collections.abc import Generator, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any, Literal, assert_never

from octobot.datasources.git import pick, prefix_of
from octobot.datasources.git_refs import advertise
from octobot.datasources.github_failures import (
    SIZES,
    Memory,
    Sizes,
    errors_by_alias,
    is_exceeded,
    is_limited,
    whole_failure,
    words,
)
from octobot.datasources.github_query import Question, query, read, read_budget
from octobot.datasources.github_reading import Inquiry
from octobot.model.ids import Repository
from octobot.model.lookup import (
    ConditionalLookup,
    GraphQLResponse,
    Known,
    Lookup,
    LookupResult,
    Postponed,
    Recall,
    Recalled,
    Request,
    Response,
    Shown,
    Unchanged,
    Unreachable,
)
from octobot.model.package import Upstream
from octobot.model.reasons import Reason, ReasonCode
from octobot.model.release import Release

FLOOR = 5
"""Checks stop when less than a fifth of the hour's points is left: it is kept for writes."""
_NAME = re.compile(r"[A-Za-z0-9_.-]{1,100}/[A-Za-z0-9_.-]{1,100}")
# Two failures of a smallest query in a row are GitHub's problem, not a repository's.
_GIVE_UP = 2

_Conversation = Generator[Request | Recall, Response | Recalled, bool]


class GitHub:
    """The datasource `github`."""

    name = "github"
    summary = "releases, tags and branches of repositories on GitHub, by GraphQL"
    batch = 1000

    def __init__(self) -> None:
        self._memory = Memory()

    def lookup(self, upstreams: Sequence[Upstream]) -> Lookup:
        """Ask for all pages of all `upstreams`, each repository once."""
        lookup = self.lookup_if_changed({upstream: Known() for upstream in upstreams})
        answer: Response | Recalled | None = None
        try:
            while True:
                request = next(lookup) if answer is None else lookup.send(answer)
                answer = Recalled({}) if isinstance(request, Recall) else (yield request)
        except StopIteration as end:
            results: Mapping[Upstream, LookupResult] = end.value
        return {upstream: _found(one) for upstream, one in results.items()}

    def lookup_if_changed(self, known: Mapping[Upstream, Known]) -> ConditionalLookup:
        """Ask each repository once; read more only where something differs from the mark."""
        results: dict[Upstream, LookupResult] = {}
        inquiries: dict[str, Inquiry] = {}
        for upstream, before in known.items():
            identifier = upstream.identifier
            if _NAME.fullmatch(identifier):
                new = Inquiry(Repository.parse(identifier))
                inquiries.setdefault(identifier.casefold(), new).want(upstream, before)
            else:
                because = f"{identifier!r} is not of the form owner/name"
                results[upstream] = Reason(ReasonCode.BAD_UPDATE_BLOCK, because)
        answered = yield from _drive(tuple(inquiries.values()), Sizes(self._memory))
        if not answered:
            in_form = [upstream for upstream in known if upstream not in results]
            return results | {
                upstream: one if isinstance(one, Reason) else Shown(one, "")
                for upstream, one in (yield from lookup_by_git(in_form)).items()
            }
        for inquiry in inquiries.values():
            results.update(inquiry.results())
        return results


def _found(results: LookupResult) -> tuple[Release, ...] | Reason:
    match results:
        case Shown(releases=releases):
            return releases
        case Reason():
            return results
        case Postponed(because=because):
            return Reason(ReasonCode.UPSTREAM_UNREACHABLE, because)
        case Unchanged():
            return Reason(ReasonCode.INTERNAL_ERROR, "nothing was known that could be unchanged")
        case _:
            assert_never(results)


_Step = Literal["take", "ask less", "ask one", "stop", "use git"]


def _drive(inquiries: Sequence[Inquiry], sizes: Sizes) -> _Conversation:
    """Ask until every inquiry is done; next pages share queries with other repositories.

    False: GraphQL cannot be used here, and nothing was read.
    """
    waiting, failed = deque(inquiries), 0
    while waiting:
        asked = _next(waiting, sizes.now)
        questions = [inquiry.question() for inquiry in asked]
        answer = yield query(questions)
        step = _step(answer, smallest=sizes.smallest or asked[0].alone)
        match step:
            case "take":
                failed = 0
                _take(asked, questions, answer)
                _learn(sizes, asked, answer)
                waiting.extend((yield from _remember(asked)))
                _keep_budget(waiting, answer)
            case "ask less":
                sizes.failed(len(asked))
                waiting.extendleft(reversed(asked))
            case "ask one":
                _ask_alone(asked)
                waiting.extend((yield from _remember(asked)))
            case "stop":
                failed += 1
                if failed >= _GIVE_UP or is_limited(answer):
                    asked += waiting
                    waiting.clear()
                _abandon(asked, answer)
            case "use git":
                return False
            case _:
                assert_never(step)
    return True


def _next(waiting: deque[Inquiry], size: int) -> list[Inquiry]:
    """Take what the next query asks for; what is to be asked alone is alone in it."""
    asked = [waiting.popleft()]
    while waiting and len(asked) < size and not (asked[0].alone or waiting[0].alone):
        asked.append(waiting.popleft())
    return asked


def _learn(sizes: Sizes, asked: Sequence[Inquiry], answer: Response | Recalled) -> None:
    """Make queries smaller where GitHub had no resources for all of one."""
    if not is_exceeded(answer):
        sizes.worked(len(asked))
    elif len(asked) > SIZES[-1]:
        sizes.failed(len(asked))


def _ask_alone(asked: Sequence[Inquiry]) -> None:
    """Ask each by itself; git shows what is too much even then."""
    for inquiry in asked:
        inquiry.by_git, inquiry.alone = inquiry.alone, True


def _remember(
    asked: Sequence[Inquiry],
) -> Generator[Request | Recall, Response | Recalled, list[Inquiry]]:
    """Add what was known before and what git shows; return the inquiries that are not done."""
    yield from _recall(asked)
    yield from _read_by_git(asked)
    return [inquiry for inquiry in asked if not inquiry.done]


def _recall(asked: Sequence[Inquiry]) -> Generator[Request | Recall, Response | Recalled, None]:
    """Recall the former releases of those that changed."""
    wanted = tuple(one for inquiry in asked for one in inquiry.at_stage("recalling"))
    if wanted:
        recalled = yield Recall(wanted)
        known = recalled.releases if isinstance(recalled, Recalled) else {}
        for inquiry in asked:
            for upstream in inquiry.at_stage("recalling"):
                inquiry.listings[upstream.kind].recall(known.get(upstream, ()))


def _read_by_git(
    asked: Sequence[Inquiry],
) -> Generator[Request | Recall, Response | Recalled, None]:
    """Ask git for those that are hidden from the token, and for those with many tags."""
    hidden = {one: inquiry for inquiry in asked if inquiry.by_git for one in inquiry.upstreams}
    if hidden:
        shown = yield from lookup_by_git(tuple(hidden))
        for upstream, inquiry in hidden.items():
            inquiry.from_git[upstream] = shown[upstream]
    deep = {one: inquiry for inquiry in asked for one in inquiry.at_stage("deep")}
    if deep:
        found = yield from lookup_by_git(tuple(deep))
        for upstream, inquiry in deep.items():
            inquiry.listings[upstream.kind].take_from_git(found[upstream])


def _keep_budget(waiting: deque[Inquiry], answer: Response | Recalled) -> None:
    """Postpone the rest when few of the hour's points are left."""
    data = answer.data if isinstance(answer, GraphQLResponse) else None
    budget = read_budget(data or {})
    if budget is None or budget.remaining * FLOOR >= budget.limit:
        return
    because = f"{budget.remaining} of GitHub's {budget.limit} points are left, for writes"
    _put_off(waiting, because, budget.reset)
    waiting.clear()


def _put_off(inquiries: Iterable[Inquiry], because: str, until: datetime | None) -> None:
    for inquiry in inquiries:
        inquiry.failure = Postponed(because, until)


def _abandon(asked: Sequence[Inquiry], answer: Response | Recalled) -> None:
    because = f"could not be read: {whole_failure(answer)}"
    if is_limited(answer):
        _put_off(asked, f"GitHub's points are used up: {whole_failure(answer)}", None)
        return
    for inquiry in asked:
        inquiry.fail(because)


def _step(answer: Response | Recalled, *, smallest: bool) -> _Step:
    if whole_failure(answer) is None:
        return "take"
    if isinstance(answer, Unreachable) and answer.closed:
        return "use git"
    if smallest and is_exceeded(answer):
        return "ask one"
    return "stop" if smallest or is_limited(answer) else "ask less"


def _take(
    asked: Sequence[Inquiry], questions: Sequence[Question], answer: Response | Recalled
) -> None:
    data, errors = (
        (answer.data or {}, errors_by_alias(answer.errors))
        if isinstance(answer, GraphQLResponse)
        else ({}, {})
    )
    over = is_exceeded(answer)
    for number, (inquiry, question) in enumerate(zip(asked, questions, strict=True)):
        alias = f"r{number}"
        part, error = data.get(alias), errors.get(alias)
        whole = read(question, part) if isinstance(part, dict) and error is None else None
        if whole is not None:
            inquiry.take(whole)
        elif over and (error is None or error.get("type") == "RESOURCE_LIMITS_EXCEEDED"):
            # GitHub stopped before it came to this one, or within it.
            _ask_smaller(inquiry, len(asked))
        elif error is not None:
            _take_error(inquiry, error)
        else:
            inquiry.fail("could not be read: the answer is incomplete")


def _ask_smaller(inquiry: Inquiry, asked: int) -> None:
    if asked <= SIZES[-1]:
        _ask_alone([inquiry])


def _take_error(inquiry: Inquiry, error: Mapping[str, Any]) -> None:
    # Only GitHub's own error about the repository itself, not about a part of it, means gone.
    if error.get("type") == "NOT_FOUND" and len(error["path"]) == 1:
        because = f"{inquiry.repository} does not exist or is not public"
        inquiry.failure = Reason(ReasonCode.UPSTREAM_MISSING, because)
    elif error.get("type") == "FORBIDDEN":
        # An organisation with an IP allow list shows what is public to the anonymous only.
        inquiry.by_git = True
    else:
        inquiry.fail(f"could not be read: {words(error)}")


def lookup_by_git(upstreams: Sequence[Upstream]) -> Lookup:
    """Ask git instead of GraphQL, which requires a token: each repository once.

    Tags replace releases here, so drafts never show, and a pre-release shows as any other
    tag.  A renamed repository is followed, as git follows it; git shows no ids.
    """
    findings: dict[Upstream, tuple[Release, ...] | Reason] = {}
    in_order = sorted(upstreams, key=lambda upstream: upstream.identifier)
    for identifier, group in groupby(in_order, key=lambda upstream: upstream.identifier):
        asked = tuple(group)
        prefixes = sorted({prefix_of(upstream) for upstream in asked})
        advertised = yield from advertise(f"https://github.com/{identifier}", prefixes)
        findings.update((yield from pick(advertised, asked)))
    return findings
