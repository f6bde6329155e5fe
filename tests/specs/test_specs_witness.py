"""Whether a second source knows a version, in whichever way it writes it."""

import pytest

from octobot.model.ids import Version
from octobot.model.package import Filters, Package, Transform, UpdateBlock
from octobot.model.release import Release
from octobot.specs.witness import confirms

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
    """Only this very version, and only while its publisher stands by it."""
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
