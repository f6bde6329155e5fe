"""`go.mod` of a release: where it is, and what it asks for."""

from pathlib import Path

import pytest

from octobot.datasources.gomod import go_mod, raw_address, read_go_mod
from octobot.model.lookup import HttpRequest, HttpResponse, Response, Unreachable

RECORDED = Path(__file__).parents[2] / "fixtures" / "upstream" / "gomod" / "go.mod"
WIDGET = "https://github.com/example/widget"


def ask(answer: Response, directory: str = ".") -> tuple[object, HttpRequest]:
    """Hold the conversation of one question and one answer."""
    conversation = go_mod(WIDGET, "refs/tags/v1.2.3", directory)
    request = next(conversation)
    assert isinstance(request, HttpRequest)
    with pytest.raises(StopIteration) as end:
        conversation.send(answer)
    return end.value.value, request


def test_requirements_are_read_with_their_replacements() -> None:
    """Blocks, single lines, quotes, comments; of a fork and of a folder nothing is known."""
    assert read_go_mod(RECORDED.read_text()) == {
        "example.com/single": "v1.0.0",
        "example.com/quoted": "v0.1.1",
    }


@pytest.mark.parametrize("text", ["", "require (", "replace a =>", "require a b c d", "))((", "\0"])
def test_broken_text_asks_for_nothing(text: str) -> None:
    """What is not of the grammar counts for nothing and raises nothing."""
    assert read_go_mod(text) == {}


def test_the_file_comes_from_the_tag() -> None:
    """The whole ref is named, so that a branch of the tag's name is not read in its place."""
    body = RECORDED.read_bytes()
    told, request = ask(HttpResponse(200, {"content-type": "text/plain"}, body), "./cmd/tool/")
    host = "https://raw.githubusercontent.com"
    assert request.url == f"{host}/example/widget/refs/tags/v1.2.3/cmd/tool/go.mod"
    assert told == read_go_mod(RECORDED.read_text())


@pytest.mark.parametrize(
    "answer",
    [
        HttpResponse(404, {}, b""),
        HttpResponse(200, {"content-type": "text/html; charset=utf-8"}, b"<html>log in</html>"),
        Unreachable("timed out"),
    ],
)
def test_a_missing_file_is_empty(answer: Response) -> None:
    """Also when the forge says so with a page and status 200."""
    assert ask(answer)[0] is None


@pytest.mark.parametrize(
    ("repository", "ref", "address"),
    [
        (
            "https://gitlab.com/group/sub/project.git",
            "refs/tags/v1",
            "https://gitlab.com/group/sub/project/-/raw/v1/go.mod?ref_type=tags",
        ),
        (
            "https://codeberg.org/owner/name",
            "refs/tags/v1",
            "https://codeberg.org/owner/name/raw/tag/v1/go.mod",
        ),
        (
            "https://codeberg.org/owner/name",
            "refs/heads/main",
            "https://codeberg.org/owner/name/raw/branch/main/go.mod",
        ),
        (WIDGET, "HEAD", "https://raw.githubusercontent.com/example/widget/HEAD/go.mod"),
        (
            WIDGET,
            "refs/tags/v1 $(id)?#",
            "https://raw.githubusercontent.com/example/widget/refs/tags/v1%20%24%28id%29%3F%23/go.mod",
        ),
        ("https://git.example.org/x.git", "refs/tags/v1", None),
        ("git://github.com/o/r", "refs/tags/v1", None),
        ("https://github.com/", "refs/tags/v1", None),
    ],
)
def test_each_forge_has_its_address(repository: str, ref: str, address: str | None) -> None:
    """What is hostile in a name is quoted; of an unknown host nothing is guessed."""
    assert raw_address(repository, ref, "go.mod") == address


def test_a_path_never_climbs_out() -> None:
    """A directory with `..` has no address."""
    assert raw_address(WIDGET, "HEAD", "../../other/repo/go.mod") is None
