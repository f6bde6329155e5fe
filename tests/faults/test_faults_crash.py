"""octobot dies at any effect of a bump's life, or its answer is lost, and goes on.

`python tests/faults/matrix.py` plays every point; here a sample of them runs with the other tests.
"""

from pathlib import Path

import pytest
from dying import Fate, live
from story import story

from octobot.store.store import Store

COMMIT, PULL, MERGE = "createCommitOnBranch", "POST /pulls", "PUT /pulls/N/merge"
SAMPLE = (
    Fate(side="after", pattern="plain", named=COMMIT),
    Fate(side="lost", pattern="stale", named=COMMIT),
    Fate(side="before", pattern="stale", named=PULL),
    Fate(side="after", pattern="closed by a person", named=PULL),
    Fate(side="lost", pattern="plain", named=PULL),
    Fate(side="refused", pattern="stale", named="POST /issues/N/comments"),
    Fate(side="after", pattern="branch is pushed to", named="enter"),
    Fate(side="after", pattern="stale", named="PATCH /pulls/N"),
    Fate(side="before", pattern="plain", named="updateRefs"),
    Fate(side="before", pattern="branch is pushed to", named=MERGE),
    Fate(side="after", pattern="base moves", named=MERGE),
    Fate(side="lost", pattern="stale", named=MERGE),
    Fate(side="after", pattern="plain", named="POST /issues"),
)
"""Where it hurt once, or would most."""


async def test_a_whole_life_has_every_kind_of_effect(tmp_path: Path, store: Store) -> None:
    """The life that the matrix strikes at goes through everything that octobot writes."""
    async with story(tmp_path / "stage", store) as tale:
        lived = await live(tale, Fate())
    assert lived.wrong == ()
    assert {
        *(COMMIT, PULL, MERGE, "POST /check-runs", "PATCH /check-runs/N", "PATCH /pulls/N"),
        *("POST /issues/N/comments", "updateRefs", "POST /issues"),
        *("intend", "enter", "update_proposed", "say", "begin", "record"),
    } <= set(lived.effects)


@pytest.mark.parametrize("fate", SAMPLE, ids=str)
async def test_no_death_breaks_anything(tmp_path: Path, store: Store, fate: Fate) -> None:
    """Nothing is merged unjudged, made twice, left behind, or somebody else's work undone."""
    async with story(tmp_path / "stage", store) as tale:
        lived = await live(tale, fate)
    assert lived.struck
    assert lived.wrong == ()
