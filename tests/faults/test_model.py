"""Models that are broken, obey their input or cost too much; logs that would use them."""

import asyncio
import base64
from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, cast
from urllib.parse import quote

import pytest

from octobot.flows.diagnose.apply import NotApplied, apply
from octobot.flows.diagnose.diagnose import diagnose
from octobot.flows.diagnose.suggest import offer_for
from octobot.flows.land.judge import judge
from octobot.flows.view import Member
from octobot.github.repository.checks import Checks
from octobot.github.repository.logs import Logs
from octobot.model.config import Config
from octobot.model.ids import PullNumber
from octobot.model.package import Package
from octobot.model.pull_request import CheckRun, FailedCheck
from octobot.model.reasons import ReasonCode
from octobot.model.suggestion import Allowance, Offer
from octobot.model.triage import Cause
from octobot.model.verdict import Snapshot, Verdict
from octobot.sandbox.model import FakeModel, Fault
from octobot.sandbox.state.nouns import CI_APP
from octobot.triage.log.triage import LogTriage
from octobot.triage.model.ask import Adviser, Model
from octobot.triage.model.client import ModelClient
from octobot.triage.providers.openai import OPENAI
from octobot.triage.providers.provider import Account
from tests.faults.inert import Case, cases, lively
from tests.stories.story import NAME, Story

LIVE = "l1ve-token-of-the-bot-0123456789"
"""A secret that octobot holds at the moment."""
KEY = "sk-model-key-0123456789abcdef"
PLENTY = Allowance(1000, 1000)
HEAD_LINE = "2026-05-01T12:00:00.0000000Z ##[group]Run melange build hello.yaml\n"
END_LINE = "\n2026-05-01T12:00:09.0000000Z ##[error]Process completed with exit code 1.\n"
PEM = "-----BEGIN RSA PRIVATE KEY-----\nMIIEcanaryPEM0123456789\n-----END RSA PRIVATE KEY-----"

CANARIES = {
    "GitHub token": "ghs_c4naryC4naryC4naryC4naryC4nary0123",
    "fine-grained token": "github_pat_11CANARY0123456789_abcdefghijklmnop",
    "PEM": PEM,
    "live": LIVE,
    "live in base64": base64.b64encode(f"x-access-token:{LIVE}".encode()).decode(),
    "live in base64, shifted": base64.b64encode(f"ab{LIVE}".encode()).decode(),
    "live, percent-encoded": quote(LIVE.replace("-", "/"), safe=""),
    "live in hex": LIVE.encode().hex(),
    "live over lines": f"{LIVE[:12]}\n{LIVE[12:]}",
    "live with spaces": " ".join(LIVE),
    "live with an escape in it": f"{LIVE[:9]}\x1b[0m{LIVE[9:]}",
    "live with an unseen character": f"{LIVE[:9]}\u200b{LIVE[9:]}",
    "header": "Authorization: Bearer c4nary.c4nary.c4nary-0123",
    "address": "https://user:c4naryPassw0rd@example.org/x",
    "assignment": "AWS_SECRET_ACCESS_KEY=c4nary/c4nary+0123456789abcdef",
    "model key": KEY,
}


@dataclass
class Patient:
    """A pull request of octobot whose checks can be made to fail in any way."""

    tale: Story
    model: FakeModel
    number: PullNumber
    snapshot: Snapshot
    verdict: Verdict

    async def fails(self, log: str, *, name: str = "build", text: str = "") -> str:
        """Let the checks fail with this log; return the comment that is then there."""
        check = CheckRun(1, name, CI_APP, "completed", "failure")
        state = replace(self.snapshot.state, checks=(check,))
        if text:
            change = state.changes[0]
            after = (change.after or "").replace("  description: A greeting", f"  {text}")
            state = replace(state, changes=(replace(change, after=after),))
        github = replace(
            self.tale.world.github,
            logs=cast("Logs", Saying(log)),
            checks=cast("Checks", Once(self.tale.world.github.checks)),
        )
        world = replace(self.tale.world, github=github)
        await diagnose(world, replace(self.snapshot, state=state), self.verdict)
        (comment,) = self.tale.comments(self.number)
        return comment


class Saying:
    """The logs of failed checks, which say what a test wants."""

    def __init__(self, log: str) -> None:
        self._log = log

    async def failed(self, checks: Collection[CheckRun]) -> tuple[FailedCheck, ...]:
        """Return the log."""
        return tuple(FailedCheck(check, self._log) for check in checks)


