"""A fixed sample of recorded bumps, where the cases are at hand."""

import zlib
from collections import defaultdict
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest
from replaying import CASES, REFUSALS, Case, Result, cases, replay

from octobot.specs.changes import foreign

SINCE = datetime(2025, 3, 1, tzinfo=UTC).timestamp()
"""Before that the distro's own bot wrote some versions unquoted."""
MECHANICAL = (
    "commit+version",
    "commit+epoch+version",
    "sha+version",
    "epoch+sha+version",
    "version",
    "epoch+version",
    "commit+epoch+sha+version",
)
KNOWN = Path(__file__).with_name("KNOWN.md")

pytestmark = pytest.mark.skipif(not CASES.exists(), reason="the cases are not at hand")


def _is_sampled(case: Case) -> bool:
    """Every thirtieth of the mechanical cases, every tenth of the others."""
    return zlib.crc32(case.id.encode()) % (30 if case.kind in MECHANICAL else 10) == 0


@cache
def _results() -> dict[str, list[Result]]:
    by_kind: defaultdict[str, list[Result]] = defaultdict(list)
    for case in cases():
        if case.time >= SINCE and case.kind != "edited" and _is_sampled(case):
            by_kind[case.kind].append(replay(case))
    return by_kind


def test_what_is_not_as_wanted_is_explained() -> None:
    """Each case of the sample has the recorded bytes, the right refusal, or a line in KNOWN.md."""
    known = KNOWN.read_text(encoding="utf-8")
    rest = [r for results in _results().values() for r in results if not r.as_wanted]
    assert [r.case.id for r in rest if r.case.id not in known] == []
    assert len(rest) <= len([r for results in _results().values() for r in results]) * 0.02


def test_the_sample_is_worth_the_name() -> None:
    """Hundreds of cases, of every class that octobot must tell apart."""
    results = _results()
    assert sum(len(some) for some in results.values()) > 400
    assert set(REFUSALS) < set(results)


def test_no_refusal_class_is_ever_written() -> None:
    """Moved tags, mere epochs and unmoved branches end in a reason, without exception."""
    for kind, code in REFUSALS.items():
        assert {r.reason.code if r.reason else None for r in _results()[kind]} == {code}


def test_our_own_bumps_are_never_foreign() -> None:
    """The policy's comparison agrees with the bump."""
    for results in _results().values():
        for result in results:
            if result.text:
                assert foreign(result.case.path, result.case.before, result.text) == ()
