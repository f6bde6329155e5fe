"""What `deploy/` and pre-commit offer of the lint, run as GitHub and pre-commit run it."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from octobot.__main__ import cli

ROOT = Path(__file__).parents[2]
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "deploy/lint-action/action.yml").read_text())
HOOKS = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
GOOD = """\
package:
  name: good
  version: "1.0"
  epoch: 0
update:
  enabled: false
  exclude-reason: gone
"""


def _lint(folder: Path, **inputs: str) -> subprocess.CompletedProcess[str]:
    """Run the action's last step as a runner does, with this octobot in place of a new one."""
    step = ACTION["runs"]["steps"][-1]
    temporary = folder / "temporary"
    (temporary / "octobot/bin").mkdir(parents=True)
    (temporary / "octobot/bin/octobot").symlink_to(Path(sys.executable).with_name("octobot"))
    given = {name: str(each["default"]) for name, each in ACTION["inputs"].items()} | inputs
    env = {
        key: given[value[len("${{ inputs.") : -len(" }}")]] for key, value in step["env"].items()
    }
    return subprocess.run(  # noqa: S603  (our own script)
        ["bash", "-eo", "pipefail", "-c", step["run"]],  # noqa: S607  (whatever bash this machine has)
        cwd=folder,
        env={**os.environ, **env, "RUNNER_TEMP": str(temporary)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_action_shows_findings_and_fails(tmp_path: Path) -> None:
    """At their lines, relative to the repository; a file with nothing to find is no failure."""
    (tmp_path / "bad.yaml").write_text(GOOD.replace("good", "bad").replace("gone", '""'))
    (tmp_path / "good.yaml").write_text(GOOD)
    done = _lint(tmp_path)
    assert done.returncode == 1
    assert done.stdout.startswith("::warning file=bad.yaml,line=6,title=disabled-without-reason::")


@pytest.mark.parametrize(
    ("inputs", "status"),
    [
        ({"names": "good"}, 0),
        ({"ignore": "disabled-without-reason"}, 0),
        ({"select": "insecure-source,bad-spec"}, 0),
        ({"path": "$(touch pwned)"}, 2),
        ({"names": "good; touch pwned"}, 2),
        ({"path": "--help"}, 2),
    ],
)
def test_the_action_s_inputs_are_words_and_never_script(
    tmp_path: Path, inputs: dict[str, str], status: int
) -> None:
    """Whoever fills an input in from a pull request gets at most a wrong name."""
    (tmp_path / "bad.yaml").write_text(GOOD.replace("good", "bad").replace("gone", '""'))
    (tmp_path / "good.yaml").write_text(GOOD)
    assert _lint(tmp_path, **inputs).returncode == status
    assert not (tmp_path / "pwned").exists()


def test_the_action_writes_a_report(tmp_path: Path) -> None:
    """For `upload-sarif`, in a file."""
    (tmp_path / "good.yaml").write_text(GOOD)
    done = _lint(tmp_path, format="sarif", output="report.sarif")
    assert (done.returncode, done.stdout) == (0, "")
    assert '"version": "2.1.0"' in (tmp_path / "report.sarif").read_text()


@pytest.mark.parametrize("hook", HOOKS, ids=lambda hook: str(hook["id"]))
def test_pre_commit_s_hooks_take_the_specs_and_nothing_else(
    hook: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are given the names of changed files, several at a time."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "good.yaml").write_text(GOOD)
    (tmp_path / "other.yaml").write_text(GOOD.replace("name: good", "name: other"))
    changed = [
        "good.yaml",
        "other.yaml",
        "pipelines/x.yaml",
        ".pre-commit-config.yaml",
        "README.md",
    ]
    files = [name for name in changed if re.search(hook["files"], name)]
    assert files == ["good.yaml", "other.yaml"]
    program, *words = hook["entry"].split()
    assert program == "octobot"
    done = CliRunner().invoke(cli, [*words, *files])
    assert (done.exit_code, done.stderr) == (0, "2 specs, 0 findings\n")
