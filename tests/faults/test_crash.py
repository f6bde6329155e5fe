"""octobot dies at any effect of a bump's life, or its answer is lost, and continues.

`python tests/faults/lives/matrix.py` plays every point; here a sample of them runs with the other
tests.
"""

from pathlib import Path

import pytest

from octobot.model.orders import COMMANDS
from octobot.store.store import Store
from tests.faults.lives.bump_life import BumpLife
from tests.faults.lives.command_life import CHAPTERS, commanded
from tests.faults.lives.dying import TOGETHER, Fate, live
from tests.sampling import sampled
from tests.stories.story import story

COMMIT, PULL, MERGE = "createCommitOnBranch", "POST /pulls", "PUT /pulls/N/merge"
SAMPLE = (
    Fate(side="after", pattern="plain", named=COMMIT),
    Fate(side="lost", pattern="stale", named=COMMIT),
    Fate(side="before", pattern="stale", named=PULL),
    Fate(side="after", pattern="closed by a person", named=PULL),
    Fate(side="lost", pattern="plain", named=PULL),
    Fate(side="refused", pattern="stale", named="POST /issues/N/comments"),
    Fate(side="after", pattern="branch is pushed to", named="ledger.enter"),
    Fate(side="after", pattern="stale", named="PATCH /pulls/N"),
    Fate(side="before", pattern="plain", named="updateRefs"),
    Fate(side="before", pattern="branch is pushed to", named=MERGE),
    Fate(side="after", pattern="base moves", named=MERGE),
    Fate(side="lost", pattern="stale", named=MERGE),
    Fate(side="after", pattern="plain", named="POST /issues"),
)
"""Where it hurt once, or would most."""
STEERED = (
    ("hold", Fate(side="before", pattern="plain", named=TOGETHER)),
    ("anew", Fate(side="after", pattern="stale", named=TOGETHER)),
    ("retry", Fate(side="lost", pattern="plain", named="POST /actions/runs/N/rerun-failed-jobs")),
    ("retry", Fate(side="after", pattern="plain", named="suggestions.applied")),
    ("moved", Fate(side="after", pattern="branch is pushed to", named="orders.order")),
)
"""The same where people steer: which chapter, and what happens there."""


async def test_a_whole_life_has_every_kind_of_effect(tmp_path: Path, store: Store) -> None:
    """The life that the matrix strikes at goes through everything that octobot writes."""
    async with story(tmp_path / "stage", store) as tale:
        lived = await live(tale, Fate(), BumpLife())
    assert lived.wrong == ()
    assert {
        *(COMMIT, PULL, MERGE, "POST /check-runs", "PATCH /check-runs/N", "PATCH /pulls/N"),
        *("POST /issues/N/comments", "updateRefs", "POST /issues"),
        *(
            "ledger.intend",
            "ledger.enter",
            "ledger.update_proposed",
            "posted.record_verdict",
            "packages.begin",
            "packages.record",
        ),
    } <= set(lived.effects)


@pytest.mark.parametrize("fate", sampled(SAMPLE, 5), ids=str)
async def test_no_death_breaks_anything(tmp_path: Path, store: Store, fate: Fate) -> None:
    """Nothing is merged unjudged, made twice, left behind, or somebody else's work undone."""
    async with story(tmp_path / "stage", store) as tale:
        lived = await live(tale, fate, BumpLife())
    assert lived.struck
    assert lived.wrong == ()


async def test_the_chapters_say_every_command_that_changes_something() -> None:
    """What only shows something is left out: it has no effect but its answer.

    `wave` steers what has a life of its own: `stories/test_waves.py`.
    """
    said = {text.split()[0] for chapter in CHAPTERS.values() for text in chapter.says}
    assert said == COMMANDS.keys() - {"help", "status", "explain", "wave"}


@pytest.mark.parametrize("chapter", sampled(CHAPTERS, 3))
async def test_undisturbed_everything_said_is_done(
    tmp_path: Path, store: Store, chapter: str
) -> None:
    """Each comment that the real delivery brings has one answer, one line and one effect."""
    async with (
        story(tmp_path / "stage", store) as tale,
        commanded(tale, CHAPTERS[chapter]) as script,
    ):
        lived = await live(tale, Fate(), script)
    assert lived.wrong == ()
    assert {"comments.take", "audit.append", TOGETHER, "comments.finish"} <= set(lived.effects)


@pytest.mark.parametrize(("chapter", "fate"), sampled(STEERED, 3), ids=str)
async def test_no_death_loses_or_doubles_a_command(
    tmp_path: Path, store: Store, chapter: str, fate: Fate
) -> None:
    """However octobot dies, each command is carried out once, and what it ordered comes true."""
    async with (
        story(tmp_path / "stage", store) as tale,
        commanded(tale, CHAPTERS[chapter]) as script,
    ):
        lived = await live(tale, fate, script)
    assert lived.struck
    assert lived.wrong == ()
