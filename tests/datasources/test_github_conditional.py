"""The datasource `github` with a memory: what it asks when little or nothing changed."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from octobot.datasources.github import GitHub
from octobot.datasources.github_reading import DEEP, FIRST_PAGE
from octobot.model.ids import Sha
from octobot.model.lookup import (
    GraphQLRequest,
    GraphQLResponse,
    HttpRequest,
    HttpResponse,
    Known,
    LookupResult,
    Postponed,
    Recall,
    Recalled,
    Response,
    Shown,
    Unchanged,
    Unreachable,
)
from octobot.model.package import Upstream
from octobot.model.reasons import Reason
from octobot.model.release import Release

TAGS = Upstream("github", "o/r", "tags")
RELEASES = Upstream("github", "o/r", "releases")
_ASKED = re.compile(r"(tags: refs|releases)\(.*?first: (\d+)")


def commit(name: str) -> Sha:
    """Return the commit of a name."""
    return Sha(name.encode().hex().ljust(40, "0")[:40])


@dataclass
class Upstreams:
    """One repository on GitHub, newest name first, and what is remembered of it."""

    names: list[str]
    moved: dict[str, Sha] = field(default_factory=dict)
    remaining: int = 4000
    memory: Mapping[Upstream, tuple[Release, ...]] = field(default_factory=dict)
    git: Response = field(default_factory=lambda: Unreachable("git is away"))
    asked: list[str] = field(default_factory=list)
    """In a word each: `tags 10`, `recall`, `git`."""

    def look(
        self, marks: Mapping[Upstream, str] | None = None, *upstreams: Upstream
    ) -> Mapping[Upstream, LookupResult]:
        """Drive one look to its end."""
        self.asked.clear()
        known = {one: Known((marks or {}).get(one, "")) for one in upstreams or (TAGS,)}
        lookup = GitHub().lookup_if_changed(known)
        try:
            request = next(lookup)
            while True:
                match request:
                    case Recall(upstreams=wanted):
                        self.asked.append("recall")
                        found = {one: self.memory[one] for one in wanted if one in self.memory}
                        request = lookup.send(Recalled(found))
                    case GraphQLRequest():
                        request = lookup.send(self.graphql(request))
                    case HttpRequest():
                        self.asked.append("git")
                        request = lookup.send(self.git)
        except StopIteration as end:
            news: Mapping[Upstream, LookupResult] = end.value
            return news

    def graphql(self, request: GraphQLRequest) -> GraphQLResponse:
        """Answer for every alias, which is always the same repository's."""
        budget = {"cost": 1, "limit": 5000, "remaining": self.remaining}
        data: dict[str, object] = {
            "rateLimit": budget | {"resetAt": "2026-03-01T13:00:00Z"},
        }
        for line in request.query.splitlines():
            if found := re.match(r"r(\d+): repository", line):
                name = f"o/{request.variables[f'name{found[1]}']}"
                data[f"r{found[1]}"] = {"databaseId": 1, "nameWithOwner": name} | {
                    kind.split(":")[0]: self.page(kind.split(":")[0], int(size), request, found[1])
                    for kind, size in _ASKED.findall(line)
                }
        return GraphQLResponse(data)

    def page(self, kind: str, size: int, request: GraphQLRequest, alias: str) -> object:
        """Cut a page out of the names; a cursor is an index."""
        self.asked.append(f"{kind} {size}")
        start = int(request.variables[f"{kind}{alias}"] or 0)
        nodes = [self.node(kind, name) for name in self.names[start : start + size]]
        about = {"hasNextPage": start + size < len(self.names), "endCursor": str(start + size)}
        return {"totalCount": len(self.names), "pageInfo": about, "nodes": nodes}

    def node(self, kind: str, name: str) -> object:
        """Show one name."""
        oid = self.moved.get(name) or commit(name)
        if kind == "tags":
            return {"name": name, "target": {"__typename": "Commit", "oid": oid}}
        return {"tagName": name, "tagCommit": {"oid": oid}, "tag": {"target": {"oid": oid}}}

    def learn(self) -> str:
        """Look for the first time, remember all of it, and return the mark."""
        news = self.look()[TAGS]
        assert isinstance(news, Shown)
        self.memory = {TAGS: news.releases}
        return news.mark


def numbered(count: int) -> list[str]:
    """Return names, newest first."""
    return [f"v{number}" for number in range(count, 0, -1)]


def named(news: LookupResult) -> list[str]:
    """Return the names that were shown."""
    assert isinstance(news, Shown)
    return [release.name for release in news.releases]


def test_nothing_new_costs_one_short_page() -> None:
    """However many names there are: ten and the count of all are enough."""
    upstreams = Upstreams(numbered(450))
    mark = upstreams.learn()
    assert upstreams.asked == ["tags 100"] * 5
    assert upstreams.look({TAGS: mark}) == {TAGS: Unchanged()}
    assert upstreams.asked == [f"tags {FIRST_PAGE}"]


