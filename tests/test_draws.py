"""What Hypothesis draws in the ordinary run is the same every time."""

import importlib
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

pytestmark = pytest.mark.skipif(
    bool(os.environ.get("OCTOBOT_TESTS_DRAW_ANEW")), reason="asked to draw anew"
)


def drawn() -> list[tuple[str, int]]:
    """List all that one property is tried with."""
    found: list[tuple[str, int]] = []

    @settings(max_examples=300)
    @given(st.text(), st.integers())
    def take(text: str, number: int) -> None:
        found.append((text, number))

    take()
    return found


def test_two_runs_draw_the_same() -> None:
    """No seed of the moment, no memory of earlier runs, no clock that ends or fails a test."""
    assert drawn() == drawn()
    assert settings().derandomize
    assert settings().database is None
    assert settings().deadline is None
    assert HealthCheck.too_slow in settings().suppress_health_check


def test_what_else_is_imported_changes_no_draw(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file with other literals, as every edit and every choice of tests brings one."""
    before = drawn()
    literals = [f"word number {number}" for number in range(500)]
    (tmp_path / "octobot_elsewhere.py").write_text(f"WORDS = {literals}\nNUMBER = 987654321\n")
    monkeypatch.syspath_prepend(tmp_path)
    importlib.import_module("octobot_elsewhere")
    assert drawn() == before
