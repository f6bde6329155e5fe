"""The datasource `git`, against git itself and against recorded answers."""

from collections.abc import Callable, Generator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from octobot.datasources.ancestry import contained
from octobot.datasources.git import Git, resolve
from octobot.datasources.github import GitHub
from octobot.datasources.gitwire.pack import committed, count, first_commit
from octobot.datasources.gitwire.pktline import message, pack_of, packet, unpack
from octobot.datasources.gitwire.refs import (
    Capable,
    Ref,
    read_dumb_refs,
    read_info_refs,
    read_ls_refs,
)
from octobot.model.ids import Sha
from octobot.model.lookup import (
    GraphQLRequest,
    GraphQLResponse,
    HttpRequest,
    HttpResponse,
    Request,
    Response,
    Unreachable,
)
from octobot.model.package import Upstream
from octobot.model.reasons import Reason, ReasonCode
from octobot.model.release import Release

if TYPE_CHECKING:
    from tests.datasources.conftest import GitRepository

T = TypeVar("T")
URL = "https://git.example.org/widget.git"
RECORDED = Path(__file__).parents[2] / "fixtures" / "upstream" / "git"
TAGS = Upstream("git", URL, "tags")
HEAD = Upstream("git", URL, "branch")
STABLE = Upstream("git", URL, "branch", "stable")


def drive(
    conversation: Generator[Request, Response, T], answer: Callable[[Request], Response]
) -> tuple[T, list[Request]]:
    """Drive a conversation to its end; return its result and what was asked."""
    asked: list[Request] = []
    try:
        request = next(conversation)
        while True:
            asked.append(request)
            request = conversation.send(answer(request))
    except StopIteration as end:
        result: T = end.value
        return result, asked


def recorded(name: str) -> bytes:
    """Frame a recorded answer: one packet a line."""
    lines = (RECORDED / f"{name}.txt").read_text().splitlines()
    marks = {"0000": b"0000", "0001": b"0001"}
    return b"".join(marks.get(line) or packet(line.replace("\\0", "\0")) for line in lines)


def answering(status: int, kind: str = "text/html", body: bytes = b"") -> Response:
    """Return an answer of HTTP."""
    return HttpResponse(status, {"content-type": kind}, body)


def expected(repository: "GitRepository") -> set[Release]:
    """Return the tags as git itself lists them."""
    told = repository.run(
        "for-each-ref", "--format=%(refname:strip=2) %(objectname)", "refs/tags"
    ).splitlines()
    return {
        Release(name, Sha(repository.run("rev-parse", f"{name}^{{}}")), Sha(oid))
        for name, oid in (line.split() for line in told)
    }


def test_all_tags_are_one_post(repository: "GitRepository") -> None:
    """Lightweight, annotated and nested tags come with the commits that git itself peels."""
    findings, asked = drive(Git().lookup([TAGS]), repository.server())
    found = findings[TAGS]
    assert not isinstance(found, Reason)
    assert set(found) == expected(repository)
    assert len(found) == 3
    assert [request.method for request in asked if isinstance(request, HttpRequest)] == ["POST"]


@pytest.mark.parametrize("protocol", ["version=0", "version=1", "version=2"])
def test_a_host_that_wants_to_be_introduced_is_asked_again(
    repository: "GitRepository", protocol: str
) -> None:
    """Where the first POST leads nowhere, `info/refs` does, in whichever protocol it speaks."""
    server = repository.server(protocol=protocol, post_first=False)
    findings, asked = drive(Git().lookup([TAGS]), server)
    found = findings[TAGS]
    assert not isinstance(found, Reason)
    assert set(found) == expected(repository)
    assert len(asked) == (3 if protocol == "version=2" else 2)


@pytest.mark.parametrize("protocol", ["version=0", "version=1"])
def test_an_old_server_that_is_posted_to_first_does_no_harm(
    repository: "GitRepository", protocol: str
) -> None:
    """What git of the first protocol answers to `ls-refs` is not taken for an empty repository."""
    findings, _ = drive(Git().lookup([TAGS]), repository.server(protocol=protocol))
    found = findings[TAGS]
    assert not isinstance(found, Reason)
    assert set(found) == expected(repository)


