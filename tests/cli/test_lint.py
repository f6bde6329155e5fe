"""`octobot lint` as a person runs it."""

import json
from pathlib import Path

from click.testing import CliRunner

from octobot.__main__ import cli

GOOD = """\
package:
  name: good
  version: "1.0"
  epoch: 0
update:
  enabled: false
  exclude-reason: gone
  git: {}
"""
BAD = GOOD.replace("name: good", "name: bad").replace("  exclude-reason: gone\n", "")


def _distro(path: Path) -> Path:
    (path / "good.yaml").write_text(GOOD)
    (path / "bad.yaml").write_text(BAD)
    return path


def test_findings_are_lines_that_an_editor_can_follow(tmp_path: Path) -> None:
    """`PATH:LINE: rule: detail remedy`, and exit status 1."""
    done = CliRunner().invoke(cli, ["lint", str(_distro(tmp_path))])
    assert done.exit_code == 1
    (line,) = done.stdout.splitlines()
    assert line.startswith(f"{tmp_path}/bad.yaml:6: disabled-without-reason: ")
    assert "exclude-reason" in line
    assert done.stderr == "2 specs, 1 finding\n"


def test_nothing_found_is_status_0(tmp_path: Path) -> None:
    """A named spec alone is looked at."""
    done = CliRunner().invoke(cli, ["lint", str(_distro(tmp_path)), "good"])
    assert (done.exit_code, done.stdout) == (0, "")


def test_json_has_every_part(tmp_path: Path) -> None:
    """For other tools: path, line, rule, detail and remedy."""
    done = CliRunner().invoke(cli, ["lint", str(_distro(tmp_path)), "--json"])
    assert done.exit_code == 1
    (finding,) = json.loads(done.stdout)
    assert finding == {
        "path": "bad.yaml",
        "line": 6,
        "rule": "disabled-without-reason",
        "detail": "enabled is not true.",
        "remedy": "Add exclude-reason, or set enabled: true.",
    }


def test_an_unknown_name_is_said(tmp_path: Path) -> None:
    """A name without a spec is no silent success."""
    done = CliRunner().invoke(cli, ["lint", str(_distro(tmp_path)), "none"])
    assert done.exit_code == 1
    assert "no such spec" in str(done.exception)
