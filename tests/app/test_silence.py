"""What commands print when they find nothing: silence would look like good news."""

from pathlib import Path

import pytest

from octobot.cli.audit import audit
from octobot.cli.policy.simulate import simulate
from octobot.cli.why import why
from octobot.model.ids import InstallationId, Repository, RepositoryId, Watched
from octobot.settings import read_settings
from octobot.store.store import Store

Captured = pytest.CaptureFixture[str]


async def test_asking_the_wrong_database_is_reported(
    store: Store, database_url: str, capsys: Captured
) -> None:
    """An unknown package is named with what is watched, or where to look when nothing is."""
    settings = read_settings({"OCTOBOT_DATABASE_URL": database_url})
    assert not await why(settings, "zlib")
    assert "it watches nothing: are OCTOBOT_DATABASE_URL and" in capsys.readouterr().err
    here = Watched(InstallationId(1), RepositoryId(2), Repository("sample", "distro"), "main")
    await store.repositories.set_watched([here])
    assert not await why(settings, "zlib")
    assert "'zlib'; it watches sample/distro" in capsys.readouterr().err


@pytest.mark.usefixtures("store")
async def test_an_empty_log_says_so(database_url: str, capsys: Captured) -> None:
    """On standard error, so that a collector of JSON lines gets none."""
    await audit(read_settings({"OCTOBOT_DATABASE_URL": database_url}), None, as_json=True)
    assert capsys.readouterr() == ("", "no commands\n")


def test_a_fault_of_a_saved_pull_request_names_its_file(tmp_path: Path, capsys: Captured) -> None:
    """The place inside alone says little to whoever has several."""
    file = tmp_path / "PR.json"
    file.write_text("")
    assert simulate(str(file), config=None, as_json=False) == 2
    assert capsys.readouterr().err.startswith(f"{file}: $: not valid JSON")