@pytest.mark.parametrize("protocol", ["version=0", "version=2"])
@pytest.mark.parametrize("filters", ["true", "false"])
def test_a_branch_comes_with_its_commits_date(
    repository: "GitRepository", protocol: str, filters: str
) -> None:
    """HEAD and a named branch: the committer's date in UTC, also where filters are refused."""
    repository.run("config", "uploadpack.allowFilter", filters)
    findings, _ = drive(Git().lookup([HEAD, STABLE]), repository.server(protocol=protocol))
    moment = datetime(2026, 2, 3, 2, 5, 6, tzinfo=UTC)
    tip, stable = repository.run("rev-parse", "main"), repository.run("rev-parse", "stable")
    assert findings[HEAD] == (Release("main", Sha(tip), committed=moment),)
    assert findings[STABLE] == (Release("stable", Sha(stable), committed=moment),)


def test_a_branch_that_is_not_there_is_missing(repository: "GitRepository") -> None:
    """A branch name that only begins like another one is not that one."""
    upstream = Upstream("git", URL, "branch", "stab")
    findings, _ = drive(Git().lookup([upstream]), repository.server())
    reason = findings[upstream]
    assert isinstance(reason, Reason)
    assert reason.code is ReasonCode.UPSTREAM_MISSING


@pytest.mark.parametrize("status", [401, 404, 410])
def test_a_repository_that_is_not_there_is_missing(status: int) -> None:
    """Hosts say 401 of what does not exist, to those without an account."""
    findings, asked = drive(Git().lookup([TAGS]), lambda _: answering(status))
    reason = findings[TAGS]
    assert isinstance(reason, Reason)
    assert reason.code is ReasonCode.UPSTREAM_MISSING
    assert len(asked) == 2


@pytest.mark.parametrize(
    "answer",
    [
        Unreachable("timed out"),
        answering(403),
        answering(200, "text/html", b"<p>Are you human?</p>"),
        answering(200, "text/plain", b"not a list of refs"),
        answering(200, "application/x-git-upload-pack-result", b"ffff"),
        answering(200, "application/x-git-upload-pack-result", b"zzzz"),
        answering(200, "application/x-git-upload-pack-result", recorded("ls-refs-v2")[:-4]),
        answering(200, "application/x-git-upload-pack-result", packet("ERR go away") + b"0000"),
        answering(200, "application/x-git-upload-pack-advertisement", b""),
    ],
)
def test_nonsense_is_no_news(answer: Response) -> None:
    """Whatever is not an answer of git's, whole and well formed, leaves the upstream unknown."""
    findings, _ = drive(Git().lookup([TAGS]), lambda _: answer)
    reason = findings[TAGS]
    assert isinstance(reason, Reason)
    assert reason.code is ReasonCode.UPSTREAM_UNREACHABLE


def test_an_address_of_another_scheme_is_not_asked() -> None:
    """`git://` has no protection on the wire; the reason says so."""
    upstream = Upstream("git", "git://git.example.org/widget", "tags")
    findings, asked = drive(Git().lookup([upstream]), lambda _: answering(500))
    reason = findings[upstream]
    assert isinstance(reason, Reason)
    assert reason.code is ReasonCode.UNSUPPORTED_SOURCE
    assert reason.detail.endswith("write https://")
    assert asked == []


def test_the_introduction_shows_where_a_repository_lives_now(repository: "GitRepository") -> None:
    """As with git itself, the POST goes to where the redirect of `info/refs` led."""
    server = repository.server()

    def answer(request: Request) -> Response:
        assert isinstance(request, HttpRequest)
        if request.method == "POST" and "/moved.git/" not in request.url:
            return answering(404)
        told = server(request)
        assert isinstance(told, HttpResponse)
        url = request.url.replace("/widget.git", "/moved.git")
        return HttpResponse(told.status, told.headers, told.body, url)

    findings, _ = drive(Git().lookup([TAGS]), answer)
    assert not isinstance(findings[TAGS], Reason)


def with_closed_graphql(answer: Callable[[Request], Response]) -> Callable[[Request], Response]:
    """Answer as somebody without a token is: GraphQL is closed, everything else is not."""
    closed = Unreachable("no GitHub token", closed=True)
    return lambda request: closed if isinstance(request, GraphQLRequest) else answer(request)


