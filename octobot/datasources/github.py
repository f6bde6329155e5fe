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

SIZES = (100, 50, 25, 10)
"""Repositories a query: the next smaller one after each failure of a whole query."""
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
        answered = yield from _drive(tuple(inquiries.values()))
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


_Step = Literal["take", "ask less", "stop", "use git"]


def _drive(inquiries: Sequence[Inquiry]) -> _Conversation:
    """Ask until every inquiry is done; next pages share queries with other repositories.

    False: GraphQL cannot be used here, and nothing was read.
    """
    waiting = deque(inquiries)
    size, failed = 0, 0
    while waiting:
        asked = [waiting.popleft() for _ in range(min(SIZES[size], len(waiting)))]
        questions = [inquiry.question() for inquiry in asked]
        answer = yield query(questions)
        step = _step(answer, smallest=size == len(SIZES) - 1)
        match step:
            case "take":
                failed = 0
                _take(asked, questions, answer)
                yield from _remember(asked)
                waiting.extend(inquiry for inquiry in asked if not inquiry.done)
                _keep_budget(waiting, answer)
            case "ask less":
                size = _smaller(size, len(asked))
                waiting.extendleft(reversed(asked))
            case "stop":
                failed += 1
                if failed >= _GIVE_UP or _is_limited(answer):
                    asked += waiting
                    waiting.clear()
                _abandon(asked, answer)
            case "use git":
                return False
            case _:
                assert_never(step)
    return True


def _remember(asked: Sequence[Inquiry]) -> Generator[Request | Recall, Response | Recalled, None]:
    """Recall the former releases of those that changed, and ask git for those with many tags."""
    wanted = tuple(one for inquiry in asked for one in inquiry.at_stage("recalling"))
    if wanted:
        recalled = yield Recall(wanted)
        known = recalled.releases if isinstance(recalled, Recalled) else {}
        for inquiry in asked:
            for upstream in inquiry.at_stage("recalling"):
                inquiry.listings[upstream.kind].recall(known.get(upstream, ()))
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
    because = f"could not be read: {_whole_failure(answer)}"
    if _is_limited(answer):
        _put_off(asked, f"GitHub's points are used up: {_whole_failure(answer)}", None)
        return
    for inquiry in asked:
        inquiry.fail(because)


def _step(answer: Response | Recalled, *, smallest: bool) -> _Step:
    if _whole_failure(answer) is None:
        return "take"
    if isinstance(answer, Unreachable) and answer.closed:
        return "use git"
    return "stop" if smallest or _is_limited(answer) else "ask less"


def _smaller(size: int, asked: int) -> int:
    """Step down to a query that is smaller than the one that failed, if there is one."""
    later = range(size + 1, len(SIZES))
    return next((step for step in later if SIZES[step] < asked), len(SIZES) - 1)


def _take(
    asked: Sequence[Inquiry], questions: Sequence[Question], answer: Response | Recalled
) -> None:
    data, errors = (
        (answer.data or {}, _errors_by_alias(answer.errors))
        if isinstance(answer, GraphQLResponse)
        else ({}, {})
    )
    for number, (inquiry, question) in enumerate(zip(asked, questions, strict=True)):
        alias = f"r{number}"
        part = data.get(alias)
        if (error := errors.get(alias)) is not None:
            _take_error(inquiry, error)
        elif not isinstance(part, dict) or (read_part := read(question, part)) is None:
            inquiry.fail("could not be read: the answer is incomplete")
        else:
            inquiry.take(read_part)


def _take_error(inquiry: Inquiry, error: Mapping[str, Any]) -> None:
    # Only GitHub's own error about the repository itself, not about a part of it, means gone.
    if error.get("type") == "NOT_FOUND" and len(error["path"]) == 1:
        because = f"{inquiry.repository} does not exist or is not public"
        inquiry.failure = Reason(ReasonCode.UPSTREAM_MISSING, because)
    else:
        inquiry.fail(f"could not be read: {_words(error)}")


def _errors_by_alias(errors: Iterable[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    found: dict[str, Mapping[str, Any]] = {}
    for error in errors:
        if path := error.get("path"):
            found.setdefault(str(path[0]), error)
    return found


def _whole_failure(answer: Response | Recalled) -> str | None:
    """Return why nothing of the answer can be used; None when it has data."""
    match answer:
        case Unreachable(because=because):
            return because
        case GraphQLResponse(data=data, errors=errors):
            pathless = [error for error in errors if not error.get("path")]
            if pathless or not data:
                return "; ".join(map(_words, pathless or errors)) or "GitHub gave no data"
            return None
        case _:
            return "the answer is not GraphQL's"


def _is_limited(answer: Response | Recalled) -> bool:
    # GitHub blocks an App that sends more requests while it is limited.
    errors = answer.errors if isinstance(answer, GraphQLResponse) else ()
    return any(error.get("type") == "RATE_LIMITED" for error in errors)


def _words(error: Mapping[str, Any]) -> str:
    return str(error.get("message") or error.get("type") or "no message")[:200]


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
