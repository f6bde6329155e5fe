"""Several check runs of one name: which of them count."""

import json
from dataclasses import replace
from datetime import timedelta
from itertools import permutations

import pytest

from octobot.model.attempts import newest_attempts
from octobot.model.config import Config
from octobot.model.pull_request import CheckRun, Conclusion, RequiredCheck, Workflow
from octobot.model.reasons import ReasonCode
from octobot.model.verdict import Outcome, Ruling, Snapshot
from octobot.policy.checks import only_skipped, required_checks_succeeded
from octobot.policy.config.read import read
from octobot.policy.simulate.simulate import FORM, Saved, load, save
from tests.policy.test_judge import ACTIONS, GOOD, NOW

CI, NIGHTLY = Workflow(1, "ci", "pull_request"), Workflow(2, "nightly", "pull_request")
PUSH = replace(CI, event="push")


def build(
    number: int,
    conclusion: Conclusion | None = "success",
    *,
    suite: int | None = None,
    workflow: Workflow | None = None,
    app: int = ACTIONS,
) -> CheckRun:
    """Make a run of the required check."""
    return CheckRun(
        number,
        "build",
        app,
        "completed" if conclusion else "in_progress",
        conclusion,
        url=f"https://github.com/distro/os/actions/runs/{suite}/job/{number}" if suite else "",
        suite=suite,
        workflow=workflow,
    )


def ruling(*runs: CheckRun, config: Config | None = None) -> Ruling:
    """Judge the required checks of these runs."""
    return required_checks_succeeded(snapshot(*runs, config=config))


def snapshot(*runs: CheckRun, config: Config | None = None) -> Snapshot:
    """Put these runs on the head."""
    return replace(GOOD, state=replace(GOOD.state, checks=runs), config=config or GOOD.config)


RED: Conclusion = "failure"
GREEN: Conclusion = "success"
CASES: tuple[tuple[str, tuple[CheckRun, ...], Outcome], ...] = (
    (
        "an older attempt of the workflow",
        (build(1, RED, suite=1, workflow=CI), build(2, GREEN, suite=2, workflow=CI)),
        Outcome.MERGE,
    ),
    (
        "a newer attempt of the workflow",
        (build(1, GREEN, suite=1, workflow=CI), build(2, RED, suite=2, workflow=CI)),
        Outcome.BLOCK,
    ),
    (
        "a first run that is run again after a second",
        (
            build(1, "cancelled", suite=1, workflow=CI),
            build(2, RED, suite=2, workflow=CI),
            build(3, GREEN, suite=1, workflow=CI),
        ),
        Outcome.MERGE,
    ),
    (
        "another workflow",
        (build(1, RED, suite=1, workflow=NIGHTLY), build(2, GREEN, suite=2, workflow=CI)),
        Outcome.BLOCK,
    ),
    (
        "another event",
        (build(1, RED, suite=1, workflow=PUSH), build(2, GREEN, suite=2, workflow=CI)),
        Outcome.BLOCK,
    ),
    (
        "another workflow that still runs",
        (build(1, None, suite=1, workflow=NIGHTLY), build(2, GREEN, suite=2, workflow=CI)),
        Outcome.WAIT,
    ),
    (
        "an unknown workflow beside a known one",
        (build(1, RED, suite=1), build(2, GREEN, suite=2, workflow=CI)),
        Outcome.BLOCK,
    ),
    ("two unknown suites", (build(1, RED, suite=1), build(2, GREEN, suite=2)), Outcome.BLOCK),
    (
        "two attempts in one suite",
        (build(1, RED, suite=1), build(2, GREEN, suite=1)),
        Outcome.MERGE,
    ),
    ("unknown suites", (build(1, RED), build(2, GREEN)), Outcome.BLOCK),
    (
        "another App's suite and workflow",
        (build(1, GREEN, suite=1, workflow=CI), build(2, RED, suite=1, workflow=CI, app=9)),
        Outcome.MERGE,
    ),
)


@pytest.mark.parametrize(
    ("runs", "outcome"), [case[1:] for case in CASES], ids=[c[0] for c in CASES]
)
def test_the_newest_attempt_of_each_workflow_counts(
    runs: tuple[CheckRun, ...], outcome: Outcome
) -> None:
    """In whatever order GitHub lists them."""
    assert {ruling(*order).outcome for order in permutations(runs)} == {outcome}


def test_every_app_counts_where_protection_names_none() -> None:
    """The newest of each."""
    runs = (build(1, RED, suite=1), build(2, GREEN, suite=2, workflow=CI), build(3, app=9, suite=3))
    any_app = replace(snapshot(*runs).state, required=(RequiredCheck("build"),))
    assert required_checks_succeeded(replace(GOOD, state=any_app)).outcome is Outcome.BLOCK


