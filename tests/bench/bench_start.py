"""How long the command line takes to start, against a bare interpreter that imports click.

    python tests/bench/bench_start.py [RUNS]

Runs take turns, so that whatever else this machine does slows all of them alike.
"""

import subprocess
import sys
import time
from statistics import median

BARE = ("-c", "import asyncio, click, json")
CALLS = {
    "bare": BARE,
    **{
        words: ("-m", "octobot", *words.split())
        for words in ("--version", "--help", "lint --help", "check --help", "update --help")
    },
}


def seconds(*words: str) -> float:
    """Run Python once; return how long it took, in seconds."""
    started = time.perf_counter()
    subprocess.run(  # noqa: S603  (our own words)
        [sys.executable, *words], stdout=subprocess.DEVNULL, check=True
    )
    return time.perf_counter() - started


def main(runs: int) -> None:
    """Print the median of each call and its ratio to the bare interpreter's."""
    for words in CALLS.values():
        seconds(*words)  # once for the files' sake
    taken = [{name: seconds(*words) for name, words in CALLS.items()} for _ in range(runs)]
    for name in CALLS:
        middle = median(each[name] for each in taken)
        ratio = median(each[name] / each["bare"] for each in taken)
        print(f"{name:16} {middle:6.3f} s {ratio:6.1f} x")  # noqa: T201


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 9)
