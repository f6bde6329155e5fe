"""The distro that a `rebuild` command reads: a directory, a tarball or a revision in git."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from octobot.cli.backtest.history import History, Raised
from octobot.cli.specs_on_disk import is_spec, read_with_pipelines
from octobot.messages.terminal import inert
from octobot.model.errors import UserError
from octobot.policy.config.read import PATH
from octobot.specs.graph.distro import Distro, read_distro

FORM = 1
"""The `version` of what `--json` prints."""

_SOURCE = click.argument("source", metavar="PATH", type=click.Path(exists=True, path_type=Path))
_REVISION = click.option(
    "--revision", metavar="REV", help="Read this commit, branch or tag of the repository at PATH."
)
_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON, for other programs.")


def reads_distro(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add what all these commands take: PATH, `--revision`, `--json`."""
    return _SOURCE(_REVISION(_JSON(function)))


def files_of(source: Path, revision: str | None) -> dict[str, str]:
    """Return path → text of the specs and pipelines, and of the repository's file at a revision."""
    if is_spec(source):
        raise UserError(f"{source} is one spec; name the directory of all, which need each other")
    if revision is None:
        return read_with_pipelines(source)
    with History(source) as history:
        files = history.files(revision, PATH)
    if not any("/" not in path for path in files):
        raise UserError(f"there is no spec, NAME.yaml, in {source} at {inert(revision)}")
    return files


def distro_of(source: Path, revision: str | None) -> tuple[Distro, dict[str, str]]:
    """Read the distro; what cannot be read is named on standard error, once each."""
    files = files_of(source, revision)
    distro = read_distro(files)
    if not distro.graph.specs:
        raise UserError(f"no spec in {source} can be read: {_first(distro)}")
    for reason in distro.unreadable.values():
        click.echo(inert(f"left out: {reason}"), err=True)
    for name, users in distro.unknown_pipelines.items():
        more = f" and {len(users) - 1} more" if len(users) > 1 else ""
        note = f"unknown pipeline {name}: what it installs is missing for {users[0]}{more}"
        click.echo(inert(note), err=True)
    return distro, files


def raised_in(source: Path, *revisions: str) -> dict[str, Raised]:
    """Return when each spec was last raised, by the history of the repository at PATH."""
    if not source.is_dir():
        raise UserError(f"{source} has no history; name a directory of a git repository")
    with History(source) as history:
        return history.raised(*revisions)


def rows(pairs: Sequence[tuple[str, str]]) -> str:
    """Write two columns, one line for each pair."""
    width = max((len(first) for first, _ in pairs), default=0)
    return "".join(f"{first:<{width}}  {inert(second)}\n" for first, second in pairs)


def plural(count: int, noun: str) -> str:
    """Write `1 level` or `2 levels`."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _first(distro: Distro) -> str:
    return inert(str(next(iter(distro.unreadable.values()), "")))
