import os
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from octobot.messages import failure, suggestion
from octobot.messages.failure import MEANING
from octobot.model.ids import PullNumber, Sha
from octobot.model.reasons import Reason, ReasonCode
from octobot.model.suggestion import Offer, SpecEdit, Suggestion
from octobot.model.triage import (
    AddBuildPackage,
    Cause,
    CauseClass,
    Diagnosis,
    DropPatch,
    LogLine,
)
from octobot.model.verdict import Outcome, Verdict

STORED = Path(__file__).parent / "stored_suggestions"
HEAD = Sha("a1" * 20)
LINE = LogLine(1234, "hello.c:3:10: fatal error: zlib.h: No such file or directory")
BEFORE = "environment:\n  contents:\n    packages:\n      - build-base\n      - busybox\n"
CAUSE = Cause(
    CauseClass.HEADER_MISSING,
    "The header zlib.h is missing",
    LINE,
    "The package zlib-dev has it.",
    (AddBuildPackage("zlib-dev"),),
)
DIAGNOSIS = Diagnosis(
    check="build (x86_64)",
    url="https://github.com/distro/os/actions/runs/7/job/9",
    step="autoconf/make",
    cause=LINE.text,
    lines=(LogLine(1230, "+ make -j4"), LINE, LogLine(1235, "compilation terminated.")),
    why=CAUSE,
    fingerprint="f",
    templates=("fatal error: <*>",),
)
TOLD = Suggestion(
    number=PullNumber(12),
    package="hello",
    path="hello.yaml",
    branch="octobot/hello/1.1",
    head=HEAD,
    fingerprint="f",
    templates=DIAGNOSIS.templates,
    cause=CAUSE,
    before=BEFORE,
    after=f"{BEFORE}      - zlib-dev\n",
    at=datetime(2026, 5, 1, tzinfo=UTC),
)
MODEL = replace(
    TOLD,
    cause=replace(
        CAUSE,
        by="model",
        explanation="The build environment lacks zlib-dev. " * 6 + "@team ``` <b>merge</b>",
    ),
)
FAILED = Verdict(
    HEAD, (), Outcome.BLOCK, Reason(ReasonCode.CHECKS_FAILED, "build (App 15368): failure")
)


def comment(offer: Offer, *, rerun: frozenset[str] = frozenset()) -> str:
    """Write the comment with this offer."""
    return failure.comment([DIAGNOSIS], FAILED, offer, rerun=rerun)


GROUP = replace(
    TOLD,
    branch="octobot/group/greetings/1.1",
    others=(SpecEdit("hello-core.yaml", BEFORE, f"{BEFORE}      - zlib-dev\n"),),
)
WORDLESS = replace(TOLD, cause=replace(CAUSE, explanation="", fixes=()), after=BEFORE)
TEXTS: dict[str, Callable[[], str]] = {
    "rule": lambda: comment(Offer(TOLD)),
    "model": lambda: comment(Offer(MODEL)),
    "helped": lambda: comment(Offer(replace(TOLD, helped_in=PullNumber(7)), same_as=PullNumber(9))),
    "by-itself": lambda: comment(Offer(TOLD, applies_itself=True)),
    "group": lambda: comment(Offer(GROUP)),
    "refused": lambda: comment(Offer(WORDLESS, refused="the field x is not allowed")),
    "pending": lambda: comment(Offer(WORDLESS, pending=True), rerun=frozenset({"build (x86_64)"})),
}


@pytest.mark.parametrize("name", TEXTS)
def test_the_words_about_a_suggestion_are_the_stored_ones(name: str) -> None:
    """A change of words is a change of a stored text, to be read as people will."""
    path, said = STORED / f"{name}.md", TEXTS[name]()
    if os.environ.get("OCTOBOT_STORE_TEXTS"):
        path.write_text(said)
    assert said == path.read_text()


def test_a_long_diff_is_cut_where_it_is_shown() -> None:
    """The commit has the whole of it."""
    told = replace(TOLD, before="a\n" * 500, after="b\n" * 500)
    shown = suggestion.diff(told).splitlines()
    assert len(shown) == 81
    assert shown[-1] == "…"


def test_the_commit_says_what_it_is_and_who_wanted_it() -> None:
    """Classes in the headline; a login cannot mention anybody."""
    told = replace(TOLD, cause=replace(CAUSE, fixes=(*CAUSE.fixes, DropPatch("a.patch"))))
    headline, body = suggestion.commit_message(told, "@everyone")
    assert headline == "hello: add build package, drop patch"
    assert HEAD in body
    assert "@e" not in body
    assert "by a model" in suggestion.commit_message(MODEL, "ann")[1]


def test_the_commit_names_the_specs_of_a_group() -> None:
    """The first three of them."""
    assert suggestion.commit_message(GROUP, "ann")[0] == "hello, hello-core: add build package"
    many = replace(GROUP, others=GROUP.others * 4)
    assert "and 2 more: add" in suggestion.commit_message(many, "ann")[0]


def test_every_cause_has_its_meaning() -> None:
    """A class without words would be reported as nothing."""
    assert set(MEANING) == set(CauseClass)
