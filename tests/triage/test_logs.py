import json
from pathlib import Path
from typing import Any

import pytest

from octobot.cli.log_files import read_cases
from octobot.model.pull_request import CheckRun, FailedCheck
from octobot.model.triage import Diagnosis
from octobot.triage.evaluate import Case
from octobot.triage.log.excerpt import KEEP
from octobot.triage.log.lines import LIMIT
from octobot.triage.log.triage import LogTriage

LOGS = Path(__file__).parents[2] / "fixtures" / "logs"
STEPS: dict[str, dict[str, Any]] = json.loads((LOGS / "causes.json").read_text())
CASES = read_cases(LOGS)


def diagnose(log: str, *live: str) -> Diagnosis:
    """Diagnose a log of a check named build."""
    check = CheckRun(7, "build", 15368, "completed", "failure", "https://ci.example/7")
    return LogTriage(lambda: live).diagnose(FailedCheck(check, log))


def test_every_log_has_its_label() -> None:
    """A log without a known cause would prove nothing."""
    logs = {path.name.partition(".")[0] for path in LOGS.glob("*.log*")}
    assert logs == {case.name for case in CASES}


@pytest.mark.parametrize(
    "case", [c for c in CASES if c.made == "rules"], ids=lambda case: case.name
)
def test_the_cause_is_found_where_the_rules_were_made_with_it(case: Case) -> None:
    """The true class, the decisive line and the failing step, among few numbered lines."""
    lines = case.log.split("\n")

    found = diagnose(case.log)

    assert found.why.kind is case.kind
    assert found.why.title
    assert found.step == STEPS[case.name]["step"]
    assert case.line in [line.number for line in found.lines]
    assert 2 <= len(found.lines) <= KEEP
    assert all(line.text.strip("…") in lines[line.number - 1] for line in found.lines)
    assert [line.number for line in found.lines] == sorted(line.number for line in found.lines)
    assert found.why.line in found.lines
    assert found.fingerprint


def test_timestamps_marks_and_colours_are_gone() -> None:
    """A person reads the words, not the runner's dressing."""
    found = diagnose(
        "2026-08-22T10:00:00.1234567Z ##[group]Run make\n"
        "2026-08-22T10:00:01.0000000Z \x1b[36;1mmake\x1b[0m\n"
        "2026-08-22T10:00:02.0000000Z \x1b[31ma.c:1:2: error:\x1b[0m \u200bno \x07such thing\n"
        "2026-08-22T10:00:03.0000000Z 2026/08/22 10:00:03 ERRO failed: exit status 2\n"
        "2026-08-22T10:00:03.5000000Z ##[error]Process completed with exit code 2.\n"
        "2026-08-22T10:00:04.0000000Z Post job cleanup, fatal: error: nothing\n"
    )
    assert found.step == "Run make"
    assert found.cause == "a.c:1:2: error: no such thing"
    assert [line.text for line in found.lines] == [
        "Run make",
        "make",
        "a.c:1:2: error: no such thing",
        "failed: exit status 2",
        "Process completed with exit code 2.",
        "Post job cleanup, fatal: error: nothing",
    ]


def test_an_unknown_error_of_melange_is_taken_at_its_word() -> None:
    """A line that melange itself calls an error is the cause when nothing weighs more."""
    found = diagnose(
        "2026-08-22T10:00:00Z ##[group]Version\n"
        "2026-08-22T10:00:01Z 2026/08/22 10:00:01 INFO version 1.2.3\n"
        "2026-08-22T10:00:02Z 2026/08/22 10:00:02 ERROR the planets do not align\n"
        "2026-08-22T10:00:03Z ##[group]Sources\n"
        "2026-08-22T10:00:04Z 2026/08/22 10:00:04 INFO fine\n"
        "2026-08-22T10:00:05Z ##[error]Process completed with exit code 1.\n"
    )
    assert (found.step, found.cause) == ("Version", "the planets do not align")


def test_the_traced_command_names_the_step_when_nothing_else_does() -> None:
    """`set -x` is all that a bare script leaves."""
    found = diagnose("+ ./configure\nchecking for error... no\n+ make\nx.c:1: error: no\n")
    assert (found.step, found.cause) == ("make", "x.c:1: error: no")


@pytest.mark.parametrize("log", ["", "\n\n", "\r\n"])
def test_an_empty_log_says_nothing(log: str) -> None:
    """No invention: no step, no cause, no lines."""
    found = diagnose(log)
    assert (found.check, found.url) == ("build", "https://ci.example/7")
    assert (found.step, found.cause, found.lines) == ("", "", ())


def test_a_silent_failure_shows_the_end_of_the_log() -> None:
    """When no line is conspicuous the last lines are shown, and no cause is named."""
    found = diagnose("".join(f"line {n}\n" for n in range(1, 200)) + "##[error]exit code 1\n")
    assert found.cause == ""
    assert [line.number for line in found.lines] == list(range(186, 201))


def test_a_huge_log_is_cut_at_its_head_and_keeps_its_numbers() -> None:
    """Only the last 2 MiB are looked at; the numbers are still those of the whole log."""
    fine, count = "all is well " * 20 + "\n", LIMIT // 240
    log = "a.c:9:9: error: long ago\n" * 1000 + fine * count + "b.c:1:1: error: just now\n"
    found = diagnose(log)
    assert found.cause == "b.c:1:1: error: just now"
    assert found.lines[-1].number == 1000 + count + 1
    assert not any("long ago" in line.text for line in found.lines)


def test_the_same_error_a_thousand_times_is_shown_once() -> None:
    """Lines of one shape count as one, so that other errors have room."""
    noise = "".join(f"x{n}.c:{n}:1: error: unknown type '{n}'\n" for n in range(1000))
    found = diagnose(noise + "/usr/bin/ld: cannot find -lfoo\nmake: *** [all] Error 1\n")
    assert any("cannot find -lfoo" in line.text for line in found.lines)
    assert len(found.lines) <= 12


@pytest.mark.parametrize(
    "line",
    ["x" * 1_000_000, "error " * 100_000, "eyJ" * 300_000, "-----BEGIN PRIVATE KEY-----" * 9000],
    ids=["long", "errors", "tokens", "keys"],
)
def test_absurd_lines_are_read_too(line: str) -> None:
    """A line of a megabyte neither hangs nor floods."""
    found = diagnose(f"{line}\n##[error]Process completed with exit code 1.\n")
    assert all(len(shown.text) <= 300 for shown in found.lines)
