"""`octobot config check` and `octobot config show`: the repository's file, before it is pushed."""

import sys
from fnmatch import fnmatchcase
from pathlib import Path

import click

from octobot.messages.config import place
from octobot.messages.terminal import inert
from octobot.model.config import ConfigFile
from octobot.model.errors import UserError
from octobot.model.ids import Sha
from octobot.policy.config.explain import Shown, for_repository, of_package, said_by
from octobot.policy.config.join import join, read_file
from octobot.policy.config.read import PATH
from octobot.policy.config.scalars import Faults

STDIN = "-"
_NO_BLOB = Sha("0" * 40)


def check(source: str) -> bool:
    """Print every fault with `file:line:column` and remedy; True when there is none."""
    file = read(source)
    if file is None:
        click.echo(f"{inert(source)} has no {PATH}: the defaults hold")
        return True
    if tell_faults(file):
        return False
    folder = Path(source)
    if source != STDIN and folder.is_dir():
        _tell_idle_rules(file, [spec.stem for spec in folder.glob("*.yaml")])
    click.echo(f"{inert(file.path)} can be read")
    return True


def show(package: str | None, *, source: str, organisation: str | None) -> bool:
    """Print what holds, for all packages or one, and who says so; False for a faulty file."""
    files = [file for each in (organisation, source) if each for file in [read(each)] if file]
    if sum(map(tell_faults, files)):
        return False
    layers = [values for file in files if not isinstance(values := read_file(file), Faults)]
    config = join(layers)
    rows = of_package(config, files, package) if package else for_repository(config, files)
    click.echo("\n".join(_table(rows)))
    return True


def read(source: str) -> ConfigFile | None:
    """Read a file, standard input (`-`), or the file of a repository's directory, if any."""
    if source == STDIN:
        return ConfigFile("<stdin>", _NO_BLOB, _decoded(sys.stdin.buffer.read()))
    path = Path(source)
    if path.is_dir():
        path = path / PATH
        if not path.exists():
            return None
    try:
        return ConfigFile(str(path), _NO_BLOB, _decoded(path.read_bytes()))
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}") from error


def tell_faults(file: ConfigFile) -> bool:
    """Print the faults of a file; True when there are any."""
    values = read_file(file)
    if not isinstance(values, Faults):
        return False
    for fault in values.all:
        click.echo(inert(f"{place(file.path, fault)}: {fault.says}", limit=1000))
    return True


def _tell_idle_rules(file: ConfigFile, names: list[str]) -> None:
    """Tell which patterns match no spec of the directory: no fault, but seldom meant."""
    told = set()
    for said in said_by(file):
        idle = said.match and not any(fnmatchcase(name, said.match) for name in names)
        if idle and said.match not in told:
            told.add(said.match)
            words = f"{said.path}:{said.line}: note: {said.match} matches no spec here"
            click.echo(inert(words, limit=1000))


def _table(rows: tuple[Shown, ...]) -> list[str]:
    keys = max(len(row.key) for row in rows)
    values = min(60, max(len(row.value) for row in rows))
    return [
        f"{row.key:<{keys}}  {row.value:<{values}}  " + (", ".join(map(str, row.said)) or "default")
        for row in rows
    ]


def _decoded(content: bytes) -> str | None:
    try:
        return content.decode()
    except UnicodeDecodeError:
        return None
