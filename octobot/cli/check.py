"""`octobot check`: list outdated specs on a disk; real upstreams, no App."""

import asyncio
import json
import signal
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from shutil import get_terminal_size

import click

from octobot.app.environment import settings_with_logs
from octobot.app.upstreams import open_upstreams
from octobot.cli.failure import INTERRUPTED
from octobot.cli.specs_on_disk import NAMES, SPECS, read_specs
from octobot.flows.upstreams import Stoppable
from octobot.flows.watch.survey import Finding, survey
from octobot.messages.terminal import columns, inert
from octobot.settings import Settings

CURRENT, OUTDATED, UNKNOWN = 0, 1, 3
"""Exit statuses; 2 is a wrong call or setup."""


@click.command("check")
@SPECS
@NAMES
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
def command(source: Path, names: tuple[str, ...], *, as_json: bool) -> None:
    """List outdated specs.

    SOURCE is a directory, tarball or file.  Queries the real upstreams, with GITHUB_TOKEN when it
    is set.  Exit status 1 when a spec is outdated; 3 when none is, but of some spec nobody knows:
    each is listed with its reason.  Ctrl-C ends the queries: what is known by then is printed, and
    the status is 130.
    """
    settings = settings_with_logs(quiet=True)
    sys.exit(asyncio.run(check(settings, source, names, as_json=as_json)))


async def check(settings: Settings, source: Path, names: Sequence[str], *, as_json: bool) -> int:
    """Print what is outdated, and a summary by reason; return the exit status.

    An interrupt ends all queries, and loses nothing that was answered.
    """
    specs, stop = read_specs(source, names), asyncio.Event()
    async with open_upstreams(settings) as upstreams:
        with _interrupt_sets(stop):
            findings = await survey(specs, Stoppable(upstreams, stop))
    if as_json:
        click.echo(json.dumps([_as_dict(finding) for finding in findings], indent=2))
    else:
        for line in _table(findings):
            click.echo(line)
    click.echo(_summary(findings), err=True)
    if note := tags_for_releases(findings):
        click.echo(note, err=True)
    if stop.is_set():
        click.echo("Interrupted: not every upstream was asked.", err=True)
        return INTERRUPTED
    if any(finding.outdated for finding in findings):
        return OUTDATED
    return UNKNOWN if any(finding.unknown for finding in findings) else CURRENT


@contextmanager
def _interrupt_sets(stop: asyncio.Event) -> Iterator[None]:
    """Let the first Ctrl-C set the event; the next one ends the process."""
    loop = asyncio.get_running_loop()

    def interrupted() -> None:
        stop.set()
        loop.remove_signal_handler(signal.SIGINT)

    before = signal.getsignal(signal.SIGINT)
    loop.add_signal_handler(signal.SIGINT, interrupted)
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGINT)
        signal.signal(signal.SIGINT, before)


def _as_dict(finding: Finding) -> dict[str, str | bool | None]:
    package, target, who = finding.package, finding.found.target, finding.upstream
    return {
        "package": finding.name,
        "current": package.version if package else None,
        "newest": target.version if target else None,
        "outdated": finding.outdated,
        "datasource": who.datasource if who else None,
        "identifier": who.identifier if who else None,
        "asked": finding.asked or None,
        "reason": finding.found.reason.code.value,
        "detail": str(finding.found.reason),
    }


def _table(findings: Sequence[Finding]) -> Iterator[str]:
    """Yield the lines of the table; what is outdated is bold on a terminal."""
    rows = [("package", "current", "newest", "datasource", "reason"), *map(_cells, findings)]
    bold = [True, *(finding.outdated for finding in findings)]
    # Of a program that reads it each spec is one line; a person's terminal folds.
    width = get_terminal_size().columns if sys.stdout.isatty() else None
    for number, line in columns(rows, width):
        yield click.style(line, bold=True) if bold[number] else line


def _cells(finding: Finding) -> tuple[str, ...]:
    row = _as_dict(finding)
    parts = ("datasource", "identifier", "asked" if finding.tags_for_releases else "")
    source = " ".join(str(row[part]) for part in parts if row.get(part))
    cells = (row["package"], row["current"], row["newest"], source, row["detail"])
    return tuple(inert(str(cell or "")) for cell in cells)


def _summary(findings: Sequence[Finding]) -> str:
    """Count the specs by reason, and name those of which nobody knows whether they are outdated."""
    counted = Counter((each.unknown, each.found.reason.code.value) for each in findings)
    named: dict[str, list[str]] = defaultdict(list)
    for finding in findings:
        if finding.unknown:
            named[finding.found.reason.code.value].append(inert(finding.name))
    lines = [f"{len(findings)} {'spec' if len(findings) == 1 else 'specs'}:"]
    for (unknown, code), number in sorted(counted.items(), key=lambda each: (each[0][0], -each[1])):
        who = f"  not known: {', '.join(named[code])}" if unknown else ""
        lines.append(f"{number:6}  {code}{who}")
    return "\n".join(lines)


def tags_for_releases(findings: Sequence[Finding]) -> str:
    """Return the note on how this differs from what the App would choose; empty: in nothing."""
    number = sum(finding.tags_for_releases for finding in findings)
    if not number:
        return ""
    return (
        f"Without GITHUB_TOKEN, tags are read in place of the GitHub releases of {number}"
        f" {'spec' if number == 1 else 'specs'}: what is a draft or a pre-release, or has no"
        " release, does not show, and the App may choose another version."
    )