@pytest.mark.parametrize("new", [1, 9, 10])
def test_what_is_new_is_added_to_what_was_known(new: int) -> None:
    """Old and new names that add up to the count are all there is; no page is read for it."""
    upstreams = Upstreams(numbered(450))
    mark = upstreams.learn()
    upstreams.names = numbered(450 + new)
    found = upstreams.look({TAGS: mark})[TAGS]
    assert sorted(named(found)) == sorted(upstreams.names)
    assert isinstance(found, Shown)
    assert not found.whole
    assert upstreams.asked == [f"tags {FIRST_PAGE}", "recall"]
    assert upstreams.look({TAGS: found.mark}) == {TAGS: Unchanged()}


def test_many_new_names_are_paged_for_as_far_as_they_go() -> None:
    """After a hundred and five at once, the second page shows the last of them."""
    upstreams = Upstreams(numbered(300))
    mark = upstreams.learn()
    upstreams.names = numbered(405)
    assert len(named(upstreams.look({TAGS: mark})[TAGS])) == 405
    assert upstreams.asked == [f"tags {FIRST_PAGE}", "recall", "tags 100"]


@pytest.mark.parametrize("at", [0, 5, 250])
def test_a_name_that_is_gone_is_noticed_wherever_it_was(at: int) -> None:
    """The count differs, so nothing adds up, and the list is read to its end."""
    upstreams = Upstreams(numbered(300))
    mark = upstreams.learn()
    del upstreams.names[at]
    found = upstreams.look({TAGS: mark})[TAGS]
    assert named(found) == upstreams.names
    assert isinstance(found, Shown)
    assert found.whole


def test_a_new_tag_on_an_old_commit_is_found_far_down_the_list() -> None:
    """GitHub lists tags by their commits' dates: a release of an old stream is not at the top."""
    upstreams = Upstreams(numbered(300))
    mark = upstreams.learn()
    upstreams.names.insert(280, "v1.0.1")
    assert "v1.0.1" in named(upstreams.look({TAGS: mark})[TAGS])


def test_a_tag_that_moved_at_the_top_is_shown() -> None:
    """The same name at another commit is news."""
    upstreams = Upstreams(numbered(300))
    mark = upstreams.learn()
    upstreams.moved["v299"] = commit("other")
    found = upstreams.look({TAGS: mark})[TAGS]
    assert isinstance(found, Shown)
    assert next(one for one in found.releases if one.name == "v299").commit == commit("other")
    assert upstreams.asked == [f"tags {FIRST_PAGE}", "recall"]


def test_a_lost_memory_is_read_again() -> None:
    """A mark without the releases behind it is worth nothing."""
    upstreams = Upstreams(numbered(300))
    mark = upstreams.learn()
    upstreams.memory, upstreams.names = {}, numbered(301)
    assert named(upstreams.look({TAGS: mark})[TAGS]) == upstreams.names


def test_tags_and_releases_of_one_repository_are_one_query() -> None:
    """Each with its own mark; what changed in one does not read the other again."""
    upstreams = Upstreams(numbered(50))
    first = upstreams.look({}, TAGS, RELEASES)
    marks = {one: news.mark for one, news in first.items() if isinstance(news, Shown)}
    assert set(upstreams.look(marks, TAGS, RELEASES).values()) == {Unchanged()}
    assert upstreams.asked == [f"tags {FIRST_PAGE}", f"releases {FIRST_PAGE}"]


def test_a_very_long_list_of_tags_is_read_by_git() -> None:
    """One request instead of a page for each hundred; GitHub's pages when git does not answer."""
    upstreams = Upstreams(numbered(DEEP + 1))
    refs = [f"{commit(name)} refs/tags/{name}\n".encode() for name in upstreams.names]
    body = b"".join(b"%04x%b" % (len(line) + 4, line) for line in refs) + b"0000"
    kind = "application/x-git-upload-pack-result"
    url = "https://github.com/o/r/git-upload-pack"
    upstreams.git = HttpResponse(200, {"content-type": kind}, body, url)
    mark = upstreams.learn()
    assert upstreams.asked == ["tags 100", "git"]
    assert len(upstreams.memory[TAGS]) == DEEP + 1
    assert upstreams.look({TAGS: mark}) == {TAGS: Unchanged()}
    upstreams.git = Unreachable("down")
    assert len(named(upstreams.look()[TAGS])) == DEEP + 1
    assert upstreams.asked.count("tags 100") == 6


def test_the_last_fifth_of_the_budget_is_left_to_the_writes() -> None:
    """What was asked is reported; the rest waits for the hour's end, and nothing is concluded."""
    upstreams = Upstreams(["v1"], remaining=999)
    many = [Upstream("github", f"o/r{number}", "tags") for number in range(150)]
    news = upstreams.look({}, *many)
    until = datetime(2026, 3, 1, 13, tzinfo=UTC)
    told: Sequence[LookupResult] = [news[one] for one in many]
    assert all(isinstance(one, Shown) for one in told[:100])
    assert all(isinstance(one, Postponed) and one.until == until for one in told[100:])
    assert not any(isinstance(one, Reason) for one in told)
