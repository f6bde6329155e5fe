"""Recorded bumps, made again with look-ups answered from facts."""

from dataclasses import replace
from typing import Any

import pytest

from octobot.flows.backtest.backtest import (
    Case,
    Commit,
    Outcome,
    Result,
    answer_from,
    case_of,
    replay,
    with_taken_back,
)
from octobot.model.bump import Answer, Ask, CommitOf, ContainedIn, DigestOf, GoModOf
from octobot.model.reasons import Reason, ReasonCode
from octobot.specs.history import history
from octobot.specs.history.facts import ANYWHERE, Facts
from octobot.specs.read.sources import Target

OLD, NEW = "1" * 40, "2" * 40
HELLO = "https://github.com/example/hello"


def _spec(version: str, epoch: int, commit: str) -> str:
    return (
        f"package:\n  name: hello\n  version: {version}\n  epoch: {epoch}\npipeline:\n"
        f"  - uses: git-checkout\n    with:\n      repository: {HELLO}\n"
        f"      tag: v${{{{package.version}}}}\n      expected-commit: {commit}\n"
    )


BEFORE, AFTER = _spec('"1"', 3, OLD), _spec('"2"', 0, NEW)
FACTS = Facts(
    commits={Target(HELLO, "refs/tags/v2"): NEW, Target(HELLO, "HEAD"): OLD},
    digests={("https://example.com/x", "sha256"): "a"},
    gomods={".": {"m": "v1.0.0"}},
    contained=frozenset({"c1"}),
)


def _case(after: str | None, *, kind: str = "", target: str = "2", facts: Facts = FACTS) -> Case:
    return Case("id", 7, "hello.yaml", kind, "1", target, BEFORE, after, facts)


ANSWERS: list[tuple[Ask, Answer]] = [
    (CommitOf(HELLO, "refs/tags/v2"), NEW),
    (CommitOf(HELLO, "HEAD"), OLD),
    (CommitOf(HELLO, "refs/heads/v2"), None),
    (CommitOf(HELLO + ".git", "HEAD"), None),
    (DigestOf("https://example.com/x", "sha256"), "a"),
    (DigestOf("https://example.com/x", "sha512"), None),
    (GoModOf(HELLO, "refs/tags/v2"), {"m": "v1.0.0"}),
    (GoModOf(HELLO, "refs/tags/v2", "cli"), None),
    (ContainedIn(HELLO, "refs/tags/v2", ("c1", "c2")), frozenset({"c1"})),
]


@pytest.mark.parametrize(("ask", "wanted"), ANSWERS)
def test_facts_answer_what_they_know(ask: Ask, wanted: Answer) -> None:
    """And nothing else: the same questions as in production, never a guess."""
    assert answer_from(FACTS, ask) == wanted


def test_one_table_may_stand_for_every_module() -> None:
    """A file of cases has one for all; without one nothing is known."""
    table = {"m": "v1.0.0"}
    flat = Facts(gomods={ANYWHERE: table})
    assert answer_from(flat, GoModOf(HELLO, "HEAD", "cli")) == table
    assert answer_from(Facts(), GoModOf(HELLO, "HEAD", "cli")) is None
    assert answer_from(Facts(), ContainedIn(HELLO, "HEAD", ("c1",))) is None


def test_a_bump_is_compared_byte_for_byte() -> None:
    """The same, or another with the difference in words."""
    same = replay(_case(AFTER, kind="commit+epoch+version"))
    assert (same.outcome, same.diff, same.as_wanted) == (Outcome.SAME, "", True)
    other = replay(_case(AFTER.replace('"2"', "2")))
    assert (other.outcome, other.as_wanted) == (Outcome.DIFFERENT, False)
    assert '-  version: 2\n+  version: "2"' in other.diff
    assert other.text == AFTER


def test_without_an_answer_the_text_is_given() -> None:
    """There is nothing to be as wanted."""
    result = replay(_case(None))
    assert (result.outcome, result.text, result.kind) == (
        Outcome.WRITTEN,
        AFTER,
        "commit+epoch+version",
    )
    assert not result.as_wanted


def test_a_refusal_has_its_reason_and_no_text() -> None:
    """A wrong refusal is not as wanted, a right one is."""
    result = replay(_case(AFTER, facts=Facts()))
    assert result.reason is not None
    assert (result.outcome, result.text) == (Outcome.REFUSED, "")
    assert result.reason.code is ReasonCode.PIN_UNRESOLVED
    assert not result.as_wanted
    moved = _spec('"1"', 4, NEW)
    commit = Commit("id", 7, "hello.yaml", "hello/1 package update", BEFORE, moved)
    case = case_of(commit)
    assert case is not None
    assert (case.kind, replay(case).as_wanted) == ("tag-moved", True)


@pytest.mark.parametrize(
    ("subject", "after"),
    [
        ("words", BEFORE + "# a word\n"),
        ("rebuild", _spec('"1"', 4, OLD)),
        ("broken", "package: ["),
        ("emptied", ""),
    ],
)
def test_other_commits_are_no_bumps(subject: str, after: str) -> None:
    """Version and pins stayed, or there is no spec any more."""
    assert case_of(Commit("id", 7, "hello.yaml", subject, BEFORE, after)) is None


def test_a_claimed_update_counts() -> None:
    """A commit that says it updates the package and only raises the epoch is worth a refusal."""
    after = _spec('"1"', 4, OLD)
    case = case_of(Commit("id", 7, "hello.yaml", "hello/1 package update", BEFORE, after))
    assert case is not None
    result = replay(case)
    assert (result.kind, result.as_wanted) == ("epoch-only", True)


def _made(version: str, source: str, days: float, **fields: Any) -> Result:  # noqa: ANN401 (fields)
    """A result of so many days after the first."""
    time = 1_700_000_000 + int(days * 86400)
    refused = Reason(ReasonCode.PIN_UNRESOLVED)
    result = Result("id", time, "hello", "v", source, version, Outcome.REFUSED, refused, "", "")
    return replace(result, **fields)


@pytest.mark.parametrize(
    ("later", "kind"),
    [
        ((_made("1.3", "1.0", 13)), history.TAKEN_BACK),
        ((_made("1.0", "1.2", 1)), history.TAKEN_BACK),
        ((_made("1.2", "1.0", 1)), history.TAKEN_BACK),
        ((_made("1.3", "1.0", 15)), "v"),
        ((_made("1.3", "1.2", 1)), "v"),
        ((_made("1.3", "1.0", -1)), "v"),
        ((_made("1.3", "1.0", 1, package="other")), "v"),
        ((_made("1.3", "x", 1)), "v"),
        ((_made("1.3", "1.0", 1, time=0)), "v"),
    ],
)
def test_what_the_distro_took_back_is_a_class_of_its_own(later: Result, kind: str) -> None:
    """It went on from below within a fortnight; a refusal of such a bump is right."""
    first, _ = with_taken_back([_made("1.2", "1.0", 0), later])
    assert first.kind == kind
    assert first.as_wanted is (kind == history.TAKEN_BACK)


def test_a_bump_that_leaves_its_stream_is_refused() -> None:
    """It is a class of its own, whatever the case calls itself."""
    case = replace(_case(AFTER, kind="commit+epoch+version"), path="hello-1.yaml")
    result = replay(case)
    assert result.reason
    assert (result.kind, result.reason.code, result.as_wanted) == (
        history.LEFT_STREAM,
        ReasonCode.LEAVES_STREAM,
        True,
    )
