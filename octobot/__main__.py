"""The command line."""

# First, since it tells what the other imports raise.
from octobot.cli.failure import in_one_line  # isort: split

import asyncio
import sys
from collections.abc import Coroutine
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import click

from octobot.app import poll as polling
from octobot.app import serve as service
from octobot.app.environment import settings_with_logs as _settings
from octobot.app.self_test import probe as probing
from octobot.cli import accept_upstream as accepting
from octobot.cli import audit as auditing
from octobot.cli import check as checking
from octobot.cli import doctor as examination
from octobot.cli import lint as linting
from octobot.cli import resume as resuming
from octobot.cli import why as explaining
from octobot.cli.backtest import backtest as backtesting
from octobot.cli.config.commands import config, policy
from octobot.cli.demo import demo as demonstration
from octobot.cli.group import Interruptible
from octobot.cli.triage import triage

T = TypeVar("T")

CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}
SPECS = click.argument("source", metavar="PATH", type=click.Path(exists=True, path_type=Path))
NAMES = click.argument("names", metavar="[NAME]...", nargs=-1)


@click.group(cls=Interruptible, context_settings=CONTEXT)
@click.version_option(package_name="octobot")
def cli() -> None:
    """Keep a distro's melange specs current.

    `demo` shows the whole job on this machine; `check` and `update` work on a directory of specs;
    `serve` and `poll` are the GitHub App.  Settings come from the environment: see the README.
    """


@cli.command()
@click.option("--keep", is_flag=True, help="Leave the servers running and print their addresses.")
@click.option(
    "--distro",
    type=click.Path(exists=True, path_type=Path),
    help="Run over the specs of this directory or tarball instead of the sample distro.",
)
@click.option(
    "--packages",
    type=click.IntRange(1),
    default=100,
    show_default=True,
    help="With --distro: how many packages to take.",
)
@click.option(
    "--home",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where the demo lives; an interrupted one is taken up again from there.",
)
@click.option("--verbose", is_flag=True, help="Show the log instead of the progress.")
def demo(
    *, keep: bool, distro: Path | None, packages: int, home: Path | None, verbose: bool
) -> None:
    """Show the whole job on a sandbox of this machine.

    No account, no network, under two minutes.  Starts a GitHub, upstreams and a CI on this
    machine, installs octobot on a sample distro, publishes releases, and ends with a table of what
    happened and why.  Exit status 0 only if everything expected happened.
    """
    show = demonstration.Show(keep=keep, distro=distro, packages=packages, verbose=verbose)
    _exit(0 if _run(demonstration.demo(show, home)) else 1)


@cli.command()
@SPECS
@NAMES
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
def check(source: Path, names: tuple[str, ...], *, as_json: bool) -> None:
    """Tell which specs of a directory, tarball or file are outdated.

    Asks the real upstreams; GITHUB_TOKEN is used when set.  Exit status 1 when something is
    outdated, 3 when nothing is but some upstream or spec could not be read.
    """
    _exit(_run(checking.check(_settings(quiet=True), source, names, as_json=as_json)))


@cli.command()
@SPECS
@NAMES
@click.option("--write", is_flag=True, help="Edit the specs in place, each atomically.")
def update(source: Path, names: tuple[str, ...], *, write: bool) -> None:
    """Print the diff that brings specs to their newest versions.

    Exit status 1 when a spec or its upstream could not be read, or a bump was refused; the reason
    is printed.
    """
    refused = _run(checking.update(_settings(quiet=True), source, names, write=write))
    _exit(1 if refused else 0)


@cli.command()
@SPECS
@NAMES
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of lines.")
def lint(source: Path, names: tuple[str, ...], *, as_json: bool) -> None:
    """Tell what is wrong or doubtful in the update blocks of specs.

    Asks nobody.  Each finding has its file and line, the rule's name and a remedy.  Exit status 1
    when something is found.
    """
    _exit(1 if linting.lint(source, names, as_json=as_json) else 0)


