"""How far a version goes."""

import pytest

from octobot.model.ids import Version
from octobot.specs.select.jump import between, jump
from tests.specs.bumping import SPEC


@pytest.mark.parametrize(
    ("before", "after", "size", "steps", "scheme"),
    [
        ("1.2.3", "1.2.4", "patch", 0, ""),
        ("1.2.3", "1.3.0", "minor", 0, ""),
        ("1.2.3", "2.0", "major", 1, ""),
        ("1.2", "1.2.1", "patch", 0, ""),
        ("1", "1.0.1", "patch", 0, ""),
        ("1", "1.1", "minor", 0, ""),
        ("1.1a", "1.1b", "patch", 0, ""),
        ("2.7.2", "4.0.0", "major", 2, ""),
        ("0.38.1", "25.08.0", "major", 25, ""),
        ("1.0", "99999", "major", 99998, ""),
        ("0_git20260821", "0_git20260822", "patch", 0, ""),
        # running numbers
        ("694", "701", "major", 0, ""),
        ("9067", "9129", "major", 0, ""),
        ("25", "27", "major", 0, ""),
        ("7", "17", "major", 0, ""),
        ("7", "18", "major", 11, ""),
        ("306", "99999", "major", 99693, ""),
        # dates
        ("2024.1", "2024.2", "minor", 0, ""),
        ("2024.1", "2025.1", "major", 1, ""),
        ("20240722.0", "20250127.0", "major", 1, ""),
        ("20260810.1", "20260817.3", "minor", 0, ""),
        ("20230507", "20260801", "major", 3, ""),
        ("2024.12.1", "20250101", "major", 1, ""),
        # another way of numbering (row 57)
        ("2024.1", "3000.0", "major", 976, "date to plain"),
        ("1.0", "20240101", "major", 20240100, "plain to date"),
        ("643", "2024.1", "major", 1381, "running to date"),
        ("1.0", "20241301", "major", 20241300, ""),  # no month has this number
        ("1.0", "1899.1", "major", 1898, ""),
    ],
)
def test_versions_are_compared(before: str, after: str, size: str, steps: int, scheme: str) -> None:
    """Size, steps and scheme follow from the numbers alone."""
    found = between(Version(before), Version(after))
    assert (found.size, found.steps, found.scheme) == (size, steps, scheme)


def test_the_texts_show_the_versions() -> None:
    """Both sides are read as specs; what cannot be read has no answer."""
    found = jump("hello.yaml", SPEC, SPEC.replace("1.2.3", "1.3.0"))
    assert found
    assert (found.before, found.after, found.size) == ("1.2.3", "1.3.0", "minor")
    assert jump("hello.yaml", SPEC, "version: [") is None
    assert jump("hello.yaml", "", SPEC) is None
    assert jump("hello.yaml", SPEC, SPEC.replace("1.2.3", "1.2.3-$(id)")) is None
