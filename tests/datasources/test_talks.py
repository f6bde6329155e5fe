"""Look-ups of more than one request: tokens, pages, a module's go.mod, several projects."""

from datetime import UTC, datetime

import pytest

from octobot.datasources import registry
from octobot.datasources.table import TABLE
from octobot.model.ids import Sha
from octobot.model.lookup import HttpRequest, HttpResponse, Response, Unreachable
from octobot.model.package import Upstream
from octobot.model.reasons import Reason, ReasonCode
from octobot.model.release import Release
from tests.datasources.registry_talk import look, recorded, release, serving

ONE = Sha("1" * 40)
TOKEN = recorded("oci/token.json")
NEW = datetime(2026, 5, 1, 10, tzinfo=UTC)


def test_go_knows_the_newest_commit_and_what_was_retracted() -> None:
    """Three small requests: the list, the newest version's origin, and its go.mod."""
    found, asked = look(
        "go", "github.com/Example/widget", serving("go/list.txt", "go/newest.info", "go/newest.mod")
    )
    base = "https://proxy.golang.org/github.com/!example/widget/@v"
    assert [request.url for request in asked] == [
        f"{base}/list",
        f"{base}/v2.0.0+incompatible.info",
        f"{base}/v2.0.0+incompatible.mod",
    ]
    assert found == (
        release("v1.0.0", yanked=True),
        release("v1.0.1", yanked=True),
        release("v1.1.0", yanked=True),
        release("v1.2.0-rc.1", early=True),
        Release("v2.0.0", ONE, published=NEW),
    )


def test_go_without_its_go_mod_shows_nothing() -> None:
    """A retraction that cannot be seen must not make a version trusted."""
    bodies = [recorded("go/list.txt"), recorded("go/newest.info")]

    def answer(_: HttpRequest) -> Response:
        return HttpResponse(200, {}, bodies.pop(0)) if bodies else Unreachable("timed out")

    found, _ = look("go", "github.com/Example/widget", answer)
    assert isinstance(found, Reason)
    assert found.code is ReasonCode.UPSTREAM_UNREACHABLE


class Registry:
    """A container registry that lists tags to whoever got a token, two a page."""

    def __init__(self, challenge: str, *, token: bytes = TOKEN) -> None:
        self.challenge = challenge
        self.token = token

    def __call__(self, request: HttpRequest) -> Response:
        """Answer one request."""
        if "/token" in request.url:
            return HttpResponse(200, {}, self.token)
        if "Authorization" not in request.headers:
            headers = {"www-authenticate": self.challenge}
            return HttpResponse(401, headers, recorded("oci/unauthorized.json"))
        if "last=1.1" in request.url:
            return HttpResponse(200, {}, recorded("oci/page-2.json"))
        link = '</v2/example/widget/tags/list?last=1.1&n=1000>; rel="next"'
        return HttpResponse(200, {"link": link}, recorded("oci/page-1.json"))


@pytest.mark.parametrize(
    ("identifier", "host", "name"),
    [
        ("ghcr.io/example/widget", "ghcr.io", "example/widget"),
        ("quay.io/example/widget", "quay.io", "example/widget"),
        ("registry.example.org:5000/widget", "registry.example.org:5000", "widget"),
        ("example/widget", "registry-1.docker.io", "example/widget"),
        ("docker.io/widget", "registry-1.docker.io", "library/widget"),
        ("widget", "registry-1.docker.io", "library/widget"),
    ],
)
def test_a_container_registry_gives_anybody_a_token(identifier: str, host: str, name: str) -> None:
    """401, the token that its challenge names, then every page of tags."""
    challenge = (
        'Bearer realm="https://auth.example.org/token",service="registry.example.org",'
        f'scope="repository:{name}:pull"'
    )
    found, asked = look("oci", identifier, Registry(challenge))
    first = f"https://{host}/v2/{name}/tags/list?n=1000"
    scope = f"repository%3A{name.replace('/', '%2F')}%3Apull"
    assert [request.url for request in asked] == [
        first,
        f"https://auth.example.org/token?scope={scope}&service=registry.example.org",
        first,
        f"https://{host}/v2/example/widget/tags/list?last=1.1&n=1000",
    ]
    assert "Authorization" not in asked[1].headers
    assert found == tuple(map(release, ("1.0", "1.1", "latest", "sha256-0c1f2e.sig")))


@pytest.mark.parametrize(
    ("challenge", "token"),
    [
        ('Basic realm="https://auth.example.org/token"', TOKEN),
        ('Bearer realm="http://auth.example.org/token"', TOKEN),
        ('Bearer realm="file:///token"', TOKEN),
        ("", TOKEN),
        ('Bearer realm="https://auth.example.org/token"', b'{"token": "two\\r\\nX-Header: 1"}'),
        ('Bearer realm="https://auth.example.org/token"', b"[]"),
    ],
)
def test_a_token_dance_out_of_step_is_no_tags(challenge: str, token: bytes) -> None:
    """Other schemes, other hosts, and tokens that would be more than one header."""
    found, asked = look("oci", "ghcr.io/example/widget", Registry(challenge, token=token))
    assert isinstance(found, Reason)
    assert all("Authorization" not in request.headers for request in asked)


def test_pages_are_followed_to_the_end_and_on_the_same_host_only() -> None:
    """A second page is asked for; a list that goes on elsewhere, or has no end, is not used."""
    tags = recorded("gitlab/tags.json")
    second = b'[{"name": "v0.9.0", "commit": {"id": "nonsense"}, "target": null}]'
    link = '<https://gitlab.com/api/v4/x?page=1>; rel="first", </api/v4/x?page=2>; rel="next"'

    def answer(request: HttpRequest) -> Response:
        if request.url == "https://gitlab.com/api/v4/x?page=2":
            return HttpResponse(200, {"link": onward}, second)
        return HttpResponse(200, {"link": link}, tags)

    onward = ""
    found, asked = look("gitlab-tags", "example/widget", answer)
    assert len(asked) == 2
    assert not isinstance(found, Reason)
    assert found[-1] == release("v0.9.0")
    for onward in ("<https://evil.example/x>", "<http://gitlab.com/x>", "<https://[::1>"):
        onward += '; rel="next"'  # noqa: PLW2901  (the server's answer is made of it)
        found, asked = look("gitlab-tags", "example/widget", answer)
        assert len(asked) == 2
        assert isinstance(found, Reason)
        assert "the next page is on another host" in found.detail
    endless, asked = look(
        "gitlab-tags", "a/b", lambda _: HttpResponse(200, {"link": '</again>; rel="next"'}, tags)
    )
    assert isinstance(endless, Reason)
    assert len(asked) == registry.MOST_PAGES


def test_one_failure_is_one_upstreams_alone() -> None:
    """Of several projects in one look-up, one that is gone leaves the others."""
    asked = [Upstream("release-monitor", number, "releases") for number in ("1", "x", "2")]
    conversation = TABLE["release-monitor"].lookup(asked)
    next(conversation)
    conversation.send(HttpResponse(404, {}, recorded("release-monitor/missing.json")))
    with pytest.raises(StopIteration) as end:
        conversation.send(HttpResponse(200, {}, recorded("release-monitor/versions.json")))
    findings = end.value.value
    codes = [f.code if isinstance(f, Reason) else len(f) for f in map(findings.get, asked)]
    assert codes == [ReasonCode.UPSTREAM_MISSING, ReasonCode.BAD_UPDATE_BLOCK, 5]