@cli.command()
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
def backtest(
    source: Path,
    *,
    since: datetime | None,
    packages: tuple[str, ...],
    jobs: int,
    emit: Path | None,
    as_json: bool,
) -> None:
    """Tell what octobot would have done with the history of your distro.

    SOURCE is a git repository of specs, or a file of recorded bumps (JSON lines, may be gzipped).
    Each bump that was ever made is made again by octobot's own code, its look-ups answered from
    what the recorded bump shows, and compared byte for byte.
    """
    since = since.replace(tzinfo=UTC) if since else None
    wanted = backtesting.Wanted(source, since, frozenset(packages), jobs, emit, as_json)
    backtesting.backtest(wanted)


@cli.command()
def serve() -> None:
    """Run the App: its doors, the poller and the lanes.

    The doors are /deliveries, /healthz and /readyz. Stops cleanly on SIGTERM and SIGINT.
    """
    _run(service.serve(_settings()))


@cli.command()
@click.option("--once", is_flag=True, help="One pass, then exit; without it one at every tick.")
def poll(*, once: bool) -> None:
    """Do the App's job without a server: the cron poller.

    Makes a pass over every installation, then takes all steps that are due.
    """
    _run(polling.poll(_settings(), once=once))


@cli.command()
@click.argument("name")
@click.option(
    "--candidates", is_flag=True, help="Ask upstream, and show how each release fares in the spec."
)
def why(name: str, *, candidates: bool) -> None:
    """Tell why a package is where it is.

    Prints its reason code and the observations behind it.  Exit status 1 when octobot does not
    know the package.
    """
    known = _run(explaining.why(_settings(quiet=True), name, candidates=candidates))
    _exit(0 if known else 1)


@cli.command()
@click.option(
    "--since",
    type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"]),
    metavar="DATE",
    help="Only what was said at this date (UTC) or later.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
def audit(*, since: datetime | None, as_json: bool) -> None:
    """Tell which slash commands people gave, and what came of each.

    The log is append-only: refused commands are in it, too, with what GitHub let their authors do.
    """
    since = since.replace(tzinfo=UTC) if since else None
    _run(auditing.audit(_settings(quiet=True), since, as_json=as_json))


@cli.command()
@click.argument("repository", metavar="OWNER/NAME")
def resume(repository: str) -> None:
    """Let octobot merge again where a merge went wrong.

    After each merge octobot compares the merged tree with what it judged; a difference stops all
    merging there and opens an issue, until a person has looked and says this.
    """
    _run(resuming.resume(_settings(quiet=True), repository))


@cli.command("accept-upstream")
@click.argument("name", metavar="OWNER/NAME")
def accept_upstream(name: str) -> None:
    """Trust the repository that has an upstream's name now.

    octobot remembers each upstream on GitHub by its number.  Another repository under the same name
    freezes the packages that follow it, until a person has looked and says this.
    """
    _run(accepting.accept_upstream(_settings(quiet=True), name))


@cli.command()
@click.argument("url")
def probe(url: str) -> None:
    """Try on a running octobot what it must refuse.

    Forged and missing signatures, SHA-1, an oversized body, a path scan; where the App's settings
    are set, also replays under another event's name.  What lies behind the doors it tries on itself
    every hour, and is not ready when something was let in: a foreign head commit, a command without
    permission.  Exit status 1 when something was let in or had no answer, or it is not ready.
    """
    app = _settings(quiet=True).app
    secret = app.webhook_secrets[0].reveal() if app and app.webhook_secrets else None
    findings = _run(probing.probe(_run(probing.found_at(url)), secret))
    for each in findings:
        click.echo(f"{each.verdict:9} {each}")
    ready = _run(probing.is_ready(url))
    click.echo("ready     by its own probes" if ready else "NOT READY; its log says why")
    _exit(0 if ready and all(each.refused for each in findings) else 1)


@cli.command()
def doctor() -> None:
    """Examine the App's setup on GitHub.

    Checks identity, permissions, events, hook and installations.  Exit status 1 when something is
    wrong.
    """
    _exit(0 if _run(examination.doctor(_settings(quiet=True))) else 1)


cli.add_command(config)
cli.add_command(policy)
cli.add_command(triage)


def _run(story: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(story)


def _exit(status: int) -> None:
    sys.exit(status)


def main() -> None:
    """Run a command; an error is said in one line, status 2 where it has a remedy and 70 else."""
    with in_one_line():
        cli(prog_name="octobot")


if __name__ == "__main__":
    main()
