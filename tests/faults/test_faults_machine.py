"""Random schedules of all faults (row 83): a few of them; `machine.py` plays many."""

from collections.abc import Iterator

import pytest
from databases import Databases
from machine import SEEDS, Machine, play


@pytest.fixture(scope="module")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    """Give a server of its own: each schedule wants a fresh database."""
    made = Databases(tmp_path_factory.mktemp("m"))
    yield made
    made.close()


@pytest.mark.parametrize("number", SEEDS)
def test_no_schedule_breaks_anything(databases: Databases, number: int) -> None:
    """All invariants hold at every step, and all comes to rest when the faults stop."""
    Machine.databases = databases
    play(number, examples=3, steps=5)
