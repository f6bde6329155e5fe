"""Real processes under kill -9 on one PostgreSQL (row 6): a sample of `chaos.py`."""

from pathlib import Path

import pytest

from tests.faults.lives.chaos import Plan, chaos


@pytest.mark.long
async def test_killed_processes_lose_nothing_and_do_nothing_twice(short: Path) -> None:
    """Two octobots, one killed every two seconds, the database crashed once: six bumps, once."""
    plan = Plan(bumps=6, packages=3, processes=2, limits=0, calm=3.0)
    done = await chaos(plan, short)
    assert done.wrong == []
    assert (done.merged, done.crashes, done.ended) == (6, 1, 0)
    assert done.kills
