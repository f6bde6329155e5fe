"""Real processes under kill -9 on one PostgreSQL (row 6): a sample of `chaos.py`."""

from pathlib import Path

import pytest

from tests.faults.lives.chaos import Plan, chaos


@pytest.mark.long
@pytest.mark.timeout(1800)  # a machine may be busy; everything in it waits for what must come
async def test_killed_processes_lose_nothing_and_do_nothing_twice(short: Path) -> None:
    """Two octobots, killed in turn again and again, the database crashed once: six bumps, once."""
    plan = Plan(bumps=6, packages=3, processes=2, limits=0)
    done = await chaos(plan, short)
    assert done.wrong == []
    assert (done.merged, done.crashes, done.ended) == (6, 1, 0)
    assert done.kills
