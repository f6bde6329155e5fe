"""Talks with a registry: recorded bodies, and a look-up driven to its end."""

from collections.abc import Callable, Mapping
from pathlib import Path

from octobot.datasources.table import TABLE
from octobot.model.lookup import HttpRequest, HttpResponse, Request, Response
from octobot.model.package import Upstream
from octobot.model.reasons import Reason
from octobot.model.release import Release

RECORDED = Path(__file__).parents[2] / "fixtures" / "upstream"
REGISTRIES = sorted(set(TABLE) - {"github", "git"})
EXAMPLES: Mapping[str, str] = {
    "release-monitor": "1234",
    "oci": "ghcr.io/example/widget",
    "gitlab-releases": "example/widget",
    "gitlab-tags": "https://gitlab.example.org/group/sub/widget.git",
    "forgejo-releases": "example/widget",
    "forgejo-tags": "https://git.example.org/example/widget",
    "pypi": "Py_Widget",
    "npm": "@example/widget",
    "crate": "Widget",
    "rubygems": "widget",
    "go": "github.com/Example/widget",
    "maven": "org.example:widget",
    "hackage": "widget",
    "cpan": "Acme-Widget",
    "kernel.org": "stable",
    "feed": "https://example.org/releases.atom",
    "json": "https://example.org/versions.json /files",
    "listing": r"https://example.org/pub/ widget-([0-9][^/]*)\.tar\.gz$",
}


def recorded(name: str) -> bytes:
    """Read a recorded answer."""
    return (RECORDED / name).read_bytes()


def look(
    datasource: str, identifier: str, answer: Callable[[HttpRequest], Response]
) -> tuple[tuple[Release, ...] | Reason, list[HttpRequest]]:
    """Drive one look-up; return what was found and what was asked."""
    upstream = Upstream(datasource, identifier, "releases")
    conversation = TABLE[datasource].lookup([upstream])
    asked: list[HttpRequest] = []
    try:
        request: Request = next(conversation)
        while True:
            assert isinstance(request, HttpRequest)
            asked.append(request)
            request = conversation.send(answer(request))
    except StopIteration as end:
        found: tuple[Release, ...] | Reason = end.value[upstream]
        return found, asked


def serving(*names: str, link: str = "") -> Callable[[HttpRequest], Response]:
    """Answer with recorded bodies in order; `link` goes with the first."""
    bodies = [recorded(name) for name in names]

    def answer(_: HttpRequest) -> Response:
        headers = {"link": link} if link and len(bodies) == len(names) else {}
        return HttpResponse(200, headers, bodies.pop(0))

    return answer


def saying(body: bytes, status: int = 200) -> Callable[[HttpRequest], Response]:
    """Answer everything with one body."""
    return lambda _: HttpResponse(status, {}, body)


def release(name: str, *, early: bool = False, yanked: bool = False) -> Release:
    """Make a release that only has a name."""
    return Release(name, prerelease=early, yanked=yanked)
