"""`octobot backtest`: a distro's own history, bumped again."""

import json
import os
import re
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import chain, islice
from multiprocessing import get_context
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from octobot.cli.backtest.cases import count_cases, read_cases
from octobot.cli.backtest.history import Changed, History
from octobot.cli.backtest.view import by_kind, report
from octobot.flows.backtest.backtest import (
    UNKNOWN_KIND,
    Case,
    Commit,
    Outcome,
    Result,
    case_of,
    replay,
    with_taken_back,
)
from octobot.model.errors import UserError
from octobot.model.reasons import Reason, ReasonCode

_CHUNK = 64
"""Cases handed to another process at once; fewer are not worth a process."""
_AHEAD = 4
"""Chunks read ahead for each process: a long history is never held whole."""
_SAFE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command was asked for."""

    source: Path
    """A git repository or a file of cases."""
    since: datetime | None
    packages: frozenset[str]
    """Empty: all."""
    jobs: int
    """Processes; 0: one for each core."""
    emit: Path | None
    as_json: bool

    def takes(self, time: int, path: str) -> bool:
        """Return whether a case of this time (seconds since 1970) and spec is selected."""
        name = path.rpartition("/")[2].removesuffix(".yaml")
        recent = self.since is None or time >= self.since.timestamp()
        return recent and (not self.packages or name in self.packages)


@click.command("backtest")
@click.argument("source", type=click.Path(exists=True, path_type=Path))
@click.option(
    "--since",
    type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"]),
    metavar="DATE",
    help="Only bumps made at this date (UTC) or later.",
)
@click.option(
    "--package",
    "packages",
    multiple=True,
    metavar="NAME",
    help="Only this package; may be given several times.",
)
@click.option(
    "--jobs",
    type=click.IntRange(0),
    default=0,
    show_default="one for each core",
    help="Processes to work with.",
)
@click.option(
    "--emit",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Write each resulting spec to DIR/ID.yaml; a refused bump writes nothing.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON, with a reason for each refusal.")
def command(
    source: Path,
    *,
    since: datetime | None,
    packages: tuple[str, ...],
    jobs: int,
    emit: Path | None,
    as_json: bool,
) -> None:
    """Replay the history of your distro, and compare.

    SOURCE is a git repository of specs, or a file of recorded bumps (JSON lines, may be gzipped).
    Each bump that was ever made is made again by octobot's own code, its look-ups answered from
    what the recorded bump shows, and compared byte for byte.
    """
    since = since.replace(tzinfo=UTC) if since else None
    backtest(Wanted(source, since, frozenset(packages), jobs, emit, as_json))


def backtest(wanted: Wanted) -> None:
    """Make every recorded bump of the source again and print how they come out."""
    if wanted.emit:
        wanted.emit.mkdir(parents=True, exist_ok=True)
    results: list[Result] = []
    console = Console(stderr=True)
    with _progress(console) as progress, _opened(wanted, progress) as items:
        for result in _made(items, wanted.jobs or _cores()):
            if result is not None:
                _emit(wanted.emit, result)
                results.append(replace(result, text=""))
    if not results:
        raise UserError(f"there is no recorded bump in {wanted.source} that was asked for")
    results = with_taken_back(results)
    if wanted.as_json:
        click.echo(json.dumps(_as_dict(results), indent=1))
    else:
        Console().print(report(results))


@contextmanager
def _progress(console: Console) -> Iterator[Progress]:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    shown = console.is_terminal
    with Progress(*columns, console=console, transient=True, disable=not shown) as progress:
        yield progress


@contextmanager
def _opened(wanted: Wanted, progress: Progress) -> Iterator[Iterable[Case | Commit]]:
    if wanted.source.is_file():
        total = count_cases(wanted.source)
        cases = progress.track(read_cases(wanted.source), total=total, description="bumping")
        yield (case for case in cases if wanted.takes(case.time, case.path))
        return
    with History(wanted.source) as history:
        listed = progress.track(history.changed(wanted.since), description="reading the history")
        changed = [each for each in listed if wanted.takes(each.time, each.path)]
        yield _commits(history, progress.track(changed, description="bumping"))


def _commits(history: History, changed: Iterable[Changed]) -> Iterator[Commit]:
    return (commit for each in changed if (commit := history.commit(each)) is not None)


def _made(items: Iterable[Case | Commit], jobs: int) -> Iterator[Result | None]:
    """Yield a result for each item, in order; None for a commit that is not a bump."""
    rest = iter(items)
    first = list(islice(rest, _CHUNK))
    if jobs == 1 or len(first) < _CHUNK:
        yield from map(_guarded, chain(first, rest))
        return
    waiting: deque[Future[list[Result | None]]] = deque()
    # Spawned, not forked: the progress bar has a thread of its own.
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        chunk = first
        while chunk:
            waiting.append(pool.submit(_all_of, chunk))
            if len(waiting) >= jobs * _AHEAD:
                yield from waiting.popleft().result()
            chunk = list(islice(rest, _CHUNK))
        while waiting:
            yield from waiting.popleft().result()


def _all_of(items: Sequence[Case | Commit]) -> list[Result | None]:
    return [_guarded(item) for item in items]


def _guarded(item: Case | Commit) -> Result | None:
    """Replay one item; an internal error fails this item only, and is shown."""
    try:
        case = case_of(item) if isinstance(item, Commit) else item
        return None if case is None else replay(case)
    except Exception as error:  # noqa: BLE001  (the command continues with the next case)
        reason = Reason(ReasonCode.INTERNAL_ERROR, f"{type(error).__name__}: {error}")
        name = item.path.removesuffix(".yaml")
        return Result(
            item.id, item.time, name, UNKNOWN_KIND, "", "", Outcome.REFUSED, reason, "", ""
        )


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1


def _emit(folder: Path | None, result: Result) -> None:
    if folder is None or not result.text:
        return
    if not _SAFE_ID.fullmatch(result.id):
        raise UserError(f"the id {result.id[:80]!r} cannot be a file's name")
    (folder / f"{result.id}.yaml").write_bytes(result.text.encode())


def _as_dict(results: Sequence[Result]) -> dict[str, object]:
    classes = {
        kind: {
            "cases": len(some),
            **{o.value: n for o, n in Counter(result.outcome for result in some).items()},
            "as wanted": sum(result.as_wanted for result in some),
        }
        for kind, some in by_kind(results).items()
    }
    return {"classes": classes, "cases": [_case(result) for result in results]}


def _case(result: Result) -> dict[str, object]:
    reason = result.reason
    return {
        "id": result.id,
        "time": result.time,
        "package": result.package,
        "class": result.kind,
        "from": result.source,
        "to": result.target,
        "outcome": result.outcome.value,
        "as wanted": result.as_wanted,
        "reason": reason.code.value if reason else None,
        "detail": str(reason) if reason else None,
        "diff": result.diff or None,
    }
