"""Prints how the recorded bumps come out, by class.

`python tests/replay/score.py [--since DATE] [--class C] [--jobs 2] [--show N] [--rest FILE]`
"""

import argparse
import sys
from collections import Counter, defaultdict
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parent)]

from replaying import (  # noqa: E402  (found through the line above)
    DIFFERENT,
    REFUSED,
    SAME_BYTES,
    Result,
    cases,
    replay,
)

_CHUNK = 200


def main(arguments: Sequence[str] | None = None) -> None:
    """Replay and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--since", default="2025-03-01", type=_seconds)
    parser.add_argument("--class", dest="kind", default="")
    parser.add_argument("--jobs", default=1, type=int)
    parser.add_argument("--show", default=0, type=int, help="differences to print a class")
    parser.add_argument("--rest", default="", help="write what is not as wanted to this file")
    chosen = parser.parse_args(arguments)
    wanted = (c for c in cases() if c.time >= chosen.since and chosen.kind in ("", c.kind))
    by_kind: defaultdict[str, list[Result]] = defaultdict(list)
    with ProcessPoolExecutor(chosen.jobs) as pool:
        for result in pool.map(replay, wanted, chunksize=_CHUNK):
            by_kind[result.case.kind].append(result)
    _table(by_kind)
    _rest(by_kind, chosen.show)
    if chosen.rest:
        rest = [r for results in by_kind.values() for r in results if not r.as_wanted]
        lines = (f"{r.case.id} {r.case.path} {r.case.kind} {r.reason or r.outcome}\n" for r in rest)
        Path(chosen.rest).write_text("".join(lines), encoding="utf-8")


def _seconds(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


def _table(by_kind: dict[str, list[Result]]) -> None:
    print(f"{'class':28}{'cases':>7}{'same':>7}{'differ':>7}{'refused':>8}{'as wanted':>11}")  # noqa: T201  (a command)
    for kind, results in sorted(by_kind.items(), key=lambda item: -len(item[1])):
        count = Counter(result.outcome for result in results)
        share = sum(result.as_wanted for result in results) / len(results)
        print(  # noqa: T201
            f"{kind:28}{len(results):7}{count[SAME_BYTES]:7}{count[DIFFERENT]:7}"
            f"{count[REFUSED]:8}{share:11.2%}"
        )


def _rest(by_kind: dict[str, list[Result]], show: int) -> None:
    for kind, results in by_kind.items():
        codes = Counter(r.reason.code.value for r in results if r.reason and not r.as_wanted)
        print(f"\n{kind}: not as wanted, refused: {dict(codes)}")  # noqa: T201
        for result in islice((r for r in results if not r.as_wanted), show):
            print(f"# {result.case.id} {result.case.path} {result.reason or ''}")  # noqa: T201
            print(result.diff() if result.text else "")  # noqa: T201


if __name__ == "__main__":
    main()