def test_github_without_a_token_is_asked_by_git(repository: "GitRepository") -> None:
    """Tags replace releases; one repository is asked once for both and its branch."""
    identifier = "Example/Widget"
    kinds: tuple[Literal["tags", "releases", "branch"], ...] = ("tags", "releases", "branch")
    upstreams = [Upstream("github", identifier, kind) for kind in kinds]
    malformed = Upstream("github", "widget", "tags")
    without_token = with_closed_graphql(repository.server())
    findings, asked = drive(GitHub().lookup([*upstreams, malformed]), without_token)
    assert isinstance(findings[malformed], Reason)
    assert findings[upstreams[0]] == findings[upstreams[1]]
    assert not isinstance(findings[upstreams[2]], Reason)
    addresses = {request.url for request in asked if isinstance(request, HttpRequest)}
    assert addresses == {"https://github.com/Example/Widget/git-upload-pack"}


def test_a_rename_is_followed_without_a_token_too(repository: "GitRepository") -> None:
    """GitHub's git redirects to the repository as it is called now."""
    server = repository.server()
    upstream = Upstream("github", "example/widget", "tags")

    def answer(request: Request) -> Response:
        told = server(request)
        assert isinstance(told, HttpResponse)
        url = told.url.replace("example/widget", "other/gadget.git")
        return HttpResponse(told.status, told.headers, told.body, url)

    findings, _ = drive(GitHub().lookup([upstream]), with_closed_graphql(answer))
    assert not isinstance(findings[upstream], Reason)


def test_recorded_answers_agree_in_every_protocol() -> None:
    """Protocol v2, the first protocol and plain files agree on the tags."""
    old = read_info_refs(recorded("info-refs-v0"))
    new = read_ls_refs(recorded("ls-refs-v2"))
    dumb = read_dumb_refs((RECORDED / "info-refs-dumb.txt").read_bytes())
    assert old is not None
    assert not isinstance(old, Capable)
    assert new is not None
    assert dumb is not None
    assert dict(old) == dict(new)
    assert {**dumb, "HEAD": new["HEAD"]} == dict(new)
    assert new["HEAD"] == Ref("HEAD", Sha("cc" + "3".zfill(38)), target="refs/heads/main")


def test_a_repository_behind_a_plain_web_server_shows_its_tags() -> None:
    """`git update-server-info` leaves a text that is as good for tags, but has no dates."""
    body = (RECORDED / "info-refs-dumb.txt").read_bytes()

    def answer(request: Request) -> Response:
        posted = isinstance(request, HttpRequest) and request.method == "POST"
        return answering(405) if posted else answering(200, "text/plain; charset=utf-8", body)

    main = Upstream("git", URL, "branch", "main")
    findings, _ = drive(Git().lookup([TAGS, main]), answer)
    tags = findings[TAGS]
    assert not isinstance(tags, Reason)
    assert [tag.name for tag in tags] == ["v1.0", "v2.0"]
    assert isinstance(findings[main], Reason)


def test_resolve_asks_for_one_name_and_peels_it(repository: "GitRepository") -> None:
    """The prefix is the whole name; of what begins alike, only the name itself counts."""
    repository.run("tag", "v2.0.1")
    found, asked = drive(resolve(URL, "refs/tags/v2.0"), repository.server())
    assert found == repository.run("rev-parse", "v2.0^{}")
    assert isinstance(asked[0], HttpRequest)
    assert b"ref-prefix refs/tags/v2.0\n" in asked[0].body
    none, _ = drive(resolve(URL, "refs/tags/v2"), repository.server())
    assert none is None
    head, _ = drive(resolve(URL, "HEAD"), repository.server())
    assert head == repository.run("rev-parse", "HEAD")


def test_resolve_distinguishes_missing_from_unreachable() -> None:
    """A repository that cannot be asked is a reason, not an absent ref."""
    gone, _ = drive(resolve(URL, "HEAD"), lambda _: answering(404))
    assert isinstance(gone, Reason)
    assert gone.code is ReasonCode.UPSTREAM_MISSING
    down, _ = drive(resolve(URL, "HEAD"), lambda _: Unreachable("timed out"))
    assert isinstance(down, Reason)
    assert down.code is ReasonCode.UPSTREAM_UNREACHABLE


def test_ancestors_are_those_that_git_says(repository: "GitRepository") -> None:
    """Contained: the tip itself and its past; not contained: a side branch, an unknown commit."""
    first, tip = repository.run("rev-parse", "v1.0"), repository.run("rev-parse", "main")
    repository.run("checkout", "-q", "-b", "side", "v1.0")
    side = repository.commit("side")
    commits = (first, tip, side, "1" * 40, "not a commit")
    inside, _ = drive(contained(URL, "refs/tags/v2.0", commits), repository.server())
    assert inside == frozenset({first, tip})


