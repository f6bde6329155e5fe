import json
from collections.abc import Callable
from dataclasses import is_dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest

from octobot.model.config import Config, PackageRule
from octobot.model.json_codec import to_json
from octobot.model.orders import Issued, Waiver
from octobot.model.pull_request import CommitStatus, Objection
from octobot.model.reasons import Reason, ReasonCode, Where
from octobot.model.verdict import FinalCheck, Outcome, Snapshot, Urgency
from octobot.policy.config.example import EXAMPLE as FILE
from octobot.policy.config.read import read
from octobot.policy.judge import judge, judge_change
from octobot.policy.simulate.example import EXAMPLE
from octobot.policy.simulate.simulate import FORM, LIMIT, Saved, load, save, under
from tests.policy.test_judge import GOOD

CASES = Path(__file__).parents[3] / "shared" / "cases"
CASE = CASES / "same-name-two-suites" / "pr.json"
BROKEN = Reason(ReasonCode.BAD_CONFIG, "no \U0001f600 \ud800", Where("f.yaml", 3))


def variants() -> tuple[Snapshot, ...]:
    """Return snapshots that use every kind of value between them."""
    config = read(FILE)
    assert isinstance(config, Config)
    look = FinalCheck(pins=BROKEN, second_source=None, overrides=BROKEN)
    urgent = replace(GOOD.memory, final_check=look, urgency=Urgency(("CVE-1",), "pypi x"))
    status = CommitStatus("legal", 7, "pending")
    return (
        GOOD,
        EXAMPLE,
        replace(GOOD, config=replace(config, fault=BROKEN), memory=urgent),
        replace(GOOD, config=BROKEN, jump=None, unexpected=("package.name",)),
        replace(GOOD, memory=replace(GOOD.memory, proposed=None, observation=None, tag_now=None)),
        replace(GOOD, state=replace(GOOD.state, statuses=(status,), commits=(), checks=())),
        replace(GOOD, config=Config(minimum_release_age=timedelta(seconds=90))),
        replace(GOOD, state=replace(GOOD.state, objections=(Objection(5, "ann"),))),
    )


def test_what_is_saved_is_read_as_it_was() -> None:
    """Every fact, and so the verdict: one at a time, and as a group's."""
    for one in variants():
        back = load(save([one]))
        assert isinstance(back, Saved)
        assert back.snapshots == (one,)
        assert judge(back.snapshots[0]) == judge(one)
    together = load(save(variants()))
    assert isinstance(together, Saved)
    assert judge_change(together.snapshots) == judge_change(variants())


def test_the_example_waits_for_its_age_alone() -> None:
    """Everything else speaks for the merge."""
    verdict = judge(EXAMPLE)
    assert verdict.reason.code is ReasonCode.MINIMUM_RELEASE_AGE
    assert [each.rule for each in verdict.rulings if each.outcome is not Outcome.MERGE] == ["age"]
    later = replace(EXAMPLE, now=EXAMPLE.now + timedelta(hours=4))
    assert judge(later).outcome is Outcome.MERGE


def everywhere(data: object, path: str = "$") -> list[tuple[str, dict[str, Any], str]]:
    """Return the place, the object and the key of every field."""
    found = []
    if isinstance(data, dict):
        for key, value in data.items():
            found += [(f"{path}.{key}", data, key), *everywhere(value, f"{path}.{key}")]
    elif isinstance(data, list):
        for number, item in enumerate(data):
            found += everywhere(item, f"{path}[{number}]")
    return found


def test_no_fact_may_be_left_out() -> None:
    """Not one: what is missing must not count as a good one."""
    for one in variants():  # alone: reading all of them for each fact of one takes a while
        data = json.loads(save([one]))
        for path, holder, key in everywhere(data):
            kept = holder.pop(key)
            faults = load(json.dumps(data))
            assert not isinstance(faults, Saved), path
            assert any(path in fault or path.rpartition(".")[0] in fault for fault in faults), path
            holder[key] = kept
        assert isinstance(load(json.dumps(data)), Saved)


def test_no_fact_may_be_of_another_kind() -> None:
    """A truth is no number, a number no text, and null only where it means something."""
    data = json.loads(save([variants()[2]]))
    for path, holder, key in everywhere(data):
        kept = holder[key]
        text, truth = isinstance(kept, str), isinstance(kept, bool)
        others = [] if kept is None else [7 if text else "\u2603", *([] if truth else [True])]
        for wrong in ({"x": 1}, 1.5, *others):
            holder[key] = wrong
            assert not isinstance(load(json.dumps(data)), Saved), (path, wrong)
        holder[key] = kept


