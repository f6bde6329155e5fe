"""Commands about the repository's file and the policy: `octobot config …`, `octobot policy …`."""

import asyncio
import json
import sys

import click

from octobot.app.environment import settings_with_logs
from octobot.cli.config import config as files
from octobot.cli.policy import simulate as trying
from octobot.cli.policy.snapshot import snapshot as snapshot_of
from octobot.policy.config.keys import schema as schema_of_file
from octobot.policy.config.read import PATH

FILE = click.argument("source", metavar="FILE")


@click.group()
def config() -> None:
    """Check and explain the repository's file, `.github/octobot.yaml`."""


@config.command()
def schema() -> None:
    """Print the file's JSON Schema, for editors.

    Draft 2020-12.  It is made of the same table that octobot reads the file by.
    """
    click.echo(json.dumps(schema_of_file(), indent=2))


@config.command()
@FILE
def check(source: str) -> None:
    """Tell everything that is wrong with a file.

    FILE may be `-` for standard input, or a repository's directory.  Each fault is told as
    file:line:column with its remedy.  Exit status 1 when there is one.
    """
    sys.exit(0 if files.check(source) else 1)


@config.command()
@click.argument("package", required=False)
@click.option(
    "--file",
    "source",
    default=".",
    show_default=f"{PATH} of this directory",
    help="The repository's file, or its directory.",
)
@click.option("--organisation", metavar="FILE", help="The organisation's file, which it overrides.")
def show(package: str | None, *, source: str, organisation: str | None) -> None:
    """Tell what holds, for all packages or one, and which line says so.

    Where several lines speak of a setting the last one decides.  Exit status 1 when a file has a
    fault.
    """
    sys.exit(0 if files.show(package, source=source, organisation=organisation) else 1)


@click.group()
def policy() -> None:
    """Try what octobot would say of a pull request."""


@policy.command(name="try")
@click.argument("source", metavar="[PR.json]", required=False)
@click.option("--config", "config_file", metavar="FILE", help="Judge under this octobot.yaml.")
@click.option("--example", is_flag=True, help="Print a whole PR.json, to be changed and tried.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of lines.")
def try_(source: str | None, *, config_file: str | None, example: bool, as_json: bool) -> None:
    """Judge a saved pull request: merge, wait or block, and why.

    Asks nobody.  PR.json (`-` for standard input) holds all that a verdict rests on; every fact
    must be there.  Exit status 0 for merge, 1 for wait or block, 2 when a file cannot be read.
    """
    if example:
        click.echo(trying.example(), nl=False)
        return
    if source is None:
        raise click.UsageError("name a PR.json, or say --example to see one")
    sys.exit(trying.try_policy(source, config=config_file, as_json=as_json))


@policy.command()
@click.argument("name")
@click.option("--repository", metavar="OWNER/NAME", help="Where several have the package.")
def snapshot(name: str, *, repository: str | None) -> None:
    """Print the open pull request that bumps a package, for `policy try`.

    Reads GitHub and the upstreams as they are now, and changes nothing.
    """
    settings = settings_with_logs(quiet=True)
    click.echo(asyncio.run(snapshot_of(settings, name, repository=repository)), nl=False)
