"""The crash matrix as a script: every effect of a bump's life, what happens there, what else does.

    PYTHONPATH=tests/stories python tests/faults/matrix.py [--only GITHUB|STORE] [--every N]

Prints points by patterns by violations, and each violation with the fate that caused it.
"""

import asyncio
import itertools
import logging
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import click
import structlog
from databases import Databases
from dying import MEMORIES, PATTERNS, SIDES, Fate, Life, Pattern, Side, live
from story import story

from octobot.store.store import Store

AWAKE: tuple[Pattern, ...] = ("plain", "stale")
"""The patterns that mean something where nobody dies."""


def fates(effects: Sequence[str], only: str = "") -> Iterator[Fate]:
    """Give every fate there is: a store's answer is not lost, it is the process that is."""
    for point, name in enumerate(effects, 1):
        in_store = name in MEMORIES
        if only and in_store != (only == "STORE"):
            continue
        for side, pattern in itertools.product(SIDES, PATTERNS):
            if side in ("lost", "refused") and (in_store or pattern not in AWAKE):
                continue
            yield Fate(point, side, pattern)


async def one(databases: Databases, fate: Fate) -> Life:
    """Live one life on a stage of its own."""
    with tempfile.TemporaryDirectory() as home, databases.fresh() as url:
        async with (
            Store.open(url, connections=3) as store,
            story(Path(home), store) as tale,
        ):
            return await live(tale, fate)


async def play(databases: Databases, only: str, every: int) -> bool:
    """Play all fates; True when nothing was broken."""
    whole = await one(databases, Fate())
    played: Counter[tuple[Side, Pattern]] = Counter()
    broken: Counter[tuple[Side, Pattern]] = Counter()
    for fate in itertools.islice(fates(whole.effects, only), None, None, every):
        life = await one(databases, fate)
        played[fate.side, fate.pattern] += 1
        if life.wrong:
            broken[fate.side, fate.pattern] += 1
            click.echo(f"{fate} ({whole.effects[fate.point - 1]}): {'; '.join(life.wrong)}")
    for key, count in sorted(played.items()):
        click.echo(f"{key[0]:8} {key[1]:20} {count:5} lives {broken[key]:5} with violations")
    points = len(whole.effects)
    click.echo(
        f"{points} points by {len(played)} patterns: {played.total()} lives,"
        f" {broken.total()} violations"
    )
    return not broken and not whole.wrong


@click.command()
@click.option("--only", type=click.Choice(["", "GITHUB", "STORE"]), default="")
@click.option("--every", type=click.IntRange(1), default=1, help="Play only every n-th fate.")
def matrix(only: str, every: int) -> None:
    """Play the matrix; exit status 1 when an invariant was broken."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    with tempfile.TemporaryDirectory(prefix="m") as home:
        databases = Databases(Path(home))
        try:
            fine = asyncio.run(play(databases, only, every))
        finally:
            databases.close()
    raise SystemExit(0 if fine else 1)


if __name__ == "__main__":
    matrix()
