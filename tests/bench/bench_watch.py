"""Prints what watching costs on this machine: counts, CPU, memory, and what each is against.

`python tests/bench/bench_watch.py [--growth] [--nvchecker] [--latency]`, all three without any.
`--packages N --json` prints one object about a made-up distro of so many packages: of a pass in
which nothing is new `graphql_calls`, `requests` to other hosts and `cpu_s` with PostgreSQL's;
`peak_mb` besides the bench's own distro; and from simulated time `p99_github_s`, `p99_other_s` and
`missed`.
The distro is the real one where its archive is at hand, else one made up; each measurement is a
process of its own, and so are its upstreams (`watch_server.py`) and its PostgreSQL.
"""

import argparse
import asyncio
import json
import logging
import resource
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import structlog

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from octobot.flows.watch.schedule import GITHUB, USUAL, github_budget  # noqa: E402  (found through the line above)
from tests.bench.watch_rig import Rig, rig  # noqa: E402
from tests.bench.watch_world import ARCHIVE, specs_of  # noqa: E402

GROWTH = (1000, 3220, 10_000, 30_000)
NEWS = 60


def main() -> None:
    """Measure what was asked for, or do one measurement for the process that did."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--growth", action="store_true")
    parser.add_argument("--nvchecker", action="store_true")
    parser.add_argument("--latency", action="store_true")
    parser.add_argument("--packages", type=int, help="one distro of so many, made up; 0: the real")
    parser.add_argument("--json", action="store_true", help="print --packages as one object")
    parser.add_argument("--even", action="store_true", help="all upstreams release as often")
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--simulate", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--compare", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    if chosen.one is not None:
        asyncio.run(_one(chosen.one))
    elif chosen.simulate is not None:
        asyncio.run(_latency(chosen.simulate, even=chosen.even))
    elif chosen.packages is not None:
        asyncio.run(_summary(chosen.packages, even=chosen.even, as_json=chosen.json))
    elif chosen.compare:
        asyncio.run(_compare())
    else:
        _all(chosen)


def _all(chosen: argparse.Namespace) -> None:
    everything = not (chosen.growth or chosen.nvchecker or chosen.latency)
    if not ARCHIVE.exists():
        _say(f"{ARCHIVE.name} is not here: a distro of 3,220 made-up specs stands in for it")
    if everything:
        _say("the distro")
        _again("--one", "0")
    if everything or chosen.growth:
        _say("growth, made up")
        for count in GROWTH:
            _again("--one", str(count))
    if everything or chosen.nvchecker:
        _again("--compare")
    if everything or chosen.latency:
        for count in (0, 30_000):
            _again("--simulate", str(count), *(["--even"] if chosen.even else []))


def _again(*words: str) -> None:
    # A process of its own, so that its peak of memory is its own.
    subprocess.run([sys.executable, __file__, *words], check=True)  # noqa: S603  (this very file)


@contextmanager
def upstreams(count: int) -> Iterator[tuple[str, Path]]:
    """Serve the world of so many specs; yield the address and a folder that may be used."""
    with TemporaryDirectory(prefix="bench") as folder:
        place = Path(folder)
        command = [sys.executable, str(Path(__file__).with_name("watch_server.py"))]
        server = subprocess.Popen(  # noqa: S603  (the file beside this one)
            [*command, str(count), folder], stdout=subprocess.PIPE, text=True
        )
        try:
            assert server.stdout is not None
            yield server.stdout.readline().strip(), place
        finally:
            server.kill()
            server.wait()


async def _one(count: int) -> None:
    """Measure one distro: cold, warm, with news, and read to the end again."""
    with upstreams(count) as (address, place):
        specs = specs_of(count)
        async with rig(address, place, specs) as bench:
            places = len({one.key for one in bench.packages})
            _say(f"  {len(specs)} specs, {len(bench.packages)} watched, {places} repositories")
            before = _peak()
            await _measured(bench, "cold")
            await _measured(bench, "warm")
            await bench.publish(bench.spread(NEWS))
            await _measured(bench, f"{NEWS} new releases")
            bench.ahead(days=1, minutes=1)
            await _measured(bench, "a day later")
            _say(f"  peak memory {_peak():.0f} MB, of which the bench's own distro {before:.0f} MB")


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


async def _measured(bench: Rig, what: str) -> None:
    bench.ahead(minutes=20)
    before, cpu, database = time.monotonic(), time.process_time(), bench.database_cpu()
    hinted = await bench.look_at_all()
    wall, cpu = time.monotonic() - before, time.process_time() - cpu
    counts = await bench.figures()
    points = counts.get("points", 0)
    others = counts.get("git", 0) + counts.get("monitor", 0)
    _say(
        f"  {what:16} {counts.get('queries', 0):4} GraphQL calls, {points:4} points, "
        f"{others:5} other requests, {counts.get('bytes', 0) / 1e6:7.1f} MB, {wall:6.1f} s, "
        f"CPU {cpu:5.1f} s + {bench.database_cpu() - database:4.1f} s PostgreSQL, "
        f"{hinted} hints"
    )
    if what == "warm":
        budget = github_budget(await bench.store.schedule.demand())
        shortest = bench.world.check_interval
        every = budget.wait(shortest * USUAL, shortest, GITHUB)
        hour = points * (timedelta(hours=1) / every)
        _say(f"  {'':16} a look every {every.total_seconds():.0f} s: {hour:.0f} points an hour")


async def _compare() -> None:
    """Look at the same upstreams with nvchecker and with octobot."""
    from tests.bench.watch_nvchecker import check  # noqa: PLC0415  (an extra: `pip install .[bench]`)

    with upstreams(0) as (address, place):
        async with rig(address, place, specs_of(0)) as bench:
            await bench.look_at_all()
            await bench.figures()
            await _side_by_side(bench, check(place, bench.packages, address))


async def _side_by_side(bench: Rig, command: Sequence[str]) -> None:
    _say("side by side with nvchecker, the same loopback upstreams (sources github and git)")
    await _nvchecker(command, bench, "first")
    theirs = await _nvchecker(command, bench, "second")
    bench.ahead(minutes=20)
    bench.only("github", "git")
    cpu, database, wall = time.process_time(), bench.database_cpu(), time.monotonic()
    await bench.look_at_all()
    wall, cpu = time.monotonic() - wall, time.process_time() - cpu
    counts = await bench.figures()
    asked = sum(counts.get(what, 0) for what in ("queries", "git", "rest", "monitor"))
    total = cpu + bench.database_cpu() - database
    _say(
        f"  octobot, warm:      {wall:6.1f} s, CPU {total:6.1f} s with PostgreSQL, {asked} requests"
    )
    names = ("wall", "CPU", "requests")
    ratios = [their / our for their, our in zip(theirs, (wall, total, asked), strict=True)]
    told = ", ".join(f"{ratio:.1f} times the {n}" for ratio, n in zip(ratios, names, strict=True))
    _say(f"  nvchecker takes {told}")


async def _nvchecker(command: Sequence[str], bench: Rig, what: str) -> tuple[float, float, int]:
    before, wall = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE
    )
    _, said = await process.communicate()
    wall = time.monotonic() - wall
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    counts = await bench.figures()
    asked = sum(counts.get(name, 0) for name in ("rest", "git"))
    errors = said.count(b"[E ")
    told = f"{wall:6.1f} s, CPU {cpu:6.1f} s, {asked} requests, {errors} errors"
    _say(f"  nvchecker, {what:6}:  {told}")
    return wall, cpu, asked


async def _summary(count: int, *, even: bool, as_json: bool) -> None:
    """Print the figures of one distro."""
    from tests.bench.watch_latency import simulate  # noqa: PLC0415  (imports this module's rig)

    with upstreams(count) as (address, place):
        async with rig(address, place, specs_of(count)) as bench:
            before = _peak()
            await bench.look_at_all()
            await bench.figures()
            bench.ahead(minutes=20)
            began = time.process_time() + bench.database_cpu()
            await bench.look_at_all()
            cpu = time.process_time() + bench.database_cpu() - began
            counts, peak = await bench.figures(), _peak() - before
        # A memory of its own: that of the passes above knows no past releases.
    with upstreams(count) as (address, place):
        async with rig(address, place, specs_of(count)) as bench:
            found = await simulate(bench, even=even)
    figures = {
        "graphql_calls": counts.get("queries", 0),
        "requests": counts.get("git", 0) + counts.get("monitor", 0),
        "cpu_s": round(cpu, 1),
        "peak_mb": round(peak),
        "p99_github_s": round(found["GitHub"].p99),
        "p99_other_s": round(found["other hosts"].p99),
        "missed": sum(one.missed for one in found.values()),
    }
    lines = [f"{name:14} {value}" for name, value in figures.items()]
    _say(json.dumps(figures) if as_json else "\n".join(lines))


async def _latency(count: int, *, even: bool) -> None:
    """Let simulated time pass tick by tick, publish by it, and see when the lanes are hinted."""
    from tests.bench.watch_latency import simulate  # noqa: PLC0415  (imports this module's rig)

    with upstreams(count) as (address, place):
        async with rig(address, place, specs_of(count)) as bench:
            _say(f"detection latency in simulated time, {len(bench.packages)} packages")
            for kind, found in (await simulate(bench, even=even)).items():
                _say(f"  {kind:12} {found}")


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201  (a command)


if __name__ == "__main__":
    main()
