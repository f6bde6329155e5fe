"""The registries, forges, feeds and listings, each on an answer of its documented form."""

import json
from datetime import UTC, datetime

import pytest

from octobot.model.ids import Sha
from octobot.model.reasons import Reason
from octobot.model.release import Release
from tests.datasources.registry_talk import look, release, saying, serving

ONE, ZERO, TWO, A = (Sha(digit * 40) for digit in "102a")
NEW = datetime(2026, 5, 1, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("latest", "names", "early"),
    [
        ("1.9.0", ["1.8.3", "1.9.0", "1.10.0", "2.0.0"], ["1.10.0", "2.0.0"]),
        ("2.0.0-rc.1", ["1.0.0", "2.0.0-rc.1", "2.0.0"], ["2.0.0-rc.1", "2.0.0"]),
        ("", ["1.0.0", "2.0.0"], []),
        ("next", ["1.0.0", "2.0.0"], []),
    ],
)
def test_what_npm_does_not_recommend_yet_is_early(
    latest: str, names: list[str], early: list[str]
) -> None:
    """`dist-tags.latest` is the newest one, unless the update block takes pre-releases."""
    body = {"versions": {name: {} for name in names}, "dist-tags": {"latest": latest}}
    found, _ = look("npm", "widget", saying(json.dumps(body).encode()))
    assert not isinstance(found, Reason)
    assert [one.name for one in found] == names
    assert [one.name for one in found if one.prerelease] == early


@pytest.mark.parametrize(
    ("datasource", "identifier", "file", "url", "expected"),
    [
        (
            "release-monitor",
            "1234",
            "release-monitor/versions.json",
            "https://release-monitoring.org/api/v2/versions/?project_id=1234",
            [
                release("2.13-rc1", early=True),
                *map(release, ("2.12", "2.11", "2.10", "2.9.1")),
            ],
        ),
        (
            "npm",
            "@example/widget",
            "npm/abbreviated.json",
            "https://registry.npmjs.org/@example%2Fwidget",
            [
                release("1.0.0", yanked=True),
                release("1.1.0"),
                release("1.1.1+build-7"),
                release("2.0.0-beta.1", early=True),
            ],
        ),
        (
            "crate",
            "Widget",
            "crates/widget.jsonl",
            "https://index.crates.io/wi/dg/widget",
            [
                release("0.1.0", yanked=True),
                Release("0.2.0", published=NEW),
                release("0.3.0-alpha.1", early=True),
            ],
        ),
        (
            "rubygems",
            "widget",
            "rubygems/versions.json",
            "https://rubygems.org/api/v1/versions/widget.json",
            [
                Release("1.2.0.pre1", prerelease=True, published=NEW.replace(day=2)),
                Release("1.1.0", published=NEW),
            ],
        ),
        (
            "maven",
            "org.example:widget",
            "maven/maven-metadata.xml",
            "https://repo1.maven.org/maven2/org/example/widget/maven-metadata.xml",
            [release("1.0.0"), release("1.1.0"), release("1.2.0-SNAPSHOT", early=True)],
        ),
        (
            "hackage",
            "widget",
            "hackage/preferred.json",
            "https://hackage.haskell.org/package/widget/preferred.json",
            [
                *map(release, ("1.1.0.0", "1.0.0.0", "0.9.0.0")),
                release("1.0.1.0", yanked=True),
            ],
        ),
        (
            "cpan",
            "Acme-Widget",
            "cpan/versions.json",
            "https://fastapi.metacpan.org/v1/release/versions/Acme-Widget",
            [
                release("1.11"),
                release("1.12_01", early=True),
                release("1.10", yanked=True),
            ],
        ),
        (
            "forgejo-releases",
            "example/widget",
            "forgejo/releases.json",
            "https://codeberg.org/api/v1/repos/example/widget/releases?limit=50",
            [
                Release("v1.2.0-rc1", prerelease=True, published=NEW.replace(day=2)),
                Release("v1.1.0", published=NEW.replace(hour=8)),
                Release("v1.0.9", draft=True, published=NEW.replace(month=4)),
            ],
        ),
        (
            "forgejo-tags",
            "https://git.example.org/example/widget",
            "forgejo/tags.json",
            "https://git.example.org/api/v1/repos/example/widget/tags?limit=50",
            [Release("v1.1.0", commit=ONE, tag_object=A)],
        ),
        (
            "gitlab-releases",
            "https://gitlab.example.org/group/sub/widget.git",
            "gitlab/releases.json",
            "https://gitlab.example.org/api/v4/projects/group%2Fsub%2Fwidget/releases?per_page=100",
            [
                Release("v2.0.0", TWO, draft=True, published=datetime(2026, 12, 1, 8, tzinfo=UTC)),
                Release("v1.1.0", ONE, published=NEW.replace(hour=8)),
            ],
        ),
        (
            "gitlab-tags",
            "example/widget",
            "gitlab/tags.json",
            "https://gitlab.com/api/v4/projects/example%2Fwidget/repository/tags?per_page=100",
            [Release("v1.1.0", ONE, A), Release("v1.0.0", ZERO, ZERO)],
        ),
        (
            "json",
            "https://example.org/versions.json /releases/*/version",
            "json/versions.json",
            "https://example.org/versions.json",
            [release("1.1.0"), release("1.0.0")],
        ),
        (
            "json",
            "https://example.org/versions.json /files",
            "json/versions.json",
            "https://example.org/versions.json",
            [release("1.1.0"), release("1.0.0")],
        ),
        (
            "json",
            "https://example.org/versions.json /plain",
            "json/versions.json",
            "https://example.org/versions.json",
            [release("1.1.0"), release("1.0.0")],
        ),
        (
            "json",
            "https://example.org/versions.json /product/stable~1current",
            "json/versions.json",
            "https://example.org/versions.json",
            [release("1.1.0")],
        ),
        (
            "listing",
            r"https://example.org/pub/ widget-([0-9][^/]*)\.tar\.gz$",
            "listing/index.html",
            "https://example.org/pub/",
            [release("1.0.0"), release("1.1.0"), release("1.1.0+p1")],
        ),
        (
            "feed",
            "https://example.org/releases.atom",
            "feed/releases.atom",
            "https://example.org/releases.atom",
            [release("The one with the fixes"), release("v1.0.0")],
        ),
        (
            "feed",
            "https://example.org/releases.atom /tag/v([0-9.]+)$|^v([0-9.]+)$",
            "feed/releases.atom",
            "https://example.org/releases.atom",
            [release("1.1.0"), release("1.0.0")],
        ),
        (
            "feed",
            r"https://example.org/rss widget-([0-9.]+)\.tar",
            "feed/news.rss",
            "https://example.org/rss",
            [release("1.1.0")],
        ),
    ],
)
def test_each_answer_is_read_as_documented(
    datasource: str, identifier: str, file: str, url: str, expected: list[Release]
) -> None:
    """One request to the documented address, and every version with what is said of it."""
    found, asked = look(datasource, identifier, serving(file))
    assert [request.url for request in asked] == [url]
    assert found == tuple(expected)


