"""Prints what a bump and the reading of a distro cost on this machine, in CPU time.

`python tests/bench/bench_bump.py [SPECS] [--bumps N]`: SPECS is a directory or tarball of specs,
else the distro's archive where it is at hand, else the sample distro.
"""

import argparse
import hashlib
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from statistics import median, quantiles

ROOT = Path(__file__).parents[2]
WITHOUT_C = "--without-c"
if WITHOUT_C in sys.argv:
    sys.modules["_ruamel_yaml"] = None  # type: ignore[assignment]  # as if it were not installed
sys.path.insert(0, str(ROOT))

from octobot.cli.demo.rehearsal import next_release  # noqa: E402
from octobot.cli.specs_on_disk import read_specs  # noqa: E402
from octobot.github.repository.git_objects import blob_id  # noqa: E402  (found through the line above)
from octobot.model.bump import (  # noqa: E402
    Answer,
    Ask,
    Bumped,
    CommitOf,
    DigestOf,
)
from octobot.model.ids import Sha  # noqa: E402
from octobot.model.package import Package  # noqa: E402
from octobot.model.release import Candidate  # noqa: E402
from octobot.specs.bump.bump import bump  # noqa: E402
from octobot.specs.read.cache import Reader  # noqa: E402
from octobot.specs.read.package import read  # noqa: E402

ARCHIVE = ROOT.parent / "shared" / "data" / "wolfi-os-2026-08-22.tar.gz"
CHANGED = 10


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    sample = ARCHIVE if ARCHIVE.exists() else ROOT / "fixtures" / "distro"
    parser.add_argument("specs", nargs="?", default=sample, type=Path)
    parser.add_argument("--bumps", default=1000, type=int)
    parser.add_argument(WITHOUT_C, action="store_true", help="without ruamel.yaml.clib")
    chosen = parser.parse_args()
    specs = read_specs(chosen.specs)
    if chosen.without_c:
        _bumps(specs, max(chosen.bumps // 5, 1), "without ruamel.yaml.clib")
        return
    _reading(specs)
    _bumps(specs, chosen.bumps, "with the C composer")
    command = [sys.executable, __file__, str(chosen.specs), WITHOUT_C, f"--bumps={chosen.bumps}"]
    subprocess.run(command, check=True)  # noqa: S603  (this very file)


def _reading(specs: Mapping[str, str]) -> None:
    rows = [(path, blob_id(text), text) for path, text in specs.items()]
    reader = Reader()
    _say("reading cold", len(rows), _seconds(partial(_read, reader, rows)))
    news = [
        (path, blob_id(f"{text}#\n"), f"{text}#\n") if number < CHANGED else (path, blob, text)
        for number, (path, blob, text) in enumerate(rows)
    ]
    _say(f"reading warm, {CHANGED} changed", len(news), _seconds(partial(_read, reader, news)))


def _read(reader: Reader, rows: Sequence[tuple[str, Sha, str]]) -> None:
    for path, blob, text in rows:
        reader.read(path, blob, text)


def _say(what: str, count: int, took: float) -> None:
    print(f"{what}: {count} specs in {took:.3f} s, {count / took:,.0f} a second")  # noqa: T201  (a command)


def _bumps(specs: Mapping[str, str], count: int, how: str) -> None:
    work = _work(specs, count)
    times = [_seconds(partial(_bump, *each)) * 1000 for each in work]
    cut = quantiles(times, n=100)[-1] if len(times) > 1 else times[0]
    print(  # noqa: T201
        f"a bump {how}: median {median(times):.2f} ms, p99 {cut:.2f} ms ({len(times)} bumps)"
    )


def _work(specs: Mapping[str, str], count: int) -> list[tuple[str, str, Candidate]]:
    """Choose specs that can be bumped to a made-up next version, spread over the distro."""
    every = list(specs.items())[:: max(len(specs) // (count * 2), 1)]
    work = []
    for path, text in every:
        package = read(path, text)
        target = next_release(package) if isinstance(package, Package) else None
        if target and isinstance(_bump(path, text, target), Bumped):
            work.append((path, text, target))
    return work[:count]


def _bump(path: str, text: str, target: Candidate) -> object:
    conversation = bump(path, text, target)
    answer: Answer = None
    try:
        while True:
            answer = _answer(conversation.send(answer))
    except StopIteration as end:
        return end.value


def _answer(ask: Ask) -> Answer:
    match ask:
        case CommitOf(repository=repository, ref=ref):
            return hashlib.sha1(f"{repository} {ref}".encode()).hexdigest()  # noqa: S324  (a made-up commit)
        case DigestOf(uri=uri, algorithm=algorithm):
            return hashlib.new(algorithm, uri.encode()).hexdigest()
        case _:
            return None


def _seconds(act: Callable[[], object]) -> float:
    start = time.process_time()
    act()
    return time.process_time() - start


if __name__ == "__main__":
    main()
