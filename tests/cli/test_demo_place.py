from pathlib import Path

import pytest

from octobot.cli.demo.place import place_for
from octobot.model.errors import UserError

SAMPLE = {"a.yaml": b"a"}


def test_a_demo_is_taken_up_again_where_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same distro has the same folder, another one has another."""
    monkeypatch.setenv("OCTOBOT_HOME", str(tmp_path))
    with place_for(SAMPLE, None) as first:
        (first / "x").touch()
    with place_for(SAMPLE, None) as again, place_for({"a.yaml": b"b"}, None) as other:
        assert (again / "x").exists()
        assert not (other / "x").exists()


def test_another_distro_s_demo_is_not_shown_for_this_one(tmp_path: Path) -> None:
    """Where somebody named the folder, it is refused with what to do."""
    with place_for(SAMPLE, tmp_path):
        pass
    with (
        pytest.raises(UserError, match="of another distro; give another --home"),
        place_for({"b.yaml": b"a"}, tmp_path),
    ):
        pass
    with place_for(SAMPLE, tmp_path):
        pass


def test_two_demos_do_not_share_a_folder(tmp_path: Path) -> None:
    """The second would work on the first one's database."""
    with (
        place_for(SAMPLE, tmp_path),
        pytest.raises(UserError, match="is running in"),
        place_for(SAMPLE, tmp_path),
    ):
        pass
