"""Random schedules of all faults (row 83): a few of them; `machine.py` plays many."""

import pytest

from tests.databases import Databases
from tests.faults.lives.machine import SEEDS, Machine, play
from tests.sampling import sampled


@pytest.mark.parametrize("number", sampled(SEEDS, 2))
def test_no_schedule_breaks_anything(postgres: Databases, number: int) -> None:
    """All invariants hold at every step, and all comes to rest when the faults stop."""
    Machine.databases = postgres
    play(number, examples=3, steps=5)
