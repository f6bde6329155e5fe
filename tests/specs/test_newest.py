"""The newest version among an upstream's releases."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from octobot.model.ids import Sha, Version
from octobot.model.package import Filters, Package, Transform, UpdateBlock, Upstream
from octobot.model.reasons import Reason, ReasonCode
from octobot.model.release import Dropped, Release, Selection
from octobot.specs.read.package import read
from octobot.specs.select.newest import newest
from tests.specs.bumping import HELLO, NEW, OLD, SPEC, release

UPSTREAM = Upstream("github", "example/hello", "tags")


def _package(block: UpdateBlock, upstream: Upstream = UPSTREAM) -> Package:
    return Package("hello", Version("1.2.3"), 0, "hello.yaml", block, upstream)


def _choose(block: UpdateBlock, *names: str) -> Selection:
    selection = newest(_package(block), [release(name) for name in names])
    assert isinstance(selection, Selection)
    return selection


def _version(block: UpdateBlock, *names: str) -> str | None:
    chosen = _choose(block, *names).newest
    return chosen.version if chosen else None


def test_nothing_selects_nothing() -> None:
    """An upstream that shows nothing has no newest version."""
    assert _choose(UpdateBlock()) == Selection(None)


def test_the_order_decides_not_the_upstream() -> None:
    """9.10 is newer than 9.9, in any order; the rest is kept, newest first."""
    selection = _choose(UpdateBlock(), "9.9", "9.10", "9.8")
    assert selection.newest is not None
    assert selection.newest.version == "9.10"
    assert [candidate.version for candidate in selection.unchosen] == ["9.9", "9.8"]


@pytest.mark.parametrize(
    ("block", "names", "version"),
    [
        (
            UpdateBlock(filters=Filters(prefix="v10.0.1", strip_prefix="v")),
            ["v10.0.111"],
            "10.0.111",
        ),
        (
            UpdateBlock(filters=Filters(prefix="go1.26", strip_prefix="go")),
            ["go1.25.9", "go1.26.1"],
            "1.26.1",
        ),
        (UpdateBlock(filters=Filters(contains="+k3s")), ["1.0", "2.0+k3s1"], None),
        (
            UpdateBlock(
                filters=Filters(contains="+k3s", strip_prefix="v"),
                version_transform=(Transform(r"\+k3s(\d+)$", ".$1"),),
            ),
            ["v1.36.2+k3s1", "v9"],
            "1.36.2.1",
        ),
        (
            UpdateBlock(
                filters=Filters("jdk8u", "-b", "jdk", "-ga"),
                version_transform=(Transform("u", "."),),
            ),
            ["jdk8u412-b08-ga", "jdk8u412-ga", "jdk9-b1-ga"],
            None,
        ),
        (UpdateBlock(version_separator="-"), ["2026-08-22"], "2026.08.22"),
        (UpdateBlock(filters=Filters(strip_prefix="release ")), ["release 1.9"], "1.9"),
        (UpdateBlock(ignore_regex_patterns=("^9",)), ["9.0", "1.9.0"], "1.9.0"),
        (UpdateBlock(ignore_regex_patterns=("-",), version_separator="-"), ["1-2"], None),
        (UpdateBlock(ignore_regex_patterns=(".*",)), ["1.0"], None),
        (
            UpdateBlock(version_transform=(Transform(r"^(\d+)\.(\d+)$", "$1_beta$2"),)),
            ["55.3"],
            "3",
        ),
        (
            UpdateBlock(),
            ["2.0-RC1", "2.0rc1", "2.0beta", "2.0_alpha1", "2.0-preview", "1.0"],
            "1.0",
        ),
        (UpdateBlock(enable_prerelease_tags=True), ["2.0_alpha1", "1.0"], "2.0_alpha1"),
    ],
)
def test_the_stages_follow_one_another(
    block: UpdateBlock, names: list[str], version: str | None
) -> None:
    """Filter, strip, ignore, separate, pre-release words, transform, grammar: in this order."""
    assert _version(block, *names) == version


def test_each_dropped_release_has_its_stage() -> None:
    """Nothing is lost without a word, and nothing takes the others with it."""
    block = UpdateBlock(
        ignore_regex_patterns=("^3",), filters=Filters(prefix="v", strip_prefix="v")
    )
    releases = [
        Release("v1", draft=True),
        Release("v2", prerelease=True),
        Release("x1"),
        Release("v3"),
    ]
    hostile = ["v4rc1", "v1.0$(id)", "v1${{package.name}}", "v" + "9" * 10_000, "v１"]  # noqa: RUF001
    selection = newest(
        _package(replace(block, ignore_regex_patterns=("^3",))),
        [
            *releases,
            *(Release(name) for name in hostile),
            Release("v0.9"),
        ],
    )
    assert isinstance(selection, Selection)
    assert selection.newest is not None
    assert selection.newest.version == "0.9"
    assert [dropped.because for dropped in selection.dropped] == [
        "draft",
        "pre-release",
        "tag filter",
        "ignore pattern",
        "pre-release word",
        "not a version",
        "not a version",
        "name too long",
        "not a version",
    ]
    assert len(selection.dropped[-2].name) < 100


@pytest.mark.parametrize("pattern", ["(?=x)", "(", "a" * 2000])
def test_a_bad_pattern_is_a_reason(pattern: str) -> None:
    """A pattern that is not RE2 stops this package, by name."""
    for block in (
        UpdateBlock(ignore_regex_patterns=(pattern,)),
        UpdateBlock(version_transform=(Transform(pattern, ""),)),
    ):
        reason = newest(_package(block), [])
        assert isinstance(reason, Reason)
        assert reason.code is ReasonCode.INVALID_REGEX


def _following(version: str) -> Package:
    head, _, _ = SPEC.partition("  github:")
    text = head.replace("tag: v${{package.version}}", "branch: main") + "  git: {}\n"
    package = read("hello.yaml", text.replace("1.2.3", version))
    assert isinstance(package, Package)
    assert package.upstream == Upstream("git", HELLO, "branch", "main")
    return package


def test_a_branch_that_moved_returns_its_date() -> None:
    """The spec's own base stays, whether it has a date yet or not."""
    day = datetime(2026, 8, 22, 23, 59, tzinfo=UTC)
    for version, expected in {
        "0_git20260821": "0_git20260822",
        "1.3.7_git20250101": "1.3.7_git20260822",
        "2.2.5": "2.2.5_git20260822",
    }.items():
        selection = newest(_following(version), [release("main", committed=day, commit=NEW)])
        assert isinstance(selection, Selection)
        assert selection.newest is not None
        assert selection.newest.version == expected


def test_a_branch_that_did_not_move_keeps_the_spec_s_version() -> None:
    """An unchanged commit is no new version, whatever its date."""
    day = datetime(2026, 8, 22, tzinfo=UTC)
    package = _following("0_git20260101")
    selection = newest(package, [release("main", committed=day, commit=OLD)])
    assert isinstance(selection, Selection)
    assert selection.newest is not None
    assert selection.newest.version == package.version


def test_a_head_without_a_date_is_dropped() -> None:
    """A version cannot be made of nothing."""
    selection = newest(_following("0"), [Release("main", Sha(NEW))])
    assert selection == Selection(None, (Dropped("main", "no commit or no commit date"),))
