"""Read one repository on GitHub page by page, and decide when that is enough.

A conditional lookup reads ten names and the count of all.  If they match the mark, nothing changed.
If some are new, they and the former names must add up to the count: then the list is complete.  If
they do not add up (something is gone, or was added further down the list), the list is read to its
end.
"""

import hashlib
from collections.abc import Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from octobot.datasources.github_query import DEFAULT_BRANCH, PAGE, Answer, Page, Question
from octobot.datasources.reading import read_json
from octobot.model.ids import Repository
from octobot.model.lookup import (
    HttpRequest,
    HttpResponse,
    Known,
    LookupResult,
    Postponed,
    Request,
    Response,
    Shown,
    Unchanged,
)
from octobot.model.package import Upstream
from octobot.model.reasons import Reason, ReasonCode
from octobot.model.release import Release

FIRST_PAGE = 10
"""Names that a mark covers; a page of ten costs as much as one of a hundred, but is faster."""
MOST_PAGES = 100
"""Pages of a hundred names; a repository with more is not read to its end, and says so."""
DEEP = 500
"""With more tags than this, one request to git replaces many pages."""

Stage = Literal["asking", "recalling", "unchanged", "deep", "whole", "merged"]


@dataclass(slots=True)
class Listing:
    """The tags or the releases of one repository, as far as they were read."""

    kind: Literal["tags", "releases"]
    known: Known
    cursor: str | None = None
    found: dict[str, Release] = field(default_factory=dict)
    before: Mapping[str, Release] = field(default_factory=dict)
    """The recalled releases of the last lookup."""
    total: int = 0
    pages: int = 0
    mark: str = ""
    stage: Stage = "asking"
    git_is_silent: bool = False
    beside: Mapping[str, Release] = field(default_factory=dict)
    """Of a repository whose releases are followed: its newest tags, as far as they were read."""

    @property
    def wants_tags(self) -> bool:
        """Whether to ask for the newest tags, too: once in a reading from end to end."""
        return self.kind == "releases" and not self.known.mark and not self.pages

    @property
    def size(self) -> int:
        """How many names to ask for next."""
        return FIRST_PAGE if self.known.mark and not self.pages else PAGE

    def take(self, page: Page) -> None:
        """Store a page, and decide whether more are needed."""
        if not self.pages:
            self.mark, self.total = mark_of(page.releases[:FIRST_PAGE], page.total), page.total
        elif page.total != self.total:
            self.mark = ""  # the list changed while it was read
        self.pages += 1
        self.cursor = page.next
        self.found.update((release.name, release) for release in page.releases)
        self.stage = self._next_stage()

    def recall(self, releases: Sequence[Release]) -> None:
        """Take the releases of the last lookup; read more pages where they do not add up."""
        if not releases:
            self.known = Known()  # the stored releases are lost: read everything
        self.before = {one.name: one for one in releases if not one.unreleased}
        self.beside = {one.name: one for one in releases if one.unreleased}
        self.stage = "asking"
        self.stage = self._next_stage()

    def _next_stage(self) -> Stage:
        if self.cursor is None:
            return "whole"
        if not self.known.mark:
            return self._further()
        if self.pages == 1 and self.stage == "asking" and not self.before:
            return "unchanged" if self.mark == self.known.mark else "recalling"
        adds_up = len(self.before.keys() | self.found.keys()) == self.total
        return "merged" if self.before and adds_up else self._further()

    def _further(self) -> Stage:
        by_git = self.kind == "tags" and self.total > DEEP and not self.git_is_silent
        return "deep" if by_git else "asking"

    def take_from_git(self, releases: Sequence[Release] | Reason) -> None:
        """Take all tags from git; without an answer the pages are read after all."""
        if isinstance(releases, Reason):
            self.git_is_silent = True
            self.stage = "asking"
        else:
            self.found = {release.name: release for release in releases}
            self.stage = "whole"

    def result(self) -> LookupResult:
        """Return the result of reading this list."""
        if self.stage == "unchanged" or (self.mark and self.mark == self.known.mark):
            return Unchanged()
        names = {**self.before, **self.found} if self.stage == "merged" else self.found
        tags = (replace(tag, unreleased=True) for tag in self.beside.values())
        without = (tag for tag in tags if tag.name not in names)
        return Shown((*names.values(), *without), self.mark, whole=self.stage == "whole")


def number_of(name: str) -> Generator[Request, Response, int | None]:
    """Ask anonymously for the number of `owner/name`, which a token is not shown; None: unknown.

    Source: docs.github.com, REST "Get a repository"; "Managing allowed IP addresses for your
    organization": an allow list does not restrict public resources for the anonymous.
    """
    headers = {"Accept": "application/vnd.github+json"}
    answer = yield HttpRequest(f"https://api.github.com/repos/{name}", headers=headers)
    found = read_json(answer.body) if isinstance(answer, HttpResponse) else None
    number = found.get("id") if isinstance(found, dict) else None
    return number if isinstance(number, int) and not isinstance(number, bool) else None


