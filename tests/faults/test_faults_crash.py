"""octobot dies at any effect of a bump's life, or its answer is lost, and goes on.

`python tests/faults/matrix.py` plays every point; here a sample of them runs with the other tests.
"""

from pathlib import Path

import pytest
from dying import Fate, live
from story import story

from octobot.store.store import Store

SAMPLE = (
    Fate(11, "after", "plain"),
    Fate(11, "lost", "stale"),
    Fate(13, "before", "stale"),
    Fate(13, "after", "closed by a person"),
    Fate(13, "lost", "plain"),
    Fate(25, "refused", "stale"),
    Fate(36, "after", "branch is pushed to"),
    Fate(39, "after", "stale"),
    Fate(53, "before", "branch is pushed to"),
    Fate(53, "after", "base moves"),
    Fate(53, "lost", "stale"),
    Fate(79, "after", "plain"),
)
"""Where it hurt once, or would most: commit, pull request, comment, merge, issue, the rows."""


async def test_a_whole_life_has_every_kind_of_effect(tmp_path: Path, store: Store) -> None:
    """The life that the matrix strikes at goes through everything that octobot writes."""
    async with story(tmp_path / "stage", store) as tale:
        lived = await live(tale, Fate())
    assert lived.wrong == ()
    assert {
        *("createCommitOnBranch", "POST /pulls", "POST /check-runs", "POST /issues/1/comments"),
        *("PATCH /pulls/1", "PUT /pulls/2/merge", "updateRefs", "POST /issues"),
        *("intend", "enter", "update_proposed", "say", "begin", "record"),
    } <= set(lived.effects)


@pytest.mark.parametrize("fate", SAMPLE, ids=str)
async def test_no_death_breaks_anything(tmp_path: Path, store: Store, fate: Fate) -> None:
    """Nothing is merged unjudged, made twice, left behind, or somebody else's work undone."""
    async with story(tmp_path / "stage", store) as tale:
        lived = await live(tale, fate)
    assert lived.struck
    assert lived.wrong == ()
