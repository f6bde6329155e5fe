"""A fixed sample of recorded bumps, where the cases are at hand."""

import zlib
from collections import defaultdict
from datetime import UTC, datetime
from functools import cache

import pytest

from octobot.cli.backtest.cases import read_cases
from octobot.flows.backtest.backtest import REFUSALS, Case, Outcome, Result, replay
from octobot.specs.bump.changes import unexpected_changes
from octobot.specs.history.history import EDITED, LEFT_STREAM, kind_of, side_of
from octobot.specs.read.nodes import Map
from octobot.specs.read.parsing import read_tree
from tests.replay.replaying import CASES, KNOWN, MECHANICAL

SINCE = datetime(2025, 3, 1, tzinfo=UTC).timestamp()
"""Before that the distro's own bot wrote some versions unquoted."""

RECORDED = {kind: code for kind, code in REFUSALS.items() if kind != LEFT_STREAM}
"""The classes that cases come with; what left its stream is known once it is made again."""

pytestmark = pytest.mark.skipif(not CASES.exists(), reason="the cases are not at hand")


def _is_sampled(case: Case) -> bool:
    """Every thirtieth of the mechanical cases, every tenth of the others."""
    return zlib.crc32(case.id.encode()) % (30 if case.kind in MECHANICAL else 10) == 0


@cache
def _sample() -> tuple[Case, ...]:
    return tuple(case for case in read_cases(CASES) if case.time >= SINCE and _is_sampled(case))


@cache
def _results() -> dict[str, list[tuple[Case, Result]]]:
    by_kind: defaultdict[str, list[tuple[Case, Result]]] = defaultdict(list)
    for case in _sample():
        if case.kind != EDITED:
            by_kind[case.kind].append((case, replay(case)))
    return by_kind


def test_what_is_not_as_wanted_is_explained() -> None:
    """Each case of the sample has the recorded bytes, the right refusal, or a line in KNOWN.md."""
    known = KNOWN.read_text(encoding="utf-8")
    results = [result for some in _results().values() for _, result in some]
    rest = [result for result in results if not result.as_wanted]
    assert [result.id for result in rest if result.id not in known] == []
    assert len(rest) <= len(results) * 0.02


def test_the_sample_is_worth_the_name() -> None:
    """Hundreds of cases, of every class that octobot must distinguish."""
    results = _results()
    assert sum(len(some) for some in results.values()) > 400
    assert set(RECORDED) < set(results)


def test_no_refusal_class_is_ever_written() -> None:
    """Moved tags, mere epochs and unmoved branches end in a reason, without exception."""
    for kind, code in RECORDED.items():
        assert {r.reason.code if r.reason else None for _, r in _results()[kind]} == {code}


def test_every_refusal_names_file_and_line() -> None:
    """A person can open the place."""
    refused = [(c, r.reason) for some in _results().values() for c, r in some if r.reason]
    assert len(refused) > 100
    for case, reason in refused:
        assert reason.where is not None
        assert reason.where.path == case.path
        assert 1 <= reason.where.line <= case.before.count("\n") + 1


def test_our_own_bumps_are_never_unexpected_changes() -> None:
    """The policy's comparison agrees with the bump."""
    for some in _results().values():
        for case, result in some:
            if result.text:
                assert unexpected_changes(case.path, case.before, result.text) == ()


def test_a_recorded_bump_gets_its_class() -> None:
    """What octobot calls a change is what the data's makers called it.

    But for one-line overrides, which they left to persons.
    """
    other: list[tuple[str, str, str]] = []
    for case in _sample():
        before, after = read_tree(case.path, case.before), read_tree(case.path, case.after or "")
        assert isinstance(before, Map)
        assert isinstance(after, Map)
        kind = kind_of(side_of(case.before, before), side_of(case.after or "", after))
        if kind != case.kind and (case.kind, kind) != (EDITED, "pruned-deps"):
            other.append((case.id, case.kind, kind))
    assert other == []


def test_a_case_without_answer_comes_out_the_same() -> None:
    """Kept-back cases: neither class nor text after, the same bytes all the same."""
    for some in _results().values():
        for case, result in some[:5]:
            bare = Case(case.id, 0, case.path, "", "", case.target, case.before, None, case.facts)
            again = replay(bare)
            assert again.text == result.text
            assert again.reason == result.reason
            assert again.outcome is (Outcome.REFUSED if result.reason else Outcome.WRITTEN)