def test_pypi_yanks_files_and_a_version_with_none_left_is_yanked() -> None:
    """A half-yanked version counts; one that is wholly yanked, or has no file, does not."""
    found, asked = look("pypi", "Py_Widget", serving("pypi/simple.json"))
    assert asked[0].url == "https://pypi.org/simple/py-widget/"
    assert asked[0].headers == {"Accept": "application/vnd.pypi.simple.v1+json"}
    assert not isinstance(found, Reason)
    assert {release.name: release.yanked for release in found} == {
        "1.0": False,
        "1.1": True,
        "1.2": False,
        "1.3rc1": False,
        "2.0": True,
    }


@pytest.mark.parametrize(
    ("moniker", "expected"),
    [
        ("stable", {"7.1.4": False}),
        ("longterm", {"6.12.90": False}),
        ("mainline", {"7.2-rc3": True}),
        ("linux-next", {"next-20260720": True}),
        ("all", {"7.1.4": False, "6.12.90": False, "7.2-rc3": True, "next-20260720": True}),
    ],
)
def test_kernels_go_by_their_moniker(moniker: str, expected: dict[str, bool]) -> None:
    """One document, read for the line that is asked for."""
    found, _ = look("kernel.org", moniker, serving("kernel/releases.json"))
    assert not isinstance(found, Reason)
    assert {release.name: release.prerelease for release in found} == expected


@pytest.mark.parametrize(
    ("name", "path"),
    [("a", "1/a"), ("ab", "2/ab"), ("abc", "3/a/abc"), ("abcd", "ab/cd/abcd")],
)
def test_crates_are_in_folders_by_their_names_length(name: str, path: str) -> None:
    """As the Cargo Book has it."""
    _, asked = look("crate", name, saying(b""))
    assert [request.url for request in asked] == [f"https://index.crates.io/{path}"]