def test_unknown_ancestry_stays_unknown(repository: "GitRepository") -> None:
    """An old server, a missing ref or a dead host: unknown, so that nothing is dropped."""
    commits = (repository.run("rev-parse", "v1.0"),)
    old, _ = drive(contained(URL, "HEAD", commits), repository.server(protocol="version=0"))
    absent, _ = drive(contained(URL, "refs/tags/none", commits), repository.server())
    dead, _ = drive(contained(URL, "HEAD", commits), lambda _: Unreachable("timed out"))
    assert (old, absent, dead) == (None, None, None)


def test_github_compares_all_commits_in_one_query() -> None:
    """BEHIND and IDENTICAL are inside; a branch that is named like a commit does not count."""
    commits = tuple(digit * 40 for digit in "abcde")

    def answer(request: Request) -> Response:
        assert isinstance(request, GraphQLRequest)
        assert request.variables["c4"] == commits[4]
        compared = {
            "c0": {"status": "BEHIND", "headTarget": {"oid": commits[0]}},
            "c1": {"status": "IDENTICAL", "headTarget": {"oid": commits[1]}},
            "c2": {"status": "DIVERGED", "headTarget": {"oid": commits[2]}},
            "c3": {"status": "BEHIND", "headTarget": {"oid": "f" * 40}},
            "c4": None,
        }
        return GraphQLResponse({"repository": {"at": compared}})

    conversation = contained("https://github.com/o/r.git", "refs/tags/v1", commits)
    inside, asked = drive(conversation, answer)
    assert inside == frozenset({commits[0], commits[1]})
    assert len(asked) == 1


def test_without_graphql_github_is_asked_as_any_git_host(repository: "GitRepository") -> None:
    """No token is no obstacle: the same question goes over git's protocol."""
    first, server = repository.run("rev-parse", "v1.0"), repository.server()

    def answer(request: Request) -> Response:
        return Unreachable("no token") if isinstance(request, GraphQLRequest) else server(request)

    inside, _ = drive(contained("https://github.com/o/r", "HEAD", (first,)), answer)
    assert inside == frozenset({first})


def test_a_commit_with_another_id_than_asked_for_is_not_believed(
    repository: "GitRepository",
) -> None:
    """A pack with a different commit has no date for this one."""
    server = repository.server()
    other = message("fetch", arguments=[f"want {repository.run('rev-parse', 'v1.0')}", "done"])

    def answer(request: Request) -> Response:
        assert isinstance(request, HttpRequest)
        if b"command=fetch" not in request.body:
            return server(request)
        told = repository.upload_pack(protocol="version=2", body=other)
        return answering(200, "application/x-git-upload-pack-result", told)

    findings, _ = drive(Git().lookup([HEAD]), answer)
    assert isinstance(findings[HEAD], Reason)


def test_a_cut_off_message_is_not_whole() -> None:
    """Only a mark at the very end makes a message whole."""
    assert unpack(packet("a") + b"0000").whole
    assert not unpack(packet("a")).whole
    assert not unpack(packet("a") + b"000").whole
    assert not unpack(b"").whole


FRAMED = st.lists(st.binary(max_size=80)).map(
    lambda lines: b"".join(b"%04x%b" % (len(line) + 4, line) for line in lines) + b"0000"
)


@settings(deadline=None)
@given(st.one_of(st.binary(max_size=300), FRAMED))
def test_no_bytes_make_a_reader_fail(data: bytes) -> None:
    """Whatever a host sends is read into a value or into None."""
    packets = unpack(data)
    read_ls_refs(data)
    read_info_refs(data)
    read_dumb_refs(data)
    pack_of(packets)
    committed(data)
    for pack in (data, b"PACK\0\0\0\2\0\0\0\1" + data):
        count(pack)
        assert first_commit(pack, Sha("0" * 40)) is None


def test_a_size_without_end_is_no_object() -> None:
    """Megabytes of continuation bits do not become one giant number."""
    assert first_commit(b"PACK\0\0\0\2\0\0\0\1" + b"\xff" * (4 << 20), Sha("0" * 40)) is None