Edit = Callable[[Any], None]


@pytest.mark.parametrize(
    ("edit", "fault"),
    [
        (lambda s: s.update(sate=1), "$.snapshots[0].sate: is not known; did you mean state?"),
        (lambda s: s.update(zzz=1), "$.snapshots[0].zzz: is not known; known: watched, state,"),
        (
            lambda s: s.update({"\ud800": 1}),
            "$.snapshots[0]: has a name that is no text; known: wa",
        ),
        (lambda s: s.pop("jump"), "$.snapshots[0].jump: is missing; add an object or null"),
        (lambda s: s.pop("unexpected"), "$.snapshots[0].unexpected: is missing; add a list"),
        (lambda s: s.pop("bot"), "$.snapshots[0].bot: is missing; add a whole number"),
        (lambda s: s.pop("now"), "$.snapshots[0].now: is missing; add a moment"),
        (
            lambda s: s["config"].pop("minimum_release_age"),
            "minimum_release_age: is missing; add a duration such as 90m, 24h or 7d or an object",
        ),
        (
            lambda s: s["config"].pop("merge_by"),
            "config.merge_by: is missing; add 'api' or 'queue' or 'auto'",
        ),
        (lambda s: s["config"].update(paused=1), "$.snapshots[0].config.paused: expected true"),
        (lambda s: s.update(now="2026-01-01"), "expected a moment with its zone"),
        (lambda s: s.update(now="yesterday"), "expected a moment with its zone"),
        (lambda s: s.update(unexpected={}), "$.snapshots[0].unexpected: expected a list"),
        (lambda s: s.update(watched=[]), "expected an object: installation, id"),
        (
            lambda s: s["config"].update(minimum_release_age="1 day"),
            "expected a duration such as 90m",
        ),
        (lambda s: s["config"].update(minimum_release_age={"majr": "1d"}), "did you mean major?"),
        (lambda s: s["state"]["pull"].update(head="abc"), "pull.head: expected a git object id"),
        (lambda s: s["state"]["pull"].update(state="opened"), "expected one of open, closed, mer"),
        (lambda s: s["memory"]["proposed"].update(files=[["a.yaml"]]), "expected a list of 2"),
        (
            lambda s: s.update(config={"code": "bad-confg", "detail": "", "where": None}),
            "config.code: expected one of bad-config",
        ),
    ],
)
def test_a_fault_is_reported_with_its_place_and_remedy(edit: Edit, fault: str) -> None:
    """As a path that leads there."""
    data = json.loads(save([GOOD]))
    edit(data["snapshots"][0])
    faults = load(json.dumps(data))
    assert not isinstance(faults, Saved)
    assert any(fault in each for each in faults), faults


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "not valid JSON"),
        ("[]", "expected an object with form and snapshots"),
        ('{"form": 1, "form": 2}', "'form' is given twice"),
        ('{"form": NaN}', "NaN is not JSON"),
        ("[" * 100_000, "it nests too deep"),
        (" " * (LIMIT + 1), "is longer than"),
        (json.dumps({"form": FORM, "snapshots": []}), "$.snapshots: is empty"),
        (json.dumps({"form": "octobot pull request 0", "snapshots": []}), "$.form: 'octobot pull"),
    ],
)
def test_what_is_no_such_file_is_refused(text: str, fault: str) -> None:
    """Nothing is read out of it."""
    faults = load(text)
    assert not isinstance(faults, Saved)
    assert fault in faults[0]


def test_a_file_of_the_form_before_is_read_and_waits() -> None:
    """It cannot say whether somebody requested changes, and unknown is never nobody."""
    data = json.loads(save([GOOD]))
    data["form"] = "octobot pull request 1"
    del data["snapshots"][0]["state"]["objections"]
    back = load(json.dumps(data))
    assert isinstance(back, Saved)
    assert back.snapshots == (replace(GOOD, state=replace(GOOD.state, objections=None)),)
    assert judge(back.snapshots[0]).reason.code is ReasonCode.CHANGES_REQUESTED
    shapes: tuple[object, ...] = (None, [None], [{}], [{"state": None}])
    for broken in shapes:
        assert not isinstance(load(json.dumps({**data, "snapshots": broken})), Saved)


