"""Prints how the recorded bumps come out, and what KNOWN.md says too little or too much.

`python tests/replay/score.py [CASES] [--since DATE] [--jobs 2]`; the table is that of `octobot
backtest`, which also shows the differences.
"""

import argparse
import re
import sys
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parent)]

from rich.console import Console  # noqa: E402

from octobot.cli.backtest.cases import read_cases  # noqa: E402
from octobot.cli.backtest.view import report  # noqa: E402
from octobot.flows.backtest.backtest import Result, replay  # noqa: E402
from octobot.specs.history.history import EDITED  # noqa: E402
from tests.replay.replaying import CASES, KNOWN  # noqa: E402  (found through the line above)

_CHUNK = 200
_ID = re.compile(r"\b[0-9a-f]{12}\b")


def main(arguments: Sequence[str] | None = None) -> None:
    """Replay and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("cases", nargs="?", default=CASES, type=Path)
    parser.add_argument("--since", default="2025-03-01", type=_seconds)
    parser.add_argument("--jobs", default=1, type=int)
    chosen = parser.parse_args(arguments)
    wanted = [case for case in read_cases(chosen.cases) if case.time >= chosen.since]
    with ProcessPoolExecutor(chosen.jobs) as pool:
        results = tuple(pool.map(replay, wanted, chunksize=_CHUNK))
    console = Console(soft_wrap=True)
    console.print(report(results))
    rest = [r for r in results if r.kind != EDITED and not r.as_wanted]
    known = set(_ID.findall(KNOWN.read_text(encoding="utf-8")))
    _say(console, "not as wanted and not in KNOWN.md", [r for r in rest if r.id not in known])
    fine = known & {result.id for result in results} - {result.id for result in rest}
    console.print(f"\nin KNOWN.md and as wanted: {' '.join(sorted(fine)) or 'none'}")
    console.print(f"not as wanted: {len(rest)} of {sum(r.kind != EDITED for r in results)}")


def _say(console: Console, title: str, results: Iterable[Result]) -> None:
    lines = [f"{r.id} {r.package} {r.kind} {r.reason or r.outcome}\n{r.diff}" for r in results]
    console.print(f"\n{title}: {len(lines)}", *lines, sep="\n", markup=False)


def _seconds(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


if __name__ == "__main__":
    main()
