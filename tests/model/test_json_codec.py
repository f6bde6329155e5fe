from itertools import combinations
from typing import get_args

import pytest
from pydantic import ValidationError

from octobot.model.json_codec import from_file, from_json, to_json
from octobot.model.reasons import FORMER_CODES, Reason, ReasonCode
from octobot.model.triage import Fix


def test_a_row_may_be_older_than_a_field() -> None:
    """A missing field takes its default, where it has one; an unknown one is refused."""
    assert from_json(Reason, {"code": "held", "where": None}) == Reason(ReasonCode.ON_HOLD)
    for row in ({"detail": "", "where": None}, {"code": "held", "where": None, "new": 1}):
        with pytest.raises(ValidationError):
            from_json(Reason, row)


@pytest.mark.parametrize(("former", "code"), FORMER_CODES.items())
def test_a_former_reason_code_is_read(former: str, code: ReasonCode) -> None:
    """In a row or a saved file; it is written by its new name."""
    found = from_json(Reason, {"code": former, "detail": "x", "where": None})
    assert found.code is code
    assert to_json(found)["code"] == code.value != former
    assert from_file(Reason, {"code": "never", "detail": "", "where": None}) != found


def test_fixes_are_distinguished_by_their_fields() -> None:
    """Two of the same fields would be read as one another."""
    for one, other in combinations(get_args(Fix), 2):
        assert one.__match_args__ != other.__match_args__


def test_a_number_is_no_text() -> None:
    """A float is named as one."""
    assert from_file(float, 0.5) == 0.5
    assert from_file(float, "x") == ("$: expected a number",)