def mark_of(releases: Iterable[Release], total: int) -> str:
    """Digest some releases, in any order, and the count of all."""
    lines = sorted(
        f"{one.name}\0{one.commit}\0{one.tag_object}\0{one.prerelease}\0{one.draft}\0{one.committed}"
        for one in releases
    )
    digest = hashlib.sha256("\n".join(lines).encode("utf-8", "surrogatepass"))
    return f"{total}:{digest.hexdigest()[:32]}"


@dataclass(slots=True)
class Inquiry:
    """The state of the requests about one repository."""

    repository: Repository
    upstreams: dict[Upstream, Known] = field(default_factory=dict)
    listings: dict[str, Listing] = field(default_factory=dict)
    branches: list[str] = field(default_factory=list)
    """Those whose head is not read yet."""
    heads: dict[str, Release | None] = field(default_factory=dict)
    id: int | None = None
    failure: Reason | Postponed | None = None
    alone: bool = False
    """To be asked in a query of its own: GitHub has no resources for more."""
    by_git: bool = False
    """GraphQL does not show it; git does, to everybody."""
    from_git: dict[Upstream, tuple[Release, ...] | Reason] = field(default_factory=dict)

    def want(self, upstream: Upstream, known: Known) -> None:
        """Add an upstream of this repository."""
        self.upstreams[upstream] = known
        if upstream.kind == "branch":
            branch = upstream.branch or DEFAULT_BRANCH
            self.branches += [branch] if branch not in self.branches else []
            return
        listing = self.listings.setdefault(upstream.kind, Listing(upstream.kind, known))
        if listing.known.mark != known.mark:  # two spellings of one repository
            listing.known = Known()

    @property
    def asking(self) -> Sequence[Listing]:
        """Return the listings that need another page."""
        return [one for one in self.listings.values() if one.stage == "asking"]

    @property
    def done(self) -> bool:
        """Return whether nothing is left to ask."""
        return self.failure is not None or self.by_git or not (self.asking or self.branches)

    def at_stage(self, stage: Stage) -> Sequence[Upstream]:
        """Return the upstreams whose listing is at this stage."""
        if self.failure is not None or self.by_git:
            return ()
        at = {kind for kind, listing in self.listings.items() if listing.stage == stage}
        return [upstream for upstream in self.upstreams if upstream.kind in at]

    def question(self) -> Question:
        """Return what to ask next."""
        cursors: dict[str, str | None] = {one.kind: one.cursor for one in self.asking}
        sizes: dict[str, int] = {one.kind: one.size for one in self.asking}
        beside = any(one.wants_tags for one in self.asking)
        return Question(self.repository, cursors, tuple(self.branches), sizes, beside)

    def take(self, answer: Answer) -> None:
        """Keep a page; fail when the next one shows another repository.

        A repository that was renamed or transferred has another name here and its old id: GitHub
        redirects to it, as git is redirected.  Whoever takes the old name has another id.
        """
        if self.id not in {None, answer.id}:
            self.fail("became another repository while it was read")
        else:
            self._keep(answer)

    def _keep(self, answer: Answer) -> None:
        self.id = answer.id
        self.heads |= answer.heads
        self.branches.clear()
        for kind, page in answer.pages.items():
            if self.listings[kind].wants_tags:
                self.listings[kind].beside = {tag.name: tag for tag in answer.beside}
            self.listings[kind].take(page)
        for listing in self.asking:
            if listing.pages >= MOST_PAGES:
                self.fail(f"has more than {MOST_PAGES} pages of {listing.kind}")

    def fail(self, because: str) -> None:
        """Record that this repository could not be read."""
        self.failure = Reason(ReasonCode.UPSTREAM_UNREACHABLE, f"{self.repository} {because}")

    def results(self) -> Iterable[tuple[Upstream, LookupResult]]:
        """Yield the result of each upstream."""
        for upstream, known in self.upstreams.items():
            if self.failure is not None:
                yield upstream, self.failure
            elif self.by_git:
                shown = self.from_git[upstream]
                yield upstream, shown if isinstance(shown, Reason) else Shown(shown, "")
            else:
                yield upstream, self._identified(self._result(upstream, known))

    def _result(self, upstream: Upstream, known: Known) -> LookupResult:
        if upstream.kind == "branch":
            return self._head(upstream, known)
        return self.listings[upstream.kind].result()

    def _identified(self, result: LookupResult) -> LookupResult:
        """Add the repository's number: a name can be taken over, its number cannot."""
        return replace(result, identity=self.id) if isinstance(result, Shown) else result

    def _head(self, upstream: Upstream, known: Known) -> LookupResult:
        head = self.heads[upstream.branch or DEFAULT_BRANCH]
        if head is None:
            because = f"{self.repository} has no branch {upstream.branch or '(it is empty)'}"
            return Reason(ReasonCode.UPSTREAM_MISSING, because)
        mark = mark_of([head], 1)
        return Unchanged() if mark == known.mark else Shown((head,), mark)
