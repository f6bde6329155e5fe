"""`octobot config show`: the effective settings, and the lines that set them."""

import sys

import click

from octobot.cli.config.file import print_faults, read
from octobot.policy.config.explain import Shown, for_repository, of_package
from octobot.policy.config.join import join, read_file
from octobot.policy.config.read import PATH
from octobot.policy.config.scalars import Faults


@click.command("show")
@click.argument("package", required=False)
@click.option(
    "--file",
    "source",
    default=".",
    show_default=f"{PATH} of this directory",
    help="The repository's file, or its directory.",
)
@click.option("--organisation", metavar="FILE", help="The organisation's file, which it overrides.")
def command(package: str | None, *, source: str, organisation: str | None) -> None:
    """Show the effective settings, for all packages or one, and where each is set.

    Where several lines set the same thing, the last one wins.  Exit status 1 when a file has an
    error.
    """
    sys.exit(0 if show(package, source=source, organisation=organisation) else 1)


def show(package: str | None, *, source: str, organisation: str | None) -> bool:
    """Print the effective settings and their sources; False for a file with errors."""
    files = [file for each in (organisation, source) if each for file in [read(each)] if file]
    if sum(map(print_faults, files)):
        return False
    layers = [values for file in files if not isinstance(values := read_file(file), Faults)]
    config = join(layers)
    rows = of_package(config, files, package) if package else for_repository(config, files)
    click.echo("\n".join(_table(rows)))
    return True


def _table(rows: tuple[Shown, ...]) -> list[str]:
    keys = max(len(row.key) for row in rows)
    values = min(60, max(len(row.value) for row in rows))
    return [
        f"{row.key:<{keys}}  {row.value:<{values}}  "
        + (", ".join(map(str, row.mentions)) or "default")
        for row in rows
    ]
