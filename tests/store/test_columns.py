from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

from octobot.model.ids import Sha, Version
from octobot.model.orders import Issued, Wish
from octobot.model.reasons import Reason, ReasonCode, Where
from octobot.model.release import Candidate, Release
from octobot.model.triage import (
    AddBuildPackage,
    Cause,
    CauseClass,
    LogLine,
    RaiseDependency,
    SetField,
)
from octobot.store.engine.columns import from_column, storable

AT = datetime(2026, 1, 5, 10, tzinfo=UTC)
REASON = Reason(ReasonCode.CHECKS_PENDING, "build", Where("zlib.yaml", 3))
RELEASE = Release("v1.3.2", Sha("b" * 40), prerelease=True, published=AT)
TARGET = Candidate(RELEASE, Version("1.3.2"))
FIXES = (AddBuildPackage("x-dev"), SetField("a", None), RaiseDependency("m", "v1"))
CAUSE = Cause(
    CauseClass.HEADER_MISSING, "x.h is missing", LogLine(17, "x.h"), "", FIXES, "model", 0.5
)
WISH = Wish(TARGET, (7,), Issued(31, "ann", AT))

FORMER_TARGET = {
    "version": "1.3.2",
    "name": "v1.3.2",
    "commit": "b" * 40,
    "tag_object": None,
    "prerelease": True,
    "draft": False,
    "published": "2026-01-05T10:00:00+00:00",
    "committed": None,
}
FORMER: tuple[tuple[object, Mapping[str, object]], ...] = (
    (REASON, {"code": "checks-pending", "detail": "build", "where": ["zlib.yaml", 3]}),
    (Reason(ReasonCode.ON_HOLD), {"code": "on-hold", "detail": "", "where": None}),
    (TARGET, FORMER_TARGET),
    (
        CAUSE,
        {
            "kind": "header-missing",
            "title": "x.h is missing",
            "line": [17, "x.h"],
            "explanation": "",
            "mends": [
                ["AddBuildPackage", {"name": "x-dev"}],
                ["SetField", {"field": "a", "text": None}],
                ["RaiseDependency", {"module": "m", "version": "v1"}],
            ],
            "by": "model",
            "confidence": 0.5,
        },
    ),
    (
        CAUSE,
        {
            "kind": "header-missing",
            "title": "x.h is missing",
            "line": {"number": 17, "text": "x.h"},
            "explanation": "",
            "mends": [
                {"name": "x-dev"},
                {"field": "a", "text": None},
                {"module": "m", "version": "v1"},
            ],
            "by": "model",
            "confidence": 0.5,
        },
    ),
    (WISH, {"target": FORMER_TARGET, "despite": [7], "issued": WISH.issued}),
    (Wish(None, (), WISH.issued), {"target": None, "despite": [], "issued": WISH.issued}),
)


@pytest.mark.parametrize(("noun", "row"), FORMER)
def test_rows_of_the_former_form_are_read(noun: object, row: Mapping[str, object]) -> None:
    """A database keeps rows for longer than a form is written."""
    assert from_column(type(noun), row) == noun


@pytest.mark.parametrize("noun", [noun for noun, _ in FORMER])
def test_what_is_stored_is_read_as_it_was(noun: object) -> None:
    """Every noun that a JSON column holds."""
    assert from_column(type(noun), storable(noun)) == noun


def test_what_postgresql_refuses_is_replaced_wherever_it_is() -> None:
    """NUL and lone surrogates, in texts of inner nouns, too."""
    reason = Reason(ReasonCode.BAD_SPEC, "a\x00b", Where("\ud800.yaml", 1))
    stored = {"code": "bad-spec", "detail": "a\ufffdb", "where": {"path": "?.yaml", "line": 1}}
    assert storable(reason) == stored
