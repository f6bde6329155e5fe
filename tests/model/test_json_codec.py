from itertools import combinations
from typing import get_args

import pytest
from pydantic import ValidationError

from octobot.model.json_codec import from_file, from_json
from octobot.model.reasons import Reason, ReasonCode
from octobot.model.triage import Fix


def test_a_row_may_be_older_than_a_field() -> None:
    """A missing field takes its default, where it has one; an unknown one is refused."""
    assert from_json(Reason, {"code": "held", "where": None}) == Reason(ReasonCode.ON_HOLD)
    for row in ({"detail": "", "where": None}, {"code": "held", "where": None, "new": 1}):
        with pytest.raises(ValidationError):
            from_json(Reason, row)


def test_mends_are_told_apart_by_their_fields() -> None:
    """Two of the same fields would be read as one another."""
    for one, other in combinations(get_args(Fix), 2):
        assert one.__match_args__ != other.__match_args__


def test_a_number_is_no_text() -> None:
    """A float is named as one."""
    assert from_file(float, 0.5) == 0.5
    assert from_file(float, "x") == ("$: expected a number",)
