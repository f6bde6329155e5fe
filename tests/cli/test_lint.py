"""`octobot lint` as a person runs it."""

import json
from pathlib import Path

import jsonschema_rs
import pytest
from click.testing import CliRunner, Result

from octobot.__main__ import cli
from octobot.specs.lint.rules import RULES

SARIF = Path(__file__).parent / "sarif-2.1.0.json"

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
    assert line.startswith(f"{tmp_path}/bad.yaml:6: warning: disabled-without-reason: ")
    assert "exclude-reason" in line
    assert done.stderr == "2 specs, 1 finding: 1 warning\n"


def test_nothing_found_is_status_0(tmp_path: Path) -> None:
    """A named spec alone is looked at."""
    done = CliRunner().invoke(cli, ["lint", str(_distro(tmp_path)), "good"])
    assert (done.exit_code, done.stdout) == (0, "")


def test_json_has_every_part(tmp_path: Path) -> None:
    """For other tools: path, line, rule, severity, detail and remedy."""
    done = CliRunner().invoke(cli, ["lint", str(_distro(tmp_path)), "--json"])
    assert done.exit_code == 1
    (finding,) = json.loads(done.stdout)
    assert finding == {
        "path": "bad.yaml",
        "line": 6,
        "rule": "disabled-without-reason",
        "severity": "warning",
        "detail": "enabled is not true.",
        "remedy": "Add exclude-reason, or set enabled: true.",
    }


def test_an_unknown_name_is_said(tmp_path: Path) -> None:
    """A name without a spec is no silent success."""
    done = CliRunner().invoke(cli, ["lint", str(_distro(tmp_path)), "none"])
    assert done.exit_code == 1
    assert "no such spec" in str(done.exception)


NOTED = """\
package:
  name: noted
  version: "1.0"
  epoch: 0
pipeline:
  - uses: git-checkout
    with:
      repository: https://github.com/a/noted
      tag: v${{package.version}}
      expected-commit: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
update:
  enabled: true
  github:
    identifier: a/noted # of a
    strip-prefix: v
    tag-filter: v\r
"""


def _lint(*words: str | Path) -> Result:
    return CliRunner().invoke(cli, ["lint", *map(str, words)])


def test_notes_alone_are_no_failure(tmp_path: Path) -> None:
    """So that the command can be a gate: what works today does not stop a change."""
    (tmp_path / "noted.yaml").write_text(NOTED, newline="")
    done = _lint(tmp_path)
    assert done.exit_code == 0
    assert ":16: note: deprecated-tag-filter: " in done.stdout
    assert done.stderr == "1 spec, 1 finding: 1 note\n"


def test_rules_are_selected_and_ignored_by_name(tmp_path: Path) -> None:
    """Several with commas or by repeating the option; what is ignored does not fail either."""
    (_distro(tmp_path) / "noted.yaml").write_text(NOTED)
    one, other = "deprecated-tag-filter", "disabled-without-reason"
    assert _lint(tmp_path, "--select", one).stdout.count("\n") == 1
    assert _lint(tmp_path, "--select", f"{one},{other}").stdout.count("\n") == 2
    assert _lint(tmp_path, "--select", one, "--select", other).stdout.count("\n") == 2
    done = _lint(tmp_path, "--ignore", other)
    assert (done.exit_code, done.stdout.count("\n")) == (0, 1)
    assert _lint(tmp_path, "--select", one, "--ignore", one).stdout == ""


@pytest.mark.parametrize("option", ["--select", "--ignore"])
def test_an_unknown_rule_is_an_error_that_says_what_may_be_meant(
    tmp_path: Path, option: str
) -> None:
    """A gate with a misspelt name would let everything through, or nothing."""
    done = _lint(_distro(tmp_path), option, "insecure-source,own-tag-droped")
    assert done.exit_code == 2
    assert "there is no rule 'own-tag-droped'; did you mean own-tag-dropped?" in done.stderr


def test_fix_corrects_prints_and_is_done(tmp_path: Path) -> None:
    """One line changes, its end and comments included; a second run has nothing to do."""
    file = _distro(tmp_path) / "noted.yaml"
    file.write_bytes(NOTED.encode())
    file.chmod(0o640)
    before = {each.name: each.read_bytes() for each in tmp_path.iterdir()}
    done = _lint(tmp_path, "noted", "--fix")
    assert done.exit_code == 0
    assert done.stdout == (
        f"{file}:16: fixed: deprecated-tag-filter: tag-filter is tag-filter-prefix.\n"
    )
    after = before | {"noted.yaml": NOTED.encode().replace(b"tag-filter:", b"tag-filter-prefix:")}
    assert {each.name: each.read_bytes() for each in tmp_path.iterdir()} == after
    assert file.stat().st_mode & 0o777 == 0o640
    assert _lint(tmp_path, "noted", "--fix").stdout == ""
    assert {each.name: each.read_bytes() for each in tmp_path.iterdir()} == after


def test_fix_leaves_rules_that_are_not_wanted_and_standard_output_to_programs(
    tmp_path: Path,
) -> None:
    """Nothing is written for an ignored rule; JSON stays JSON."""
    file = tmp_path / "noted.yaml"
    file.write_bytes(NOTED.encode())
    assert _lint(file, "--fix", "--ignore", "deprecated-tag-filter").exit_code == 0
    assert file.read_bytes() == NOTED.encode()
    done = _lint(file, "--fix", "--format", "json")
    assert json.loads(done.stdout) == []
    assert "fixed: deprecated-tag-filter" in done.stderr


def test_github_shows_findings_at_their_lines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A workflow command for each, relative to the repository; nothing a spec says is another."""
    monkeypatch.chdir(tmp_path)
    specs = tmp_path / "specs"
    specs.mkdir()
    (_distro(specs) / "noted.yaml").write_text(NOTED)
    (specs / "100%,a:b.yaml").write_text('package:\n  name: "x%\\n::error::y"\n')
    done = _lint("specs", "--format", "github")
    assert [line.partition("::")[2].partition("::")[0] for line in done.stdout.splitlines()] == [
        "error file=specs/100%25%2Ca%3Ab.yaml,line=2,title=bad-spec",
        "warning file=specs/bad.yaml,line=6,title=disabled-without-reason",
        "notice file=specs/noted.yaml,line=16,title=deprecated-tag-filter",
    ]
    assert "x%25\\n::error::y" in done.stdout
    assert all(line.startswith("::") for line in done.stdout.splitlines())


def test_sarif_is_valid_by_its_schema(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With all rules and their levels; each result at its line, relative to the repository."""
    monkeypatch.chdir(tmp_path)
    (_distro(tmp_path) / "a b.yaml").write_text("package: [\n")
    report = json.loads(_lint(".", "--format", "sarif").stdout)
    assert not list(jsonschema_rs.validator_for(json.loads(SARIF.read_text())).iter_errors(report))
    (run,) = report["runs"]
    assert [each["id"] for each in run["tool"]["driver"]["rules"]] == [each.name for each in RULES]
    places = [each["locations"][0]["physicalLocation"] for each in run["results"]]
    assert [each["artifactLocation"]["uri"] for each in places] == ["a%20b.yaml", "bad.yaml"]
    assert [each["region"]["startLine"] for each in places] == [2, 6]
    assert [each["level"] for each in run["results"]] == ["error", "warning"]
    assert [RULES[each["ruleIndex"]].name for each in run["results"]] == [
        each["ruleId"] for each in run["results"]
    ]