def test_two_jobs_of_one_run_with_one_name_both_count() -> None:
    """They ran side by side; a job that runs again starts after its first attempt."""
    began = replace(build(1, RED, suite=1, workflow=CI), started_at=NOW, completed_at=NOW)
    beside = replace(began, completed_at=NOW + timedelta(minutes=9))
    late = NOW + timedelta(minutes=5)
    second = replace(build(2, GREEN, suite=1, workflow=CI), started_at=late, completed_at=late)
    assert ruling(beside, second).outcome is Outcome.BLOCK
    assert ruling(began, second).outcome is Outcome.MERGE
    assert ruling(replace(beside, suite=2), second).outcome is Outcome.MERGE
    unfinished = replace(build(1, None, suite=1, workflow=CI), started_at=NOW)
    assert ruling(unfinished, second).outcome is Outcome.WAIT
    assert ruling(beside, replace(second, started_at=None)).outcome is Outcome.MERGE


def test_the_run_that_blocks_is_named() -> None:
    """With its workflow, number and page, and why the newer green one does not replace it."""
    red = build(1, "cancelled", suite=7, workflow=NIGHTLY)
    found = ruling(red, build(2, suite=8, workflow=CI))
    assert found.reason.detail == (
        f"build (App 15368): cancelled in workflow nightly (pull_request), run 1, {red.url};"
        " run 2 is newer and green, but of workflow ci (pull_request); /octobot retry runs it again"
    )
    assert found.pages == (red.url,)
    unknown = ruling(build(1, RED), build(2)).reason.detail
    assert unknown.startswith("build (App 15368): failure, run 1; run 2 is newer and green, but")
    assert "perhaps of another workflow" in unknown
    waiting = ruling(build(1, None, suite=1, workflow=NIGHTLY), build(2, suite=2, workflow=CI))
    assert "is in_progress in workflow nightly (pull_request), run 1" in waiting.reason.detail
    assert "newer" not in ruling(build(1), build(2, RED)).reason.detail


def test_an_accepted_conclusion_is_accepted_of_that_check_alone() -> None:
    """By name and App; no failure can be accepted, and a newer one is not hidden."""
    config = read("required-checks:\n  - {name: build, app: 15368, accept: [skipped]}\n")
    assert isinstance(config, Config)
    assert ruling(build(1, "skipped"), config=config).outcome is Outcome.MERGE
    assert ruling(build(1, "neutral"), config=config).outcome is Outcome.BLOCK
    assert ruling(build(1, "skipped")).outcome is Outcome.BLOCK
    hidden = build(1, "skipped", suite=1, workflow=CI), build(2, RED, suite=2, workflow=CI)
    assert ruling(*hidden, config=config).outcome is Outcome.BLOCK
    for app, name in ((9, "build"), (15368, "lint")):
        other = read(f"required-checks:\n  - {{name: {name}, app: {app}, accept: [skipped]}}\n")
        assert isinstance(other, Config)
        assert ruling(build(1, "skipped"), config=other).outcome is Outcome.BLOCK
    unfinished = replace(build(1, "skipped"), status="in_progress")
    assert ruling(unfinished, config=config).outcome is Outcome.WAIT


def test_what_was_skipped_is_no_failure_to_explain() -> None:
    """A failure beside it is."""
    assert only_skipped(snapshot(build(1, "skipped", suite=1), build(2, "neutral", suite=2)))
    assert not only_skipped(snapshot(build(1, "skipped", suite=1), build(2, RED, suite=2)))
    assert not only_skipped(snapshot(build(1)))
    assert ruling(build(1, "skipped")).reason.code is ReasonCode.CHECKS_FAILED


def test_nothing_is_lost_or_made_up() -> None:
    """What counts is among the runs, each once."""
    runs = tuple(build(n, suite=n % 3, workflow=CI if n % 2 else None) for n in range(9))
    assert len(set(newest_attempts(runs))) == len(newest_attempts(runs)) <= len(runs)
    assert newest_attempts(()) == ()


@pytest.mark.parametrize("form", [f"octobot pull request {n}" for n in (2, 3)])
def test_a_file_of_an_older_form_is_read_and_every_run_counts(form: str) -> None:
    """It does not say of which suite a run is, so nothing hides a red."""
    data = json.loads(save([snapshot(build(1, RED), build(2))]))
    data["form"] = form
    state = data["snapshots"][0]["state"]
    for run in state["checks"]:
        for name in ("suite", "workflow", "started_at", "completed_at"):
            del run[name]
    for check in state["required"]:
        del check["accept"]
    back = load(json.dumps(data))
    assert isinstance(back, Saved)
    assert required_checks_succeeded(back.snapshots[0]).outcome is Outcome.BLOCK
    assert not isinstance(load(json.dumps({**data, "form": FORM})), Saved)


def test_the_names_of_the_first_form_are_read() -> None:
    """The last look, its witness and the line that was stopped."""
    data = json.loads(save([GOOD]))
    data["form"] = "octobot pull request 1"
    memory = data["snapshots"][0]["memory"]
    look = memory.pop("final_check")
    look["witness"] = look.pop("second_source")
    memory["last_look"], memory["line_stopped"] = look, memory.pop("merging_halted")
    back = load(json.dumps(data))
    assert isinstance(back, Saved)
    assert back.snapshots[0].memory == GOOD.memory
