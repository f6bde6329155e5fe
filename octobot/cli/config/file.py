"""The repository's file on a disk, before it is pushed."""

import sys
from pathlib import Path

import click

from octobot.messages.config import place
from octobot.messages.terminal import inert
from octobot.model.config import ConfigFile
from octobot.model.errors import UserError
from octobot.model.ids import Sha
from octobot.policy.config.join import read_file
from octobot.policy.config.read import PATH
from octobot.policy.config.scalars import Faults

STDIN = "-"
_NO_BLOB = Sha("0" * 40)


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


def print_faults(file: ConfigFile) -> bool:
    """Print the errors of a file; True when there are any."""
    values = read_file(file)
    if not isinstance(values, Faults):
        return False
    for fault in values.all:
        click.echo(inert(f"{place(file.path, fault)}: {fault.says}", limit=1000))
    return True


def _decoded(content: bytes) -> str | None:
    try:
        return content.decode()
    except UnicodeDecodeError:
        return None
