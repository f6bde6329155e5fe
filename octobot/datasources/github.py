"""GitHub's releases, tags and branches: up to a hundred repositories in one GraphQL query.

HTTP 200 may carry data and errors together.  An error under a repository's alias is that
repository's alone; a failure of the whole query is met with a smaller one, since GitHub gives a
query ten seconds.  Whatever was not told stays unknown: "no news" is never "all gone".

A query costs a hundredth of a point for each connection in it, so a hundred repositories cost one
point, or two where both their tags and their releases are asked.  A part of each hour's points is
left to the writes.  Source: docs.github.com, "Rate limits and query limits for the GraphQL API".
"""

import re
from collections import deque
from collections.abc import Generator, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any, Literal, assert_never

from octobot.datasources.git import pick, prefix_of
from octobot.datasources.git_refs import advertise
from octobot.datasources.github_query import Question, Told, query, read, read_budget
from octobot.datasources.github_reading import Inquiry
from octobot.model.ids import Repository
from octobot.model.lookup import (
    Glance,
    GraphQLResponse,
    Known,
    Lookup,
    News,
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
"""Looks stop when less than this share (a fifth) of the hour's points is left: it is for writes."""
_NAME = re.compile(r"[A-Za-z0-9_.-]{1,100}/[A-Za-z0-9_.-]{1,100}")
# Two smallest queries in a row that fail are GitHub's trouble, not a repository's.
_GIVE_UP = 2

_Conversation = Generator[Request | Recall, Response | Recalled, bool]


class GitHub:
    """The datasource `github`."""

    name = "github"
    summary = "releases, tags and branches of repositories on GitHub, by GraphQL"
    batch = 1000

    def lookup(self, upstreams: Sequence[Upstream]) -> Lookup:
        """Ask for all pages of all `upstreams`, each repository once."""
        glance = self.look_again({upstream: Known() for upstream in upstreams})
        answer: Response | Recalled | None = None
        try:
            while True:
                request = next(glance) if answer is None else glance.send(answer)
                answer = Recalled({}) if isinstance(request, Recall) else (yield request)
        except StopIteration as end:
            news: Mapping[Upstream, News] = end.value
        return {upstream: _found(one) for upstream, one in news.items()}

    def look_again(self, known: Mapping[Upstream, Known]) -> Glance:
        """Ask each repository once; read on only where something differs from the mark."""
        news: dict[Upstream, News] = {}
        inquiries: dict[str, Inquiry] = {}
        for upstream, before in known.items():
            identifier = upstream.identifier
            if _NAME.fullmatch(identifier):
                new = Inquiry(Repository.parse(identifier))
                inquiries.setdefault(identifier.casefold(), new).want(upstream, before)
            else:
                because = f"{identifier!r} is not of the form owner/name"
                news[upstream] = Reason(ReasonCode.BAD_UPDATE_BLOCK, because)
        answered = yield from _converse(tuple(inquiries.values()))
        if not answered:
            in_form = [upstream for upstream in known if upstream not in news]
            return news | {
                upstream: one if isinstance(one, Reason) else Shown(one, "")
                for upstream, one in (yield from look_by_git(in_form)).items()
            }
        for inquiry in inquiries.values():
            news.update(inquiry.news())
        return news


def _found(news: News) -> tuple[Release, ...] | Reason:
    match news:
        case Shown(releases=releases):
            return releases
        case Reason():
            return news
        case Postponed(because=because):
            return Reason(ReasonCode.UPSTREAM_UNREACHABLE, because)
        case Unchanged():
            return Reason(ReasonCode.INTERNAL_ERROR, "nothing was known that could be unchanged")
        case _:
            assert_never(news)


_Step = Literal["hear", "ask less", "stop", "go another way"]


def _converse(inquiries: Sequence[Inquiry]) -> _Conversation:
    """Ask until every inquiry is done; pages that follow share queries with other repositories.

    False: nobody answers GraphQL here, and nothing was learned.
    """
    waiting = deque(inquiries)
    size, failed = 0, 0
    while waiting:
        asked = [waiting.popleft() for _ in range(min(SIZES[size], len(waiting)))]
        questions = [inquiry.question() for inquiry in asked]
        answer = yield query(questions)
        step = _step(answer, smallest=size == len(SIZES) - 1)
        match step:
            case "hear":
                failed = 0
                _hear(asked, questions, answer)
                yield from _remember(asked)
                waiting.extend(inquiry for inquiry in asked if not inquiry.done)
                _spare(waiting, answer)
            case "ask less":
                size = _smaller(size, len(asked))
                waiting.extendleft(reversed(asked))
            case "stop":
                failed += 1
                if failed >= _GIVE_UP or _must_wait(answer):
                    asked += waiting
                    waiting.clear()
                _give_up(asked, answer)
            case "go another way":
                return False
            case _:
                assert_never(step)
    return True


def _remember(asked: Sequence[Inquiry]) -> Generator[Request | Recall, Response | Recalled, None]:
    """Have recalled what was shown of those that changed, and ask git for the deep ones."""
    wanted = tuple(one for inquiry in asked for one in inquiry.stands_at("recalling"))
    if wanted:
        recalled = yield Recall(wanted)
        known = recalled.releases if isinstance(recalled, Recalled) else {}
        for inquiry in asked:
            for upstream in inquiry.stands_at("recalling"):
                inquiry.listings[upstream.kind].recall(known.get(upstream, ()))
    deep = {one: inquiry for inquiry in asked for one in inquiry.stands_at("deep")}
    if deep:
        told = yield from look_by_git(tuple(deep))
        for upstream, inquiry in deep.items():
            inquiry.listings[upstream.kind].settle_deep(told[upstream])


def _spare(waiting: deque[Inquiry], answer: Response | Recalled) -> None:
    """Leave the rest for later when the hour's points come to an end."""
    told = answer.data if isinstance(answer, GraphQLResponse) else None
    budget = read_budget(told or {})
    if budget is None or budget.remaining * FLOOR >= budget.limit:
        return
    because = f"{budget.remaining} of GitHub's {budget.limit} points are left, for writes"
    _put_off(waiting, because, budget.reset)
    waiting.clear()


def _put_off(inquiries: Iterable[Inquiry], because: str, until: datetime | None) -> None:
    for inquiry in inquiries:
        inquiry.failure = Postponed(because, until)


def _give_up(asked: Sequence[Inquiry], answer: Response | Recalled) -> None:
    because = f"was not told of: {_whole_failure(answer)}"
    if _must_wait(answer):
        _put_off(asked, f"GitHub's points are used up: {_whole_failure(answer)}", None)
        return
    for inquiry in asked:
        inquiry.fail(because)


def _step(answer: Response | Recalled, *, smallest: bool) -> _Step:
    if _whole_failure(answer) is None:
        return "hear"
    if isinstance(answer, Unreachable) and answer.closed:
        return "go another way"
    return "stop" if smallest or _must_wait(answer) else "ask less"


def _smaller(size: int, asked: int) -> int:
    """Step down to a query that is smaller than the one that failed, if there is one."""
    later = range(size + 1, len(SIZES))
    return next((step for step in later if SIZES[step] < asked), len(SIZES) - 1)


def _hear(
    asked: Sequence[Inquiry], questions: Sequence[Question], answer: Response | Recalled
) -> None:
    data, errors = (
        (answer.data or {}, _errors_by_alias(answer.errors))
        if isinstance(answer, GraphQLResponse)
        else ({}, {})
    )
    for number, (inquiry, question) in enumerate(zip(asked, questions, strict=True)):
        alias = f"r{number}"
        told = data.get(alias)
        if (error := errors.get(alias)) is not None:
            _mishear(inquiry, error)
        elif (understood := _understood(question, told)) is None:
            inquiry.fail("was told of incompletely")
        else:
            inquiry.take(understood)


def _understood(question: Question, told: object) -> Told | None:
    return read(question, told) if isinstance(told, dict) else None


def _mishear(inquiry: Inquiry, error: Mapping[str, Any]) -> None:
    # Only GitHub's own word, on the repository itself and not on something in it, means gone.
    if error.get("type") == "NOT_FOUND" and len(error["path"]) == 1:
        because = f"{inquiry.repository} does not exist or is not public"
        inquiry.failure = Reason(ReasonCode.UPSTREAM_MISSING, because)
    else:
        inquiry.fail(f"was told of with an error: {_words(error)}")


def _errors_by_alias(errors: Iterable[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    found: dict[str, Mapping[str, Any]] = {}
    for error in errors:
        if path := error.get("path"):
            found.setdefault(str(path[0]), error)
    return found


def _whole_failure(answer: Response | Recalled) -> str | None:
    """Say why nothing of the answer can be used; None when it holds something."""
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


def _must_wait(answer: Response | Recalled) -> bool:
    # To go on asking while limited is what GitHub blocks an App for.
    errors = answer.errors if isinstance(answer, GraphQLResponse) else ()
    return any(error.get("type") == "RATE_LIMITED" for error in errors)


def _words(error: Mapping[str, Any]) -> str:
    return str(error.get("message") or error.get("type") or "no message")[:200]


def look_by_git(upstreams: Sequence[Upstream]) -> Lookup:
    """Ask git in place of GraphQL, which refuses strangers: each repository once.

    Tags stand in for releases here, so drafts never show, and a pre-release shows as any other
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
