import gzip
import io
import json
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner

from octobot.__main__ import cli
from octobot.cli.log_files import read_cases, read_log
from octobot.model.errors import UserError
from octobot.model.triage import CauseClass
from octobot.triage.evaluate import Case, evaluate
from octobot.triage.log.budget import TOKENS

LOGS = Path(__file__).parents[2] / "fixtures" / "logs"
BROKEN = (
    "+ make\na.c:1:10: fatal error: zlib.h: No such file or directory\nmake: *** [a.o] Error 1\n"
)


def test_the_rules_reach_their_aims() -> None:
    """Over all logs, and over those alone that were written after the rules were done."""
    found = evaluate(read_cases(LOGS))
    assert found.good
    assert found.of("held-out").good
    assert len(found.scores) >= 40
    assert len(found.of("held-out").scores) >= 12
    assert found.most_tokens <= TOKENS
    assert {score.case.kind for score in found.scores} >= set(CauseClass) - {CauseClass.UNKNOWN}


def test_an_evaluation_can_fail() -> None:
    """A wrong class and a line that is not kept are counted; no logs at all is no success."""
    right = Case("a", BROKEN, CauseClass.HEADER_MISSING, 2)
    wrong = Case("b", BROKEN, CauseClass.DISK_FULL, 99)
    found = evaluate([right, wrong])
    assert (found.lines, found.classes, found.good) == (0.5, 0.5, False)
    assert evaluate([right]).good
    assert not evaluate([]).good


def test_triage_reads_a_log_in_every_form(tmp_path: Path) -> None:
    """Plain, gzipped, zipped, from standard input: the same answer."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as zipped:
        zipped.writestr("0_build.txt", BROKEN)
        zipped.writestr("build/1_step.txt", "only a part")
    for name, data in {
        "plain.log": BROKEN.encode(),
        "packed.log.gz": gzip.compress(BROKEN.encode()),
        "run.zip": archive.getvalue(),
    }.items():
        (tmp_path / name).write_bytes(data)
        done = CliRunner().invoke(cli, ["triage", str(tmp_path / name)])
        assert done.exit_code == 0, name
        assert "header-missing: The header zlib.h is missing" in done.output
        assert "add zlib-dev to environment.contents.packages" in done.output
    done = CliRunner().invoke(cli, ["triage", "-"], input=BROKEN)
    assert "header-missing" in done.output


def test_triage_shows_the_edit_of_a_spec(tmp_path: Path) -> None:
    """The diff; and what does not exist among the specs beside it is not proposed."""
    spec = "package:\n  name: foo\n  version: 1.0\n  epoch: 0\n"
    contents = "environment:\n  contents:\n    packages:\n      - busybox\n"
    (tmp_path / "foo.yaml").write_text(f"{spec}{contents}pipeline:\n  - runs: make\n")
    (tmp_path / "build.log").write_text(BROKEN)
    command = ["triage", str(tmp_path / "build.log"), "--spec", str(tmp_path / "foo.yaml")]
    assert "zlib-dev" not in CliRunner().invoke(cli, command).output

    (tmp_path / "zlib.yaml").write_text(
        "package:\n  name: zlib\nsubpackages:\n  - name: ${{package.name}}-dev\n"
    )
    assert "+      - zlib-dev" in CliRunner().invoke(cli, command).output

    told = json.loads(CliRunner().invoke(cli, [*command, "--json"]).output)
    assert told["class"] == "header-missing"
    assert told["line"] == 2
    assert told["fixes"] == [{"kind": "AddBuildPackage", "name": "zlib-dev"}]
    assert "+      - zlib-dev" in told["diff"]


def test_triage_says_by_its_status_that_it_found_nothing(tmp_path: Path) -> None:
    """Nothing found: 1; an evaluation below its aims: 1; nonsense: 2."""
    (tmp_path / "causes.json").write_text(
        json.dumps({"a": {"class": "disk-full", "line": 1, "step": ""}})
    )
    (tmp_path / "a.log").write_text("all is well\n")
    run = CliRunner().invoke
    assert run(cli, ["triage", str(tmp_path / "a.log")]).exit_code == 1
    assert run(cli, ["triage", "--evaluate", str(tmp_path)]).exit_code == 1
    assert run(cli, ["triage"]).exit_code == 2
    done = run(cli, ["triage", "--evaluate", str(LOGS)])
    assert done.exit_code == 0
    assert "all of held-out" in done.output


def test_what_is_no_log_is_said(tmp_path: Path) -> None:
    """A remedy in one line, never a traceback."""
    with pytest.raises(UserError, match="cannot be read"):
        read_log(str(tmp_path / "missing"))
    (tmp_path / "x.zip").write_bytes(b"PK\x03\x04 and no more")
    with pytest.raises(UserError, match="not an archive"):
        read_log(str(tmp_path / "x.zip"))
    (tmp_path / "x.gz").write_bytes(b"\x1f\x8b and no more")
    with pytest.raises(UserError, match="not a gzipped log"):
        read_log(str(tmp_path / "x.gz"))
    (tmp_path / "a.log").write_text("a log")
    (tmp_path / "causes.json").write_text('{"a": {"class": "no such class"}}')
    with pytest.raises(UserError, match="not a table of labels"):
        read_cases(tmp_path)
