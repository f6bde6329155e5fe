"""What is being learned of one repository on GitHub, page by page, and when that is enough.

A look that remembers reads ten names and the count of all.  Are they those of the mark, nothing
changed.  Are some new, they and what was shown before must add up to the count: then the new ones
are all there is.  When they do not add up (something is gone, or was added far down the list),
the list is read to its end.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from octobot.datasources.github_query import DEFAULT_BRANCH, PAGE, Page, Question, Told
from octobot.model.ids import Repository
from octobot.model.lookup import Known, News, Postponed, Shown, Unchanged
from octobot.model.package import Upstream
from octobot.model.reasons import Reason, ReasonCode
from octobot.model.release import Release

GLANCE = 10
"""Names that a mark is made of; GitHub counts a page of ten as one of a hundred, but is quicker."""
MOST_PAGES = 100
"""Pages of a hundred names; a repository with more is not read to its end, and says so."""
DEEP = 500
"""Tags from which on git tells all of them at once, for one request instead of many pages."""

Stage = Literal["asking", "recalling", "unchanged", "deep", "whole", "merged"]


@dataclass(slots=True)
class Listing:
    """The tags or the releases of one repository, as far as they were read."""

    kind: Literal["tags", "releases"]
    known: Known
    cursor: str | None = None
    found: dict[str, Release] = field(default_factory=dict)
    before: Mapping[str, Release] = field(default_factory=dict)
    """What was recalled of the last look."""
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
        return GLANCE if self.known.mark and not self.pages else PAGE

    def take(self, page: Page) -> None:
        """Keep a page, and find out whether it is the last that is needed."""
        if not self.pages:
            self.mark, self.total = mark_of(page.releases[:GLANCE], page.total), page.total
        elif page.total != self.total:
            self.mark = ""  # the list changed under our eyes
        self.pages += 1
        self.cursor = page.next
        self.found.update((release.name, release) for release in page.releases)
        self.stage = self._next_stage()

    def recall(self, releases: Sequence[Release]) -> None:
        """Take what was shown at the last look; go on reading where it does not add up."""
        if not releases:
            self.known = Known()  # the memory was lost: read as if it never was
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

    def settle_deep(self, releases: Sequence[Release] | Reason) -> None:
        """Take all tags from git; without its answer the pages are read after all."""
        if isinstance(releases, Reason):
            self.git_is_silent = True
            self.stage = "asking"
        else:
            self.found = {release.name: release for release in releases}
            self.stage = "whole"

    def news(self) -> News:
        """Give what the reading came to."""
        if self.stage == "unchanged" or (self.mark and self.mark == self.known.mark):
            return Unchanged()
        names = {**self.before, **self.found} if self.stage == "merged" else self.found
        tags = (replace(tag, unreleased=True) for tag in self.beside.values())
        without = (tag for tag in tags if tag.name not in names)
        return Shown((*names.values(), *without), self.mark, whole=self.stage == "whole")


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
    """The conversation about one repository, as far as it got."""

    repository: Repository
    upstreams: dict[Upstream, Known] = field(default_factory=dict)
    listings: dict[str, Listing] = field(default_factory=dict)
    branches: list[str] = field(default_factory=list)
    """Those whose head is still to be asked."""
    heads: dict[str, Release | None] = field(default_factory=dict)
    id: int | None = None
    failure: Reason | Postponed | None = None

    def want(self, upstream: Upstream, known: Known) -> None:
        """Ask for what this upstream is about, too."""
        self.upstreams[upstream] = known
        if upstream.kind == "branch":
            branch = upstream.branch or DEFAULT_BRANCH
            self.branches += [branch] if branch not in self.branches else []
            return
        listing = self.listings.setdefault(upstream.kind, Listing(upstream.kind, known))
        if listing.known.mark != known.mark:  # two spellings of one repository, looked at apart
            listing.known = Known()

    @property
    def asking(self) -> Sequence[Listing]:
        """Give the listings of which a page is to be asked."""
        return [one for one in self.listings.values() if one.stage == "asking"]

    @property
    def done(self) -> bool:
        """Tell whether nothing is left to ask."""
        return self.failure is not None or not (self.asking or self.branches)

    def stands_at(self, stage: Stage) -> Sequence[Upstream]:
        """Give the upstreams whose listing stands at this stage."""
        if self.failure is not None:
            return ()
        at = {kind for kind, listing in self.listings.items() if listing.stage == stage}
        return [upstream for upstream in self.upstreams if upstream.kind in at]

    def question(self) -> Question:
        """Write down what to ask next."""
        cursors: dict[str, str | None] = {one.kind: one.cursor for one in self.asking}
        sizes: dict[str, int] = {one.kind: one.size for one in self.asking}
        beside = any(one.wants_tags for one in self.asking)
        return Question(self.repository, cursors, tuple(self.branches), sizes, beside)

    def take(self, told: Told) -> None:
        """Keep a page; fail when the next one shows another repository.

        A repository that was renamed or transferred has another name here and its old id: GitHub
        redirects to it, as git is redirected.  Whoever takes the old name has another id.
        """
        if self.id not in {None, told.id}:
            self.fail("became another repository while it was read")
        else:
            self._keep(told)

    def _keep(self, told: Told) -> None:
        self.id = told.id
        self.heads |= told.heads
        self.branches.clear()
        for kind, page in told.pages.items():
            if self.listings[kind].wants_tags:
                self.listings[kind].beside = {tag.name: tag for tag in told.beside}
            self.listings[kind].take(page)
        for listing in self.asking:
            if listing.pages >= MOST_PAGES:
                self.fail(f"has more than {MOST_PAGES} pages of {listing.kind}")

    def fail(self, because: str) -> None:
        """Give up this repository, concluding nothing."""
        self.failure = Reason(ReasonCode.UPSTREAM_UNREACHABLE, f"{self.repository} {because}")

    def news(self) -> Iterable[tuple[Upstream, News]]:
        """Give what was learned for each upstream."""
        for upstream, known in self.upstreams.items():
            if self.failure is not None:
                yield upstream, self.failure
            else:
                yield upstream, self._identified(self._news(upstream, known))

    def _news(self, upstream: Upstream, known: Known) -> News:
        if upstream.kind == "branch":
            return self._head(upstream, known)
        return self.listings[upstream.kind].news()

    def _identified(self, news: News) -> News:
        """Say which repository shows this: a name can be taken over, its number cannot."""
        return replace(news, identity=self.id) if isinstance(news, Shown) else news

    def _head(self, upstream: Upstream, known: Known) -> News:
        head = self.heads[upstream.branch or DEFAULT_BRANCH]
        if head is None:
            because = f"{self.repository} has no branch {upstream.branch or '(it is empty)'}"
            return Reason(ReasonCode.UPSTREAM_MISSING, because)
        mark = mark_of([head], 1)
        return Unchanged() if mark == known.mark else Shown((head,), mark)
