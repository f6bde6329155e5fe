"""The datasource `git` with a memory, against git itself."""

from typing import TYPE_CHECKING

from octobot.datasources.git import Git
from octobot.model.lookup import (
    HttpRequest,
    HttpResponse,
    Known,
    LookupResult,
    Response,
    Shown,
    Unchanged,
)
from octobot.model.package import Upstream
from octobot.model.reasons import Reason

if TYPE_CHECKING:
    from tests.datasources.conftest import GitRepository, Server

URL = "https://git.example.org/widget.git"
TAGS = Upstream("git", URL, "tags")
HEAD = Upstream("git", URL, "branch")


def look(
    server: "Server", known: dict[Upstream, Known]
) -> tuple[dict[Upstream, LookupResult], list[str]]:
    """Drive one lookup; return the results and the requests' methods."""
    lookup, asked = Git().lookup_if_changed(known), list[str]()
    try:
        request = next(lookup)
        while True:
            assert isinstance(request, HttpRequest)
            asked.append(request.method)
            request = lookup.send(server(request))
    except StopIteration as end:
        return dict(end.value), asked


def shown(news: LookupResult) -> Shown:
    """Take news for a list of names."""
    assert isinstance(news, Shown)
    return news


def test_the_same_answer_is_not_read_again(repository: "GitRepository") -> None:
    """One request; for a branch not even its commit is fetched again."""
    server = repository.server()
    first, asked = look(server, {TAGS: Known(), HEAD: Known()})
    assert len(asked) > 1  # ls-refs, and the branch's commit for its date
    known = {one: Known(shown(news).mark) for one, news in first.items()}
    again, asked = look(server, known)
    assert set(again.values()) == {Unchanged()}
    assert asked == ["POST"]
    repository.commit("three")
    moved, asked = look(server, known)
    assert len(asked) > 1
    assert shown(moved[HEAD]).releases[0].commit == repository.run("rev-parse", "HEAD")


def test_only_the_names_of_interest_are_asked_for(repository: "GitRepository") -> None:
    """With the packages' prefixes; a wider one contains a narrower one."""
    server = repository.server()
    for prefixes, names in (
        (("v2",), {"v2.0"}),
        (("v2", "n"), {"v2.0", "nested"}),
        (("v2", "v"), {"v1.0", "v2.0"}),
        (("v2", ""), {"v1.0", "v2.0", "nested"}),
    ):
        news, _ = look(server, {TAGS: Known("", prefixes)})
        assert {release.name for release in shown(news[TAGS]).releases} == names


def test_a_host_that_wants_an_introduction_gets_it_first_from_then_on(
    repository: "GitRepository",
) -> None:
    """The question that it refuses is asked once, not at every look."""
    server = repository.server(post_first=False)
    first, asked = look(server, {TAGS: Known()})
    assert asked == ["POST", "GET", "POST"]
    again, asked = look(server, {TAGS: Known(shown(first[TAGS]).mark)})
    assert again == {TAGS: Unchanged()}
    assert asked == ["GET", "POST"]


def test_an_old_server_is_recognised_by_its_whole_list(repository: "GitRepository") -> None:
    """Where `info/refs` lists everything, its bytes are the mark."""
    server = repository.server(protocol="version=0")
    first, _ = look(server, {TAGS: Known()})
    assert len(shown(first[TAGS]).releases) == 3
    again, asked = look(server, {TAGS: Known(shown(first[TAGS]).mark)})
    assert again == {TAGS: Unchanged()}
    assert asked == ["GET"]


def test_a_cut_answer_is_neither_unchanged_nor_empty(repository: "GitRepository") -> None:
    """Half a list says nothing of the other half."""
    server = repository.server()
    first, _ = look(server, {TAGS: Known()})

    def cut(request: HttpRequest) -> Response:
        answer = server(request)
        assert isinstance(answer, HttpResponse)
        return HttpResponse(answer.status, answer.headers, answer.body[:-20], answer.url)

    news, _ = look(cut, {TAGS: Known(shown(first[TAGS]).mark)})  # type: ignore[arg-type]  # it is never sent GraphQL
    assert isinstance(news[TAGS], Reason)
