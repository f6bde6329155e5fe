"""The crash matrix as a script: every effect of a life, what happens there, what else does.

    python tests/faults/lives/matrix.py [--life bump|commands|CHAPTER]
        [--only GITHUB|STORE|COMMANDS] [--every N] [--part K/M] [--lags]

Lives: a bump's, and the chapters in which people give orders.  Prints points by patterns by
violations, and each violation with the fate that caused it.  `--only COMMANDS` plays only the
effects of obeying people, `--part` leaves the rest to other processes.  With `--lags` new tokens
are not known at once, and a base that moved refuses merges for a while.
"""

import asyncio
import itertools
import logging
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import click
import structlog

from octobot.store.store import Store
from tests.databases import Databases
from tests.faults.lives.bump_life import BumpLife
from tests.faults.lives.command_life import CHAPTERS, commanded
from tests.faults.lives.dying import (
    MEMORIES,
    PATTERNS,
    SIDES,
    TOGETHER,
    Fate,
    Life,
    Pattern,
    Side,
    live,
)
from tests.stories.story import story

BUMP, COMMANDS = "bump", "commands"
LIVES = (BUMP, *(f"{COMMANDS}/{name}" for name in CHAPTERS))
OBEYING = frozenset(
    {
        *("comments.take", "comments.finish", "comments.listen_from", "audit.append", TOGETHER),
        *("orders.order", "orders.revoke", "schedule.recheck_now", "packages.wake"),
        *("suggestions.begin_applying", "suggestions.applied"),
        "POST /issues/comments/N/reactions",
        *("POST /issues/N/comments", "POST /actions/runs/N/rerun-failed-jobs", "updateRefs"),
        "createCommitOnBranch",
    }
)
"""What is written from a comment to its answer; some of it by the lane as well."""

AWAKE: tuple[Pattern, ...] = ("plain", "stale")
"""The patterns that mean something where nobody dies."""


def fates(effects: Sequence[str], only: str = "") -> Iterator[Fate]:
    """Yield every fate there is: a store's answer is not lost, it is the process that is."""
    for point, name in enumerate(effects, 1):
        in_store = name in MEMORIES
        if {"STORE": not in_store, "GITHUB": in_store}.get(only) or (
            only == "COMMANDS" and name not in OBEYING
        ):
            continue
        for side, pattern in itertools.product(SIDES, PATTERNS):
            if side in ("lost", "refused") and (in_store or pattern not in AWAKE):
                continue
            yield Fate(point, side, pattern)


async def one(databases: Databases, life: str, fate: Fate, *, lags: bool = False) -> Life:
    """Live one life on a stage of its own."""
    with tempfile.TemporaryDirectory() as home, databases.fresh() as url:
        async with (
            Store.open(url, connections=3) as store,
            story(Path(home), store) as tale,
        ):
            if lags:
                tale.sandbox.hub.state.live.token_lag = timedelta(seconds=4)
                tale.sandbox.hub.state.live.base_settles = timedelta(seconds=2)
            if life == BUMP:
                return await live(tale, fate, BumpLife())
            async with commanded(tale, CHAPTERS[life.partition("/")[2]]) as script:
                return await live(tale, fate, script)


async def play(
    databases: Databases, life: str, chosen: Sequence[Fate], whole: Life, *, lags: bool
) -> int:
    """Play these fates of a life; return how many broke something."""
    played: Counter[tuple[Side, Pattern]] = Counter()
    broken: Counter[tuple[Side, Pattern]] = Counter()
    for fate in chosen:
        lived = await one(databases, life, fate, lags=lags)
        played[fate.side, fate.pattern] += 1
        if lived.wrong or not lived.struck:
            broken[fate.side, fate.pattern] += 1
            said = "; ".join(lived.wrong) if lived.struck else "this effect was not reached"
            click.echo(f"{life}, {fate} ({whole.effects[fate.point - 1]}): {said}")
    for key, count in sorted(played.items()):
        click.echo(f"{key[0]:8} {key[1]:20} {count:5} lives {broken[key]:5} with violations")
    points = len(whole.effects)
    click.echo(
        f"{life}: {points} points by {len(played)} patterns: {played.total()} lives,"
        f" {broken.total()} violations"
    )
    return broken.total()


async def play_all(
    lives: Sequence[str], only: str, every: int, part: tuple[int, int], *, lags: bool
) -> bool:
    """Play all these lives; True when nothing was broken."""
    broken = points = count = 0
    with tempfile.TemporaryDirectory(prefix="m") as home:
        databases = Databases(Path(home))
        try:
            for life in lives:
                whole = await one(databases, life, Fate(), lags=lags)
                broken += len(whole.wrong)
                for said in whole.wrong:
                    click.echo(f"{life}, undisturbed: {said}")
                some = [*fates(whole.effects, only)][part[0] - 1 :: every * part[1]]
                points, count = points + len(whole.effects), count + len(some)
                broken += await play(databases, life, some, whole, lags=lags)
        finally:
            databases.close()
    click.echo(f"together: {len(lives)} lives, {points} points, {count} fates, {broken} broken")
    return not broken


def _part(_context: click.Context, _parameter: click.Parameter, value: str) -> tuple[int, int]:
    number, _, of = value.partition("/")
    return int(number), int(of)


@click.command()
@click.option("--life", type=click.Choice(["", BUMP, COMMANDS, *CHAPTERS]), default="")
@click.option("--only", type=click.Choice(["", "GITHUB", "STORE", "COMMANDS"]), default="")
@click.option("--every", type=click.IntRange(1), default=1, help="Play only every n-th fate.")
@click.option("--part", default="1/1", callback=_part, help="Of so many parts play this one.")
@click.option("--lags", is_flag=True, help="With tokens and bases that lag.")
def matrix(life: str, only: str, every: int, part: tuple[int, int], *, lags: bool) -> None:
    """Play the matrix; exit status 1 when an invariant was broken."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    lives = [one for one in LIVES if one in (life, f"{COMMANDS}/{life}") or not life]
    lives += [one for one in LIVES if life == COMMANDS and one.startswith(COMMANDS)]
    fine = asyncio.run(play_all(lives, only, every, part, lags=lags))
    raise SystemExit(0 if fine else 1)


if __name__ == "__main__":
    matrix()
