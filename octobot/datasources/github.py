"""GitHub's releases, tags and branches: up to a hundred repositories in one GraphQL query.

HTTP 200 may carry data and errors together.  An error under a repository's alias is that
repository's alone; a failure of the whole query is met with a smaller one, since GitHub gives a
query ten seconds.  Whatever was not told stays unknown: "no news" is never "all gone".
"""

import re
from collections import deque
from collections.abc import Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, assert_never

from octobot.datasources.github_by_git import look_by_git
from octobot.datasources.github_query import DEFAULT_BRANCH, Question, Told, query, read
from octobot.model.ids import Repository
from octobot.model.lookup import GraphQLResponse, Lookup, Request, Response, Unreachable
from octobot.model.package import Upstream
from octobot.model.reasons import Reason, ReasonCode
from octobot.model.release import Release

SIZES = (100, 50, 25, 10)
"""Repositories a query: the next smaller one after each failure of a whole query."""
MOST_PAGES = 100
"""Pages of a hundred names; a repository with more is not read to its end, and says so."""
_NAME = re.compile(r"[A-Za-z0-9_.-]{1,100}/[A-Za-z0-9_.-]{1,100}")
# Two smallest queries in a row that fail are GitHub's trouble, not a repository's.
_GIVE_UP = 2


class GitHub:
    """The datasource `github`."""

    name = "github"
    summary = "releases, tags and branches of repositories on GitHub, by GraphQL"
    batch = 500

    def lookup(self, upstreams: Sequence[Upstream]) -> Lookup:
        """Ask for all pages of all `upstreams`, each repository once."""
        findings: dict[Upstream, tuple[Release, ...] | Reason] = {}
        inquiries: dict[str, _Inquiry] = {}
        for upstream in upstreams:
            identifier = upstream.identifier
            if _NAME.fullmatch(identifier):
                new = _Inquiry(Repository.parse(identifier))
                inquiries.setdefault(identifier.casefold(), new).want(upstream)
            else:
                because = f"{identifier!r} is not of the form owner/name"
                findings[upstream] = Reason(ReasonCode.BAD_UPDATE_BLOCK, because)
        answered = yield from _converse(tuple(inquiries.values()))
        if not answered:
            in_form = [upstream for upstream in upstreams if upstream not in findings]
            return findings | dict((yield from look_by_git(in_form)))
        for inquiry in inquiries.values():
            findings.update(inquiry.findings())
        return findings


@dataclass(slots=True)
class _Inquiry:
    """The conversation about one repository, as far as it got."""

    repository: Repository
    upstreams: list[Upstream] = field(default_factory=list)
    cursors: dict[str, str | None] = field(default_factory=dict)
    """What is left to ask."""
    branches: list[str] = field(default_factory=list)
    found: dict[str, dict[str, Release]] = field(default_factory=dict)
    heads: dict[str, Release | None] = field(default_factory=dict)
    id: int | None = None
    pages: int = 0
    failure: Reason | None = None

    def want(self, upstream: Upstream) -> None:
        self.upstreams.append(upstream)
        if upstream.kind == "branch":
            branch = upstream.branch or DEFAULT_BRANCH
            self.branches += [branch] if branch not in self.branches else []
        else:
            self.cursors[upstream.kind] = None

    @property
    def done(self) -> bool:
        return self.failure is not None or not (self.cursors or self.branches)

    def question(self) -> Question:
        return Question(self.repository, dict(self.cursors), tuple(self.branches))

    def take(self, told: Told) -> None:
        """Keep a page; fail when it shows another repository than the one asked for."""
        if told.name.casefold() != str(self.repository).casefold():
            because = f"{self.repository} was renamed to {told.name}: the spec must say which"
            self.failure = Reason(ReasonCode.UPSTREAM_MISSING, because)
        elif self.id not in {None, told.id}:
            self.fail("became another repository while it was read")
        else:
            self._keep(told)

    def _keep(self, told: Told) -> None:
        self.id, self.pages = told.id, self.pages + 1
        self.heads |= told.heads
        self.branches.clear()
        for connection, page in told.pages.items():
            names = self.found.setdefault(connection, {})
            names.update((release.name, release) for release in page.releases)
            if page.next is None:
                del self.cursors[connection]
            else:
                self.cursors[connection] = page.next
        if self.cursors and self.pages >= MOST_PAGES:
            self.fail(f"has more than {MOST_PAGES} pages of {' and '.join(self.cursors)}")

    def fail(self, because: str) -> None:
        self.failure = Reason(ReasonCode.UPSTREAM_UNREACHABLE, f"{self.repository} {because}")

    def findings(self) -> Iterable[tuple[Upstream, tuple[Release, ...] | Reason]]:
        for upstream in self.upstreams:
            yield upstream, self.failure or self._finding(upstream)

    def _finding(self, upstream: Upstream) -> tuple[Release, ...] | Reason:
        if upstream.kind != "branch":
            return tuple(self.found[upstream.kind].values())
        head = self.heads[upstream.branch or DEFAULT_BRANCH]
        if head is None:
            because = f"{self.repository} has no branch {upstream.branch or '(it is empty)'}"
            return Reason(ReasonCode.UPSTREAM_MISSING, because)
        return (head,)


_Step = Literal["hear", "ask less", "stop", "go another way"]


def _converse(inquiries: Sequence[_Inquiry]) -> Generator[Request, Response, bool]:
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
                waiting.extend(inquiry for inquiry in asked if not inquiry.done)
            case "ask less":
                size = _smaller(size, len(asked))
                waiting.extendleft(reversed(asked))
            case "stop":
                failed += 1
                if failed >= _GIVE_UP or _must_wait(answer):
                    asked += waiting
                    waiting.clear()
                for inquiry in asked:
                    inquiry.fail(f"was not told of: {_whole_failure(answer)}")
            case "go another way":
                return False
            case _:
                assert_never(step)
    return True


def _step(answer: Response, *, smallest: bool) -> _Step:
    if _whole_failure(answer) is None:
        return "hear"
    if isinstance(answer, Unreachable) and answer.closed:
        return "go another way"
    return "stop" if smallest or _must_wait(answer) else "ask less"


def _smaller(size: int, asked: int) -> int:
    """Step down to a query that is smaller than the one that failed, if there is one."""
    later = range(size + 1, len(SIZES))
    return next((step for step in later if SIZES[step] < asked), len(SIZES) - 1)


def _hear(asked: Sequence[_Inquiry], questions: Sequence[Question], answer: Response) -> None:
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
        elif (understood := read(question, told) if isinstance(told, dict) else None) is None:
            inquiry.fail("was told of incompletely")
        else:
            inquiry.take(understood)


def _mishear(inquiry: _Inquiry, error: Mapping[str, Any]) -> None:
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


def _whole_failure(answer: Response) -> str | None:
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


def _must_wait(answer: Response) -> bool:
    # To go on asking while limited is what GitHub blocks an App for.
    errors = answer.errors if isinstance(answer, GraphQLResponse) else ()
    return any(error.get("type") == "RATE_LIMITED" for error in errors)


def _words(error: Mapping[str, Any]) -> str:
    return str(error.get("message") or error.get("type") or "no message")[:200]
