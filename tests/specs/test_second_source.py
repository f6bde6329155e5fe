"""Whether a second source knows a version, in whichever way it writes it, or a newer one."""

import pytest

from octobot.model.ids import Version
from octobot.model.package import Filters, Package, Transform, UpdateBlock
from octobot.model.release import Release
from octobot.specs.select.second_source import ahead, confirms

BLOCK = UpdateBlock(
    enabled=True,
    ignore_regex_patterns=("^[0-9.]+$",),
    filters=Filters(prefix="release-", strip_prefix="release-"),
)
PACKAGE = Package("hello", Version("1.0"), 0, "hello.yaml", BLOCK, None)


@pytest.mark.parametrize(
    ("version", "name"),
    [
        ("1.1", "1.1"),
        ("1.1", "v1.1"),
        ("1.1", "1.1.0"),
        ("1.1.0", "1.1"),
        ("2024.01.05", "2024.1.5"),
        ("1.0", "v1.0.0"),
        ("0", "0.0"),
        ("1.1_rc1", "1.1_rc1"),
    ],
)
def test_one_version_is_written_in_several_ways(version: str, name: str) -> None:
    """The tag filters and patterns are about tags, so they do not count here."""
    assert confirms(PACKAGE, Version(version), [Release("0.1"), Release(name)])


@pytest.mark.parametrize(
    "release",
    [
        Release("1.1", yanked=True),
        Release("1.1", draft=True),
        Release("1.1.1"),
        Release("1.10"),
        Release("11"),
        Release("1.1-rc1"),
        Release("release-1.1"),
    ],
)
def test_another_version_or_one_taken_back_does_not_confirm(release: Release) -> None:
    """Only this very version, and only while its publisher offers it."""
    assert not confirms(PACKAGE, Version("1.1"), [release])


def test_nothing_confirms_nothing() -> None:
    """An empty answer is no confirmation."""
    assert not confirms(PACKAGE, Version("1.1"), [])


def test_the_specs_own_transforms_are_tried() -> None:
    """A registry that writes as upstream's tags do is understood by the same rules."""
    block = UpdateBlock(version_separator="-", version_transform=(Transform(r"\+k3s", "."),))
    package = Package("k3s", Version("1.0"), 0, "k3s.yaml", block, None)
    assert confirms(package, Version("1.1.2"), [Release("v1.1+k3s2")])
    assert confirms(package, Version("1.1.2"), [Release("1-1-2")])


TAGS = [Release("release-1.0"), Release("release-0.9")]
TAGGED = Package(
    "hello",
    Version("1.0"),
    0,
    "hello.yaml",
    UpdateBlock(enabled=True, filters=Filters(prefix="release-1.", strip_prefix="release-")),
    None,
)


def shown(*names: str) -> list[Release]:
    """What a registry shows."""
    return [Release(name) for name in names]


def test_a_version_without_a_tag_is_ahead() -> None:
    """The newest of them, as the registry writes it."""
    assert ahead(TAGGED, TAGS, shown("1.0", "1.1", "1.2", "v1.3")) == "1.3"


@pytest.mark.parametrize(
    "names",
    [
        ["1.0"],
        ["1.0", "0.8"],
        ["1.0", "1.0.0"],
        ["1.0", "1.1rc1"],
        ["1.0", "2.0"],
        ["7.0", "8.0"],
        [],
    ],
    ids=["same", "older", "other spelling", "pre-release", "other stream", "other scheme", "none"],
)
def test_what_the_update_block_would_not_take_is_not_ahead(names: list[str]) -> None:
    """Nor is what cannot be compared: a registry that shares no version with the tags."""
    assert ahead(TAGGED, TAGS, shown(*names)) is None


def test_what_the_publisher_withdrew_is_not_ahead() -> None:
    """A yanked version and a draft count for nothing."""
    releases = [Release("1.0"), Release("1.1", yanked=True), Release("1.2", draft=True)]
    assert ahead(TAGGED, TAGS, releases) is None


def test_a_pattern_that_ignores_the_tag_ignores_the_registrys_version() -> None:
    """The block speaks of tags; a version counts when its tag would have counted."""
    block = UpdateBlock(
        enabled=True, ignore_regex_patterns=("1[.]5",), filters=TAGGED.update.filters
    )
    package = Package("hello", Version("1.0"), 0, "hello.yaml", block, None)
    assert ahead(package, TAGS, shown("1.0", "1.5")) is None
    assert ahead(package, TAGS, shown("1.0", "1.4", "1.5")) == "1.4"


def test_the_blocks_own_way_of_reading_is_tried_for_newer_ones_too() -> None:
    """Where the registry writes as upstream's tags do."""
    block = UpdateBlock(enabled=True, version_separator="-")
    package = Package("hello", Version("1.0.2"), 0, "hello.yaml", block, None)
    assert ahead(package, shown("1-0-2"), shown("1-0-2", "1-0-3")) == "1.0.3"
