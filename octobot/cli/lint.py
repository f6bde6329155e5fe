"""`octobot lint`: what is wrong or doubtful in the update blocks of specs on a disk."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from octobot.cli.specs_on_disk import NAMES, SPECS, folder_of, read_specs
from octobot.messages.terminal import inert
from octobot.specs.lint.lint import Finding
from octobot.specs.lint.lint import lint as look


@click.command("lint")
@SPECS
@NAMES
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of lines.")
def command(source: Path, names: tuple[str, ...], *, as_json: bool) -> None:
    """List problems in the update blocks of specs.

    Works offline.  Each finding has its file and line, the rule's name and a remedy.  Exit status 1
    when something is found.
    """
    sys.exit(1 if lint(source, names, as_json=as_json) else 0)


def lint(source: Path, names: Sequence[str], *, as_json: bool) -> bool:
    """Print every finding with file, line, rule and remedy; True when there is one."""
    specs = read_specs(source, names)
    found = [finding for path, text in sorted(specs.items()) for finding in look(path, text)]
    if as_json:
        click.echo(json.dumps([_as_dict(finding) for finding in found], indent=2))
        return bool(found)
    folder = folder_of(source)
    prefix = f"{folder}/" if folder.is_dir() else ""
    for finding in found:
        click.echo(inert(f"{prefix}{finding}", limit=1000))
    click.echo(f"{_counted(len(specs), 'spec')}, {_counted(len(found), 'finding')}", err=True)
    return bool(found)


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _as_dict(finding: Finding) -> dict[str, str | int]:
    return {
        "path": finding.where.path,
        "line": finding.where.line,
        "rule": finding.rule.name,
        "detail": finding.detail,
        "remedy": finding.rule.remedy,
    }
