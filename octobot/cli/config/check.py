"""`octobot config check`: all errors in the repository's file."""

import sys
from fnmatch import fnmatchcase
from pathlib import Path

import click

from octobot.cli.config.file import STDIN, print_faults, read
from octobot.messages.terminal import inert
from octobot.model.config import ConfigFile
from octobot.policy.config.explain import mentions_in
from octobot.policy.config.read import PATH


@click.command("check")
@click.argument("source", metavar="FILE")
def command(source: str) -> None:
    """List all errors in a file.

    FILE may be `-` for standard input, or a repository's directory.  Each error is printed as
    file:line:column with its remedy.  Exit status 1 when there is an error.
    """
    sys.exit(0 if check(source) else 1)


def check(source: str) -> bool:
    """Print every error with `file:line:column` and remedy; True when the file has none."""
    file = read(source)
    if file is None:
        click.echo(f"{inert(source)} has no {PATH}: the defaults apply")
        return True
    if print_faults(file):
        return False
    folder = Path(source)
    if source != STDIN and folder.is_dir():
        _note_idle_rules(file, [spec.stem for spec in folder.glob("*.yaml")])
    click.echo(f"{inert(file.path)} can be read")
    return True


def _note_idle_rules(file: ConfigFile, names: list[str]) -> None:
    """Print the patterns that match no spec of the directory: no error, but seldom intended."""
    noted = set()
    for said in mentions_in(file):
        idle = said.match and not any(fnmatchcase(name, said.match) for name in names)
        if idle and said.match not in noted:
            noted.add(said.match)
            words = f"{said.path}:{said.line}: note: {said.match} matches no spec here"
            click.echo(inert(words, limit=1000))