class Once:
    """The sandbox's checks, of which none can be run again."""

    def __init__(self, checks: Checks) -> None:
        self._checks = checks

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  (whatever it is there)
        return getattr(self._checks, name)

    async def rerunnable(self, checks: Collection[CheckRun]) -> tuple[object, ...]:
        """Let nothing be run again."""
        assert checks
        return ()


@pytest.fixture
async def patient(tale: Story) -> AsyncIterator[Patient]:
    """Yield a pull request, and an obedient model on loopback."""
    async with (
        FakeModel() as service,
        Adviser.open(Model("openai", "tiny", KEY, service.url, loopback=True), live) as adviser,
    ):
        triage = LogTriage(lambda: (*live(), KEY))
        tale.world = replace(tale.world, adviser=adviser, allowance=PLENTY, triage=triage)
        spec = await tale.spec()
        tail = "\nenvironment:\n  contents:\n    packages:\n      - build-base\n"
        await tale.sandbox.commit_files(NAME, "main", {"hello.yaml": (spec + tail).encode()}, "x")
        await tale.look()
        await tale.release("1.1")
        await tale.look()
        (pull,) = await tale.pulls()
        row = await tale.row()
        package = tale.world.reader.read(row.path, row.blob, row.text)
        assert isinstance(package, Package)
        (snapshot, *_), verdict = await judge(tale.world, [Member(row, package)], pull, Config())
        yield Patient(tale, service, pull.number, snapshot, verdict)


def live() -> tuple[str, ...]:
    """Return the secrets of this moment."""
    return (LIVE, LIVE.replace("-", "/"))


async def at_once(_seconds: float) -> None:
    """Let nobody wait."""


def log_of(*lines: str) -> str:
    """Put lines where a log has its errors."""
    return HEAD_LINE + "\n".join(lines) + END_LINE


async def _comment(patient: Patient, case: Case) -> str:
    """Let a hostile text in where it comes from."""
    match case.place:
        case "check":
            return await patient.fails(log_of("frob: FATAL: x"), name=case.lines[0])
        case "spec":
            shown = "description: x\n" if not case.lines[0].startswith("description") else ""
            text = shown + "\n".join(f"  {line}" for line in case.lines).strip()
            return await patient.fails(
                log_of("x.c:1: fatal error: zlib.h: No such file"), text=text
            )
        case _:
            return await patient.fails(log_of(*case.lines))


def test_the_corpus_is_large_and_each_case_has_a_name() -> None:
    """At least sixty texts; two of one name would hide each other."""
    names = [case.name for case in cases()]
    assert len(names) >= 60
    assert len(set(names)) == len(names)


async def test_no_hostile_text_gets_through_an_obedient_model(
    patient: Patient, capsys: pytest.CaptureFixture[str]
) -> None:
    """Rows 75: through log, model and comment, and nothing in it does anything on GitHub."""
    wrong = {}
    for case in cases():
        comment = await _comment(patient, case)
        if faults := lively(comment):
            wrong[case.name] = faults
    assert wrong == {}
    assert len(patient.model.requests) > 60  # most of it was really read and repeated
    assert "\x1b]" not in capsys.readouterr().out
    (pull,) = await patient.tale.pulls()  # nothing was merged, closed or pushed
    assert (pull.head, pull.state) == (patient.verdict.head, "open")
    assert len(patient.tale.comments(pull.number)) == 1


async def test_an_obedient_models_edits_are_refused(patient: Patient) -> None:
    """Versions, sources, scripts, shell text: none of it is ever stored as an edit to apply."""
    here = patient.tale.world.watched.id
    tried = 0
    for case in cases():
        if not case.name.startswith("edit "):
            continue
        comment = await _comment(patient, case)
        told = await patient.tale.store.suggestions.of_head(
            here, patient.number, patient.verdict.head
        )
        assert told
        assert not told.has_edit, case.name
        assert "/octobot apply" not in comment
        applied = await apply(patient.tale.world, patient.number, told.head, by="ann")
        assert isinstance(applied, NotApplied)
        tried += 1
    assert tried >= 15


async def test_a_good_edit_of_an_obedient_model_is_seen(patient: Patient) -> None:
    """The same path with a harmless edit: the tests above would notice if nothing arrived."""
    line = "error: edit environment.contents.packages[+] = zlib-dev"
    comment = await patient.fails(log_of(line))
    assert "+      - zlib-dev" in comment
    assert lively(comment) == []