@pytest.mark.parametrize("form", [f"octobot pull request {n}" for n in (3, 4, 5)])
@pytest.mark.parametrize("config", [GOOD.config, BROKEN])
def test_a_file_of_forms_3_and_4_is_read(config: Config | Reason, form: str) -> None:
    """It knows reviews alone, and nothing of GitHub's other requirements."""
    whole = replace(
        GOOD, config=config, state=replace(GOOD.state, objections=(Objection(5, "ann"),))
    )
    data = json.loads(save([whole]))
    data["form"] = form
    snapshot = data["snapshots"][0]
    for name in ("wants", "left", "removed", "reopened", "hidden", "based", "signed"):
        del snapshot["state"][name]
    del snapshot["state"]["pull"]["merged_at"]
    del snapshot["memory"]["proposed"]["fates"]
    for name in ("kind", "on", "label"):
        del snapshot["state"]["objections"][0][name]
    del snapshot["memory"]["tries"]
    for name in ("blocking_labels", "package_pull_requests_per_day", "rebuild"):
        snapshot["config"].pop(name, None)
    back = load(json.dumps(data))
    assert isinstance(back, Saved)
    assert back.snapshots == (whole,)


def test_a_file_with_other_facts_has_another_form() -> None:
    """Whoever adds a fact or a setting gives the form a new number, and fills older files."""
    facts = "\n".join(sorted(f"{kind.__name__}.{name}" for kind, name in _facts(Saved)))
    digest = sha256(facts.encode()).hexdigest()[:16]
    assert (FORM, digest) == ("octobot pull request 6", "392a05a6007ff118")


def _facts(kind: Any) -> set[tuple[Any, str]]:  # noqa: ANN401 (a declared type)
    """Return every field that a noun has, and those of the nouns in it."""
    if not is_dataclass(kind):
        return set().union(*map(_facts, get_args(kind)))
    types = get_type_hints(kind)
    return {(kind, name) for name in types}.union(*map(_facts, types.values()))


def test_a_file_with_the_former_names_is_read() -> None:
    """Octobot 0.1 wrote other names for some fields; a file with both names is refused."""
    waiver = Waiver(GOOD.state.pull.head, "admin", Issued(5, "ann", GOOD.now))
    waived = replace(GOOD, memory=replace(GOOD.memory, waiver=waiver))
    data = json.loads(save([waived]))
    data["form"] = "octobot pull request 2"
    snapshot = data["snapshots"][0]
    memory = snapshot["memory"]
    snapshot["foreign"] = snapshot.pop("unexpected")
    memory["mended"], memory["base_stands"] = memory.pop("fixes"), memory.pop("base_unchanged")
    memory["waiver"]["said"] = memory["waiver"].pop("issued")
    back = load(json.dumps(data))
    assert isinstance(back, Saved)
    assert back.snapshots == (waived,)
    assert not isinstance(load(json.dumps({**data, "form": FORM})), Saved)
    snapshot["unexpected"] = []
    assert not isinstance(load(json.dumps(data)), Saved)
    del snapshot["unexpected"]
    snapshot["state"]["required"] = ["build"]
    assert not isinstance(load(json.dumps(data)), Saved)


def test_other_settings_can_be_tried_on_it() -> None:
    """Under them the same facts are judged again."""
    assert judge(under(GOOD, Config(paused=True))).reason.code is ReasonCode.PAUSED
    assert judge(under(GOOD, Config())).outcome is Outcome.MERGE


def test_another_second_source_was_not_asked_yet() -> None:
    """What was found before about another one, or none, does not confirm anything."""
    rule = PackageRule("curl", datasource="pypi", identifier="curl")
    tried = under(GOOD, Config(packages=(rule,)))
    assert (tried.memory.final_check, tried.memory.urgency) == (None, None)
    assert judge(tried).outcome is Outcome.WAIT
    unknown = under(replace(GOOD, config=BROKEN), Config())
    assert judge(unknown).outcome is Outcome.WAIT


def test_moments_are_written_with_their_zone() -> None:
    """As they are read."""
    assert to_json(datetime(2026, 1, 1, tzinfo=UTC)) == "2026-01-01T00:00:00+00:00"


@pytest.mark.skipif(not CASE.is_file(), reason="no shared cases beside the project")
def test_a_file_that_the_first_octobot_saved_is_read() -> None:
    """Two runs of one name in unknown workflows: the one that failed counts, and it is named."""
    saved = load(CASE.read_text())
    assert isinstance(saved, Saved)
    assert "run 1; run 2 is newer and green" in str(judge(saved.snapshots[0]).reason)
