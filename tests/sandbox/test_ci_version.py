"""The CI's own order of versions."""

from itertools import pairwise

import pytest

from octobot.sandbox.ci.version import key, order

ASCENDING = (
    "0.9",
    "0.10",
    "1.0.0_alpha1",
    "1.0.0_beta55",
    "1.0.0_pre2",
    "1.0.0_rc1",
    "1.0.0",
    "1.0.0_git20260105",
    "1.0.0_git20260203",
    "1.0.0_p2",
    "1.0.0.1",
    "1.05",
    "1.1",
    "1.1a",
    "1.9.17_p2",
    "1.9.17_p10",
    "2025.06.08",
    "2026",
)


@pytest.mark.parametrize(("older", "newer"), list(pairwise(ASCENDING)))
def test_each_version_is_older_than_the_next(older: str, newer: str) -> None:
    """The order is apk's: numbers by value, suffixes by their meaning."""
    left, right = key(older), key(newer)
    assert left is not None
    assert right is not None
    assert order(left) < order(right)
    assert not order(right) < order(left)


@pytest.mark.parametrize("text", ["", "v1.0", "1.0-rc1", "1.0$(id)", "1.0\n", "\uff11.0", "1..0"])
def test_what_is_no_version_has_no_place_in_the_order(text: str) -> None:
    """Text outside the grammar is refused, not ordered."""
    assert key(text) is None
