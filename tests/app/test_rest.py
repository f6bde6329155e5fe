"""How long `serve` rests between two passes."""

from datetime import timedelta

import pytest

from octobot.app.serve import rest_after

SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("lasted", "more", "rest"), [(1, False, 30), (120, False, 30), (120, True, 0), (2, True, 28)]
)
def test_a_pass_that_left_work_is_followed_at_once(lasted: int, rest: int, *, more: bool) -> None:
    """Unless it ended soon: a host that answers nothing is not asked in a hurry."""
    assert rest_after(SECOND * lasted, SECOND * 30, more=more) == SECOND * rest