@pytest.mark.parametrize("name", CANARIES)
async def test_secrets_never_leave(
    patient: Patient, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    """Row 76: in a log, whichever way it is written: not to the model, comment, log or store."""
    canary = CANARIES[name]
    riddle = f"frobnicator: FATAL: phase of {name} is wrong"
    comment = await patient.fails(log_of("+ env", canary, f"error: with {canary}", riddle))
    everything = {
        "comment": comment,
        "model": "\n".join(asked.body for asked in patient.model.requests),
        "store": await _dump(patient.tale),
        "log": "".join(capsys.readouterr()),
    }
    assert patient.model.requests
    for where, text in everything.items():
        for secret in _pieces(canary):
            assert secret not in text, f"{name} in {where}"
            assert secret.encode().hex() not in text, f"{name} in {where}, in hex"


def _pieces(canary: str) -> list[str]:
    """Return what must not be seen of a secret: it, and it put together again."""
    pieces = [LIVE, LIVE.replace("-", "/"), KEY, "canaryPEM", "c4nary"]
    return [*pieces, *(line for line in canary.splitlines() if len(line) > 15 and line[0] != "-")]


async def _dump(tale: Story) -> str:
    async with tale.store.database.connection() as connection:
        tables = ("suggestion", "question")
        found = [
            await (await connection.execute(f"select t::text from {table} t")).fetchall()  # noqa: S608
            for table in tables
        ]
    return str(found)


FAULTS: tuple[Fault, ...] = (
    "empty",
    "truncated",
    "huge",
    "not-json",
    "wrong-shape",
    "refusal",
    "redirect",
    "bomb",
)


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_broken_model_costs_only_its_suggestion(patient: Patient, fault: Fault) -> None:
    """Row 74: one plain comment by the rules, and the question is not asked over and over."""
    patient.model.fault = fault
    log = log_of("frobnicator: FATAL: out of phase")
    comment = await patient.fails(log)
    assert "out of phase" in comment
    assert "Unverified" not in comment
    assert lively(comment) == []
    await patient.fails(log)
    assert len(patient.model.requests) == 1


@pytest.mark.parametrize("fault", ["timeout", "busy", "broken"])
async def test_a_model_that_is_away_holds_nobody_up(patient: Patient, fault: Fault) -> None:
    """Row 74: the patience is the setting's, and the comment is there all the same."""
    patient.model.fault = fault
    url = patient.model.url
    async with ModelClient.open(url, patience=0.2, loopback=True, sleep=at_once) as road:
        adviser = Adviser(asked=(OPENAI, Account(url, "tiny", KEY), road))
        patient.tale.world = replace(patient.tale.world, adviser=adviser)
        comment = await patient.fails(log_of("frobnicator: FATAL: out of phase"))
    assert "out of phase" in comment
    assert "Unverified" not in comment


async def test_a_story_ends_well_without_the_model(patient: Patient) -> None:
    """Row 74: the pull request's own way does not depend on any answer."""
    patient.model.fault = "refusal"
    tale = patient.tale
    assert await tale.check("failure", log_of("frobnicator: FATAL: x")) is ReasonCode.CHECKS_FAILED
    await tale.check("success")
    assert await tale.later(hours=1) is ReasonCode.MERGED


async def test_a_thousand_times_the_same_failure_is_one_question(patient: Patient) -> None:
    """Row 77: asked once, whoever comes first; the answer is everybody's."""
    check = CheckRun(1, "build", CI_APP, "completed", "failure")
    log = log_of("frobnicator: FATAL: out of phase")
    diagnosis = patient.tale.world.triage.diagnose(FailedCheck(check, log))

    async def offered(number: int) -> Offer | None:
        pull = replace(patient.snapshot.state.pull, number=PullNumber(number))
        state = replace(patient.snapshot.state, pull=pull)
        return await offer_for(
            patient.tale.world, replace(patient.snapshot, state=state), diagnosis
        )

    for start in range(100, 200, 10):
        assert all(await asyncio.gather(*(offered(start + index) for index in range(10))))
    here, now = patient.tale.world.watched.id, patient.tale.world.clock()
    claim = partial(
        patient.tale.store.questions.claim, here, diagnosis.fingerprint, now=now, allowance=PLENTY
    )
    for _ in range(90):
        claims = await asyncio.gather(*(claim() for _ in range(10)))
        assert all(isinstance(each, Cause) for each in claims)
    assert len(patient.model.requests) == 1


async def test_a_thousand_different_failures_stay_within_the_day(patient: Patient) -> None:
    """Row 77: the allowance is the most that a day can cost, and the comments still come."""
    patient.tale.world = replace(patient.tale.world, allowance=Allowance(day=7, repository=5))
    words = ("alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota")
    for word in words:
        comment = await patient.fails(log_of(f"{word}: FATAL: out of {word}"))
        assert word in comment
    assert len(patient.model.requests) == 5
